import type { SessionRecord } from "@peerscope/schema";

/** Recordings of other tools that can be read. */
export type ForeignFormat =
  | "getstats-lines"
  | "rtcstats"
  | "observertc-json"
  | "observertc-delta"
  | "observertc-protobuf"
  | "webrtc-internals";

/**
 * Why something was not used: not readable at all, cut off, larger than a limit, of a version that this release does not read,
 * an event or entry that has no counterpart, a part whose place in time is not known, or a stream whose earlier parts are missing.
 */
export type SkipCode =
  | "unreadable"
  | "truncated"
  | "limit-exceeded"
  | "version-unsupported"
  | "unknown-event"
  | "invalid-entry"
  | "time-unknown"
  | "out-of-step";

/** Something that could not be used; the rest is read. */
export interface Skipped {
  readonly code: SkipCode;
  /** Counted from 1; null where the source has no lines. */
  readonly line: number | null;
  /** Byte of the unpacked source where it begins; null when unknown. */
  readonly offset: number | null;
  readonly reason: string;
}

/** A participant or client of the source. */
export interface ForeignSession {
  /** Unique in the source. */
  readonly sessionId: string;
  /** Name that the source itself uses for the participant. */
  readonly peer: string | null;
  readonly userId: string | null;
  readonly callId: string | null;
}

/** Where what is read goes; called in order of the source. */
export interface ForeignSink {
  /** A participant or client of the source, before its first record. */
  session(session: ForeignSession): void;
  record(sessionId: string, record: SessionRecord): void;
  skipped(what: Skipped): void;
}

/** What was read of a source. */
export interface ForeignSummary {
  readonly format: ForeignFormat;
  readonly records: number;
  readonly skippedCount: number;
  /** What this source cannot show, in words for the session page. */
  readonly limits: readonly string[];
}

/**
 * Reads a source piece by piece. Bounded memory: what is larger than the limits is skipped and said. Never throws on odd input.
 */
export interface ForeignReader {
  push(chunk: Uint8Array): void;
  end(): ForeignSummary;
}
