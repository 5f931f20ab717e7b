/** Slows down who guesses passwords. In memory, bounded. An address of null is this machine, and not counted. */
export interface LoginThrottle {
  /**
   * Milliseconds to wait before the next try; 0: go ahead. A try counts as failed until `succeeded` says otherwise, so
   * that many at the same time are no way around it.
   */
  attempt(account: string, address: string | null): number;
  succeeded(account: string, address: string | null): void;
}

interface Rule {
  /** Failures without a pause. */
  readonly free: number;
  readonly maxPauseMs: number;
}

/** Short, because somebody else's guesses must not keep a person out for long. All ours. */
const accountRule: Rule = { free: 5, maxPauseMs: 60_000 };
/** More are free, because many people may share an address. */
const addressRule: Rule = { free: 20, maxPauseMs: 15 * 60_000 };
const firstPauseMs = 1_000;
/** Failures are forgotten after so long without another. */
const forgetMs = 60 * 60_000;
/** Accounts and addresses that are remembered; those that failed longest ago go first. */
const maxRemembered = 10_000;

interface Failures {
  count: number;
  /** Nothing is tried before. */
  until: number;
  lastAt: number;
}

export function createLoginThrottle(now: () => number): LoginThrottle {
  const remembered = new Map<string, Failures>();

  function read(key: string): Failures {
    const failures = remembered.get(key);
    if (failures === undefined || now() - failures.lastAt > forgetMs)
      return { count: 0, until: 0, lastAt: 0 };
    return failures;
  }

  function fail(key: string, { free, maxPauseMs }: Rule): void {
    const count = read(key).count + 1;
    const pauseMs = count < free ? 0 : Math.min(firstPauseMs * 2 ** (count - free), maxPauseMs);
    remembered.delete(key);
    remembered.set(key, { count, until: now() + pauseMs, lastAt: now() });
    const [oldest] = remembered.keys();
    if (remembered.size > maxRemembered && oldest !== undefined) remembered.delete(oldest);
  }

  return {
    attempt(account, address) {
      const until = Math.max(
        read(`account ${account}`).until,
        address === null ? 0 : read(`address ${address}`).until,
      );
      if (until > now()) return until - now();
      fail(`account ${account}`, accountRule);
      if (address !== null) fail(`address ${address}`, addressRule);
      return 0;
    },
    succeeded(account, address) {
      remembered.delete(`account ${account}`);
      // Only this try: whoever has an account could otherwise wipe out guesses at others.
      const failures = remembered.get(`address ${address}`);
      if (failures === undefined) return;
      failures.count -= 1;
      failures.until = 0;
    },
  };
}
