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
  readonly timedFrom: number;
  timedUntil: number;
}

/** Counts of durations by the millisecond, in a fixed amount of memory. */
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
    timedFrom,
    timedUntil: Number.POSITIVE_INFINITY,
  };
}

/** Durations from here on are counted together. */
const histogramMs = 120_000;

export function createLatencyHistogram(): LatencyHistogram {
  const counts = new Uint32Array(histogramMs + 1);
  let count = 0;
  let maxMs = 0;
  return {
    add(durationMs) {
      const whole = Math.min(histogramMs, Math.max(0, Math.ceil(durationMs)));
      counts[whole] = (counts[whole] ?? 0) + 1;
      count += 1;
      maxMs = Math.max(maxMs, durationMs);
    },
    quantile(share) {
      if (count === 0) return null;
      let left = Math.ceil(share * count);
      for (let ms = 0; ms <= histogramMs; ms += 1) {
        left -= counts[ms] ?? 0;
        if (left <= 0) return ms;
      }
      return histogramMs;
    },
    get count() {
      return count;
    },
    get maxMs() {
      return maxMs;
    },
  };
}
