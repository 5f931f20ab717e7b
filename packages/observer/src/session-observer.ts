import type { MetricPoint, SessionAnalysis, SessionRecord } from "@peerscope/schema";

export interface SessionObserverOptions {
  /** Id that the results carry. */
  readonly sessionId: string;
  /** Participant name in a capture; null elsewhere. */
  readonly peer?: string | null;
  /** Called with every derived value, in order of time; for charts. Left out on the server: nothing is then computed for it. */
  readonly onMetric?: (point: MetricPoint) => void;
}

/**
 * Analyses one session from its records alone: no clock, no I/O. Records come in the order of the log.
 * The same records in any batching give the same analysis.
 */
export interface SessionObserver {
  push(record: SessionRecord): void;
  /** Everything known so far, open observations included. Does not change the state. */
  analysis(): SessionAnalysis;
  /** The log is complete: closes what is open (`session-end`) and returns the final analysis. */
  finish(): SessionAnalysis;
}
