import type { SessionEntry } from "./session-entry.ts";

/** Those who wait for something to happen to a session. */
export interface ChangeWaiters {
  wake(entry: SessionEntry): void;
  /** Resolves when the session is woken next, or after `waitMs`. */
  changed(entry: SessionEntry, waitMs: number): Promise<void>;
}

export function createChangeWaiters(): ChangeWaiters {
  const waiters = new Map<SessionEntry, Set<() => void>>();
  return {
    wake(entry) {
      for (const resolve of waiters.get(entry) ?? []) resolve();
    },
    changed(entry, waitMs) {
      return new Promise((resolve) => {
        const set = waiters.get(entry) ?? new Set();
        waiters.set(entry, set);
        const done = (): void => {
          clearTimeout(timer);
          set.delete(done);
          if (set.size === 0) waiters.delete(entry);
          resolve();
        };
        const timer = setTimeout(done, waitMs);
        set.add(done);
      });
    },
  };
}
