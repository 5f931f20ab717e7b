/** Round trips of one connection with what went over it meanwhile: whether a queue fills with the own sending. */
export interface RoundTrips {
  /** Oldest first; the last two minutes. */
  readonly recent: RoundTrip[];
  /** Timestamp of the newest receiver report whose round trip was used. */
  reportAt: number;
}

/** One measured round trip, and the rates of the step in which it was measured. */
export interface RoundTrip {
  readonly at: number;
  readonly ms: number;
  readonly sentBps: number;
  readonly receivedBps: number;
}

/** How far back a baseline reaches, ms. Catalogue, uplink-bufferbloat. */
const windowMs = 120_000;
/** Entries that are kept at most: one for each evaluation step of two seconds. */
const maximumEntries = 60;

/** None yet. */
export function createRoundTrips(): RoundTrips {
  return { recent: [], reportAt: Number.NEGATIVE_INFINITY };
}

/** Remembers a round trip, and forgets those that are too old. */
export function rememberRoundTrip({ recent }: RoundTrips, measured: RoundTrip): void {
  recent.push(measured);
  while (recent.length > maximumEntries || measured.at - (recent[0]?.at ?? measured.at) > windowMs)
    recent.shift();
}

/** The shortest round trip that is remembered, ms. */
export function shortestMs({ recent }: RoundTrips): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (const { ms } of recent) shortest = Math.min(shortest, ms);
  return shortest;
}

/** What a tenth of the remembered round trips stay below, ms: the way without a queue. */
export function baselineMs({ recent }: RoundTrips): number {
  const sorted = recent.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 10)] ?? Number.POSITIVE_INFINITY;
}

/** Does the round trip follow a rate? Pearson's correlation, -1 to 1; null where one of the two stands still. */
export function correlationWith({ recent }: RoundTrips, rate: "sentBps" | "receivedBps"): number | null {
  const count = recent.length;
  let sumX = 0;
  let sumY = 0;
  for (const entry of recent) {
    sumX += entry[rate];
    sumY += entry.ms;
  }
  let both = 0;
  let squareX = 0;
  let squareY = 0;
  for (const entry of recent) {
    const x = entry[rate] - sumX / count;
    const y = entry.ms - sumY / count;
    both += x * y;
    squareX += x * x;
    squareY += y * y;
  }
  return squareX > 0 && squareY > 0 ? both / Math.sqrt(squareX * squareY) : null;
}
