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
 * The interval to the next round: the usual one (`baseMs`), or shorter around trouble, doubled until a round's cost is within the
 * budget. It becomes shorter again only with a quarter to spare, so that a cost near the limit does not make it swing.
 *
 * `lastMs` is the interval until now, `forCostMs` the one at which the cost of a round is all of the budget, `objects` the
 * number of statistics objects of a round.
 */
export function nextCadence(
  baseMs: number,
  lastMs: number,
  forCostMs: number,
  objects: number,
  isTroubled: boolean,
): Cadence {
  const forObjectsMs = objects * objectMs;
  const neededMs = Math.max(forCostMs, forObjectsMs);
  let intervalMs = isTroubled ? Math.min(baseMs, troubleMs) : baseMs;
  let reason: CadenceReason = intervalMs < baseMs ? "trouble" : "default";
  while (intervalMs < maxMs && neededMs > intervalMs * (intervalMs < lastMs ? 0.75 : 1)) {
    intervalMs *= 2;
    reason = forCostMs > forObjectsMs ? "cost" : "objects";
  }
  return { intervalMs, reason };
}
