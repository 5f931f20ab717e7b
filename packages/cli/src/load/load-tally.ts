/** What a run counted. */
export interface LoadTally {
  framesMade: number;
  framesSent: number;
  bytesSent: number;
  framesAcknowledged: number;
  /** Frames that were acknowledged, and that the server says later it does not have. Must be 0. */
  framesForgotten: number;
  connections: number;
  /** Connections that ended before their session. */
  reconnects: number;
  /** By code. */
  readonly refusals: Map<string, number>;
  /**
   * From the send of a frame to its acknowledgement, in ms, for those that were sent from `timedFrom` to `timedUntil`, in ms of the
   * clients' clock. Frames that were sent twice are not in it.
   */
  readonly latency: LatencyHistogram;
  /** The same in each stretch of `latencyStretchMs` from `timedFrom` on, by when the frames were sent. */
  readonly latencyStretches: LatencyHistogram[];
  readonly timedFrom: number;
  timedUntil: number;
}

/** So long is each stretch of which the latency is counted apart. */
export const latencyStretchMs = 10_000;

/** Notes how long a frame waited for its acknowledgement, when its time is one that is looked at. */
export function addLatency(tally: LoadTally, sentAt: number, acknowledgedAt: number): void {
  if (sentAt < tally.timedFrom || sentAt >= tally.timedUntil) return;
  const durationMs = acknowledgedAt - sentAt;
  tally.latency.add(durationMs);
  const index = Math.floor((sentAt - tally.timedFrom) / latencyStretchMs);
  while (tally.latencyStretches.length <= index) tally.latencyStretches.push(createLatencyHistogram());
  tally.latencyStretches[index]?.add(durationMs);
}

/** Counts of durations by the millisecond. */
export interface LatencyHistogram {
  add(durationMs: number): void;
  /** The duration that this share of all does not exceed, in whole ms; null without any. */
  quantile(share: number): number | null;
  readonly count: number;
  readonly maxMs: number;
}

export function createLoadTally(timedFrom: number): LoadTally {
  return {
    framesMade: 0,
    framesSent: 0,
    bytesSent: 0,
    framesAcknowledged: 0,
    framesForgotten: 0,
    connections: 0,
    reconnects: 0,
    refusals: new Map(),
    latency: createLatencyHistogram(),
    latencyStretches: [],
    timedFrom,
    timedUntil: Number.POSITIVE_INFINITY,
  };
}

/** Durations from here on are counted together. */
const mostMs = 120_000;

export function createLatencyHistogram(): LatencyHistogram {
  const counts = new Map<number, number>();
  let count = 0;
  let maxMs = 0;
  return {
    add(durationMs) {
      const whole = Math.min(mostMs, Math.max(0, Math.ceil(durationMs)));
      counts.set(whole, (counts.get(whole) ?? 0) + 1);
      count += 1;
      maxMs = Math.max(maxMs, durationMs);
    },
    quantile(share) {
      let left = Math.ceil(share * count);
      for (const [ms, ofIt] of [...counts].toSorted(([a], [b]) => a - b)) {
        left -= ofIt;
        if (left <= 0) return ms;
      }
      return null;
    },
    get count() {
      return count;
    },
    get maxMs() {
      return maxMs;
    },
  };
}
