import { RowQueue } from "../pack/row-queue.ts";

/** Round trips of one connection with what went over it meanwhile: whether a queue fills with the own sending. */
export interface RoundTrips {
  /** Oldest first; the last two minutes. */
  readonly recent: RowQueue;
  /** Timestamp of the newest receiver report whose round trip was used. */
  reportAt: number;
}

/** One measured round trip, and the rates of the step in which it was measured. */
interface RoundTrip {
  readonly at: number;
  readonly ms: number;
  readonly sentBps: number;
  readonly receivedBps: number;
}

/** Columns of `recent`: the members of a round trip in their order. */
const columns = { at: 0, ms: 1, sentBps: 2, receivedBps: 3 } as const;

/** How far back a baseline reaches, ms. Catalogue, uplink-bufferbloat. */
const windowMs = 120_000;
/** Entries that are kept at most: one for each evaluation step of two seconds. */
const maximumEntries = 60;

/** None yet. */
export function createRoundTrips(): RoundTrips {
  return { recent: new RowQueue(4), reportAt: Number.NEGATIVE_INFINITY };
}

/** Remembers a round trip, and forgets those that are too old. */
export function rememberRoundTrip({ recent }: RoundTrips, { at, ms, sentBps, receivedBps }: RoundTrip): void {
  const row = recent.add();
  const { numbers } = recent;
  numbers[row + columns.at] = at;
  numbers[row + columns.ms] = ms;
  numbers[row + columns.sentBps] = sentBps;
  numbers[row + columns.receivedBps] = receivedBps;
  let over = Math.max(0, recent.length - maximumEntries);
  while (over < recent.length && at - recent.get(over, columns.at) > windowMs) over += 1;
  recent.drop(over);
}

/** When the oldest that is remembered was measured, Unix ms; null when there is none. */
export function oldestAt({ recent }: RoundTrips): number | null {
  return recent.length === 0 ? null : recent.get(0, columns.at);
}

/** The latest round trip, ms; null when there is none. */
export function latestMs({ recent }: RoundTrips): number | null {
  return recent.length === 0 ? null : recent.get(recent.length - 1, columns.ms);
}

/** The shortest round trip that is remembered, ms. */
export function shortestMs({ recent }: RoundTrips): number {
  let shortest = Number.POSITIVE_INFINITY;
  const { numbers, length } = recent;
  for (let row = 0; row < length; row += 1) {
    const ms = numbers[recent.startOf(row) + columns.ms] ?? Number.NaN;
    // Also where one of them is none.
    if (!(ms >= shortest)) shortest = Math.min(shortest, ms);
  }
  return shortest;
}

/** What a tenth of the remembered round trips stay below, ms: the way without a queue. */
export function baselineMs({ recent }: RoundTrips): number {
  const sorted = Array.from({ length: recent.length }, (_, row) => recent.get(row, columns.ms)).sort(
    (a, b) => a - b,
  );
  return sorted[Math.floor((sorted.length - 1) / 10)] ?? Number.POSITIVE_INFINITY;
}

/** Does the round trip follow a rate? Pearson's correlation, -1 to 1; null where one of the two stands still. */
export function correlationWith({ recent }: RoundTrips, rate: "sentBps" | "receivedBps"): number | null {
  const count = recent.length;
  let sumX = 0;
  let sumY = 0;
  for (let row = 0; row < count; row += 1) {
    sumX += recent.get(row, columns[rate]);
    sumY += recent.get(row, columns.ms);
  }
  let both = 0;
  let squareX = 0;
  let squareY = 0;
  for (let row = 0; row < count; row += 1) {
    const x = recent.get(row, columns[rate]) - sumX / count;
    const y = recent.get(row, columns.ms) - sumY / count;
    both += x * y;
    squareX += x * x;
    squareY += y * y;
  }
  return squareX > 0 && squareY > 0 ? both / Math.sqrt(squareX * squareY) : null;
}
