/** What an address has at the same time. */
export type AddressUse = "connections" | "posts" | "foreign";

/**
 * What clients do, by the address that they come from. An address without connections is forgotten when its minute is over, so the book
 * is as large as the number of connections, and of addresses that began a session within a minute.
 */
export interface AddressBook {
  /** False when the address has as many already. Null counts nothing. Who was let in calls `leave` once. */
  enter(address: string | null, use: AddressUse): boolean;
  leave(address: string | null, use: AddressUse): void;
  /** Takes one new session off what the address may begin; false when it has begun too many. */
  beginSession(address: string | null): boolean;
  /** Addresses that it knows. */
  readonly size: number;
}

export interface AddressBookOptions {
  readonly most: Readonly<Record<AddressUse, number>>;
  readonly newSessionsPerMinute: number;
  /** Milliseconds of a clock that is never set. */
  readonly monotonicMs: () => number;
  /** Addresses without connections that are remembered at most; beyond it the oldest are forgotten. Default 50,000: some 10 MB. */
  readonly maxRemembered?: number;
}

interface AddressState {
  readonly uses: Record<AddressUse, number>;
  /** Sessions that it may begin now, as of `at`. */
  tokens: number;
  at: number;
}

const minuteMs = 60_000;
const defaultMaxRemembered = 50_000;

export function createAddressBook(options: AddressBookOptions): AddressBook {
  const { most, newSessionsPerMinute, monotonicMs } = options;
  const maxRemembered = options.maxRemembered ?? defaultMaxRemembered;
  /** In the order in which addresses were last without connections; those that have some are in `states` only. */
  const remembered = new Set<string>();
  const states = new Map<string, AddressState>();

  function stateOf(address: string): AddressState {
    let state = states.get(address);
    if (state === undefined) {
      state = {
        uses: { connections: 0, posts: 0, foreign: 0 },
        tokens: newSessionsPerMinute,
        at: monotonicMs(),
      };
      states.set(address, state);
    }
    return state;
  }

  /** Its last use is over: it is remembered for as long as it began sessions a moment ago. */
  function rest(address: string, state: AddressState): void {
    const { connections, posts, foreign } = state.uses;
    if (connections + posts + foreign > 0) return;
    remembered.delete(address);
    if (state.tokens < newSessionsPerMinute) remembered.add(address);
    else states.delete(address);
    forget();
  }

  /** Amortised: each call looks at no more than it forgets, and one. */
  function forget(): void {
    const before = monotonicMs() - minuteMs;
    for (const address of remembered) {
      const state = states.get(address);
      if (state !== undefined && state.at > before && remembered.size <= maxRemembered) return;
      remembered.delete(address);
      states.delete(address);
    }
  }

  return {
    enter(address, use) {
      if (address === null) return true;
      const state = stateOf(address);
      const isLetIn = state.uses[use] < most[use];
      if (isLetIn) {
        state.uses[use] += 1;
        remembered.delete(address);
      } else rest(address, state);
      return isLetIn;
    },
    leave(address, use) {
      const state = address === null ? undefined : states.get(address);
      if (address === null || state === undefined) return;
      state.uses[use] -= 1;
      rest(address, state);
    },
    beginSession(address) {
      if (address === null) return true;
      const state = stateOf(address);
      const now = monotonicMs();
      const gained = ((now - state.at) / minuteMs) * newSessionsPerMinute;
      state.tokens = Math.min(newSessionsPerMinute, state.tokens + gained);
      state.at = now;
      const isLetIn = state.tokens >= 1;
      if (isLetIn) state.tokens -= 1;
      rest(address, state);
      return isLetIn;
    },
    get size() {
      return states.size;
    },
  };
}
