import type { ScoreWindow, SessionScore } from "@peerscope/schema";

/** Why media was legitimately absent: time that neither raises nor lowers a score. */
export type NotExpectedReason =
  | "muted"
  | "held"
  | "camera-off"
  | "tab-hidden"
  | "track-ended"
  | "paused"
  | "no-sender"
  | "before-first-media"
  | "connection-closed"
  | "not-joined";

/** Was this person supposed to receive media on this track during the interval? */
export type Expectation =
  | { readonly state: "expected" }
  | { readonly state: "not-expected"; readonly reason: NotExpectedReason }
  /** Nothing says whether the far end sends. While packets arrive it is scored as expected; a gap is not. */
  | { readonly state: "unknown"; readonly reason: "sender-unknown" };

/**
 * What happened on one received track between two samples. Counters are deltas of the browser's counters
 * over the interval, null where the browser did not report them or where a reset, a new SSRC, a new stats id or a codec
 * change made the difference meaningless. Intervals of one track come in order of time and do not overlap.
 * Suspended time (an interval longer than three sampling intervals) is not pushed at all.
 */
export interface ScoreInterval {
  /** Unix ms of the earlier and the later stats object (their own timestamps). */
  readonly from: number;
  readonly to: number;
  readonly pcId: string;
  readonly trackId: string;
  readonly kind: "audio" | "video";

  readonly expectation: Expectation;
  /**
   * The far end's packetsSent advanced in this interval (own outbound-rtp of the other session, or remote-outbound-rtp
   * before and after): true; known to stand still: false; nobody knows: null. What is learnt later
   * comes through `senderConfirmed`.
   */
  readonly senderSending: boolean | null;
  /** The connection below is disconnected, failed or reconnecting: media is expected and none can arrive. */
  readonly interrupted: boolean;
  /** Within 15 s after join, unmute, source, layer or codec change: video is computed but not pooled. */
  readonly rampUp: boolean;

  /** The codec of the track: "audio/opus", "video/VP8"...; null when unknown. */
  readonly mimeType: string | null;
  /** sdpFmtpLine of the codec: maxaveragebitrate, useinbandfec. */
  readonly fmtp: string | null;
  /** Hz; null means 48 000 for Opus and 8 000 for G.711. */
  readonly clockRate: number | null;

  readonly packetsReceived: number | null;
  /** May be negative when late packets arrived after they were counted lost; counts as 0 then. */
  readonly packetsLost: number | null;
  readonly packetsDiscarded: number | null;
  /** Bytes of payload, without headers, retransmissions included. */
  readonly bytesReceived: number | null;
  readonly retransmittedBytesReceived: number | null;

  /** Average over the interval, milliseconds: jitterBufferDelay / jitterBufferEmittedCount. Audio. */
  readonly jitterBufferDelayMs: number | null;
  /** Average over the interval, milliseconds: totalPlayoutDelay / totalSamplesCount of media-playout. Audio. */
  readonly playoutDelayMs: number | null;
  /** Round trip of this person's own path. 0 counts as unknown. */
  readonly rttMs: number | null;
  /** Round trip between the sender and the media server; only with `path` "server". */
  readonly senderRttMs: number | null;
  /** "direct": two browsers; "server": an SFU between them; null: unknown, the delay is then a lower bound. */
  readonly path: "direct" | "server" | null;

  /** Audio samples, concealed ones included. */
  readonly totalSamplesReceived: number | null;
  readonly concealedSamples: number | null;
  readonly silentConcealedSamples: number | null;
  readonly concealmentEvents: number | null;
  /** Milliseconds of the interval in which somebody spoke on this track; weight among several audio tracks. */
  readonly speechActiveMs: number | null;

  readonly framesDecoded: number | null;
  readonly framesRendered: number | null;
  readonly freezeCount: number | null;
  readonly pauseCount: number | null;
  /** Delta of totalFreezesDuration, milliseconds. Browsers book it when the freeze ends. */
  readonly freezesDurationMs: number | null;
  /** Delta of totalPausesDuration, milliseconds. */
  readonly pausesDurationMs: number | null;
  /**
   * Part of this interval, up to its end, without a new frame while a freeze is still running. Null lets the collector see it
   * itself: no frame decoded for 0.5 s or more while packets arrive or the sender sends.
   */
  readonly runningFreezeMs: number | null;
  readonly frameWidth: number | null;
  readonly frameHeight: number | null;
  /** Pixels the page shows (CSS size times devicePixelRatio squared), or the source's if fewer; null: unknown. */
  readonly neededPixels: number | null;
  /** nackCount exists: losses are repaired by retransmission. Null counts as repairable. */
  readonly repairable: boolean | null;
  /** contentType "screenshare" or a screen source: judged without frame rate and compression. */
  readonly screenShare: boolean;
}

/** What is known about the session as a whole when the score is asked for. */
export interface SessionOutcome {
  /** A connection was attempted and none ever carried media. */
  readonly neverConnected?: boolean;
  /** Abnormal end without a rejoin within 60 s. */
  readonly dropped?: boolean;
}

/** A window of one received track that cannot change any more. */
export interface SettledWindow {
  readonly pcId: string;
  readonly trackId: string;
  readonly kind: "audio" | "video";
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
  /** Null where nothing could be said. */
  readonly mos: number | null;
  /** Share of the window that was measured, 0 to 1. */
  readonly coverage: number;
}

/** Takes windows that cannot change any more. */
export interface SettledWindows {
  keep(window: SettledWindow): void;
}

export interface ScoreCollectorOptions {
  /** Unix ms to which the ten-second windows are aligned: the first record of the session. */
  readonly sessionStart: number;
  /** "broadcast": one-way listening, delay is then not scored. Default "interactive". */
  readonly audience?: "interactive" | "broadcast";
  /** Is given once each window in which media was expected, 10 to 20 s after its end. */
  readonly settled?: SettledWindows;
}

/** Everything needed to say that a sender did (or did not) send during a gap, learnt after the gap. */
export interface SenderConfirmation {
  readonly pcId: string;
  readonly trackId: string;
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
  /** true: packetsSent advanced more than what the gap's two ends explain; false: it stood still. */
  readonly sending: boolean;
}

/**
 * Gathers intervals into ten-second windows and turns them into the Experience Score of one session.
 * Memory grows by some 40 bytes per track and ten seconds. Two collectors that saw the same calls give the same result.
 */
export interface ScoreCollector {
  /** Intervals of one track in order of time; tracks may interleave. An interval across a window border is split by time. */
  push(interval: ScoreInterval): void;
  /** Unix ms at which the first connection was attempted. The earliest call wins. */
  connectionAttempted(at: number): void;
  /** Unix ms of the first remote media. The earliest call wins. */
  joined(at: number): void;
  /** Late knowledge about gaps: turns windows of reason `sender-unknown` into blackouts, or into time not expected. */
  senderConfirmed(confirmation: SenderConfirmation): void;
  /** The score of everything up to `end` (Unix ms). Changes nothing; may be called as often as one likes. */
  result(end: number, outcome?: SessionOutcome): SessionScore;
  /**
   * The number alone, the same as in `result`: where the points went is left out, and all windows but the last ones of the session. Costs little however
   * long the session is.
   */
  outline(end: number, outcome?: SessionOutcome): ScoreOutline;
}

/** What lists say of a score. */
export interface ScoreOutline extends Pick<SessionScore, "value" | "class" | "coverage"> {
  /** Of the session, at least those that end within its last 30 s. */
  readonly windows: readonly ScoreWindow[];
}
