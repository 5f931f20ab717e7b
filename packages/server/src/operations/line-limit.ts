/** Lets a few lines of each kind through, so that whoever is refused a thousand times a second fills no disk. */
export interface LineLimit {
  /**
   * How many of this kind were held back since the last one that was let through; null: hold this one back too.
   * Kinds are a closed list.
   */
  pass(kind: string): number | null;
}

/** Lines of a kind within a period, in milliseconds. Ours. */
const linesPerPeriod = 10;
const periodMs = 60_000;

/** @param monotonicMs milliseconds of a clock that is never set. */
export function createLineLimit(monotonicMs: () => number): LineLimit {
  const kinds = new Map<string, { since: number; lines: number; held: number }>();
  return {
    pass(kind) {
      const now = monotonicMs();
      const state = kinds.get(kind) ?? { since: now, lines: 0, held: 0 };
      kinds.set(kind, state);
      if (now - state.since >= periodMs) {
        state.since = now;
        state.lines = 0;
      }
      if (state.lines >= linesPerPeriod) {
        state.held += 1;
        return null;
      }
      state.lines += 1;
      const { held } = state;
      state.held = 0;
      return held;
    },
  };
}

/**
 * Writes a line unless there were many of its kind within a minute; the next one says how many are missing.
 * Kinds are a closed list.
 */
export type WriteBounded = (kind: string, write: (held: { readonly heldBack?: number }) => void) => void;

/** @param monotonicMs milliseconds of a clock that is never set. */
export function createBoundedLines(monotonicMs: () => number): WriteBounded {
  const lines = createLineLimit(monotonicMs);
  return (kind, write) => {
    const held = lines.pass(kind);
    if (held !== null) write(held === 0 ? {} : { heldBack: held });
  };
}
