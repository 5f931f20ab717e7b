/** What the next interval depends on. */
export interface CadenceState {
  /** Asked for by the app, in milliseconds. */
  readonly baseMs: number;
  /** In force now, in milliseconds. */
  readonly intervalMs: number;
  /** Time that the SDK takes on the main thread, a round of samples, in milliseconds; smoothed. */
  readonly costMs: number;
  /** Share of the main thread that the SDK may take. */
  readonly cpuBudget: number;
  /** Statistics objects of the last round. */
  readonly objects: number;
  /** Something went wrong a moment ago. */
  readonly isTroubled: boolean;
}

/** Why the interval is what it is: `reason` of the event `sampling-interval-changed`. */
export type CadenceReason = "default" | "trouble" | "cost" | "objects";

export interface Cadence {
  readonly intervalMs: number;
  readonly reason: CadenceReason;
}

/** Around trouble. Ours: twice the usual cadence; Chromium 156 answers from a cache for 50 ms. */
const troubleMs = 500;
/** Each statistics object asks for this much of the interval: 200 of them are a second. Ours. */
const objectMs = 5;
/** However slow the machine: a longer silence says nothing about a call. Ours. */
const maxMs = 16_000;

/**
 * The interval to the next round: the usual one, or shorter around trouble, doubled until the cost is within the budget.
 * It becomes shorter again only with a quarter to spare, so that a cost near the limit does not make it swing.
 */
export function nextCadence(state: CadenceState): Cadence {
  const { baseMs, intervalMs: lastMs, isTroubled } = state;
  const forCost = state.costMs / state.cpuBudget;
  const forObjects = state.objects * objectMs;
  const needed = Math.max(forCost, forObjects);
  let intervalMs = isTroubled ? Math.min(baseMs, troubleMs) : baseMs;
  let reason: CadenceReason = intervalMs < baseMs ? "trouble" : "default";
  while (intervalMs < maxMs && needed > intervalMs * (intervalMs < lastMs ? 0.75 : 1)) {
    intervalMs *= 2;
    reason = forCost > forObjects ? "cost" : "objects";
  }
  return { intervalMs, reason };
}
