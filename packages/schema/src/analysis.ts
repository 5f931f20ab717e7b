import type { CallShare, MicrophoneSpan } from "./call-share.ts";
import type { JsonValue } from "./json.ts";

/** Closed list; info never alerts and never lowers a score. */
export type Severity = "info" | "minor" | "major" | "critical";

/** Closed list of fault domains, shared by every document and package. */
export const faultDomains = [
  "publisher-device",
  "publisher-uplink",
  "sfu",
  "turn",
  "receiver-downlink",
  "receiver-device",
  "application",
  "browser",
  "voice-agent-backend",
  "population",
  "remote",
  "unknown",
] as const;

/** Whose fault it was. `remote`: someone else in the call, only this side was recorded; `unknown`: see alternatives. */
export type FaultDomain = (typeof faultDomains)[number];

/** What an observation is about. Absent members do not narrow it. */
export interface ObservationScope {
  readonly sessionId: string;
  readonly participantId: string | null;
  /** The peer connection. */
  readonly pcId?: string;
  readonly trackId?: string;
  readonly mid?: string;
  readonly rid?: string;
  readonly ssrc?: number;
  readonly peerParticipantId?: string;
  /** "audio" or "video", and which way the media flows for this person. */
  readonly kind?: "audio" | "video";
  readonly direction?: "inbound" | "outbound";
}

/** A measured value that speaks for (or against) an observation. */
export interface Evidence {
  /** W3C stats type, or "event", or "derived". */
  readonly stat: string;
  /** W3C member name, event name, or name of the derived value. */
  readonly field: string;
  readonly value: JsonValue;
  /** "ms", "%", "bit/s", "frames/s", "s", "" ... */
  readonly unit: string;
  /** Unix ms range in which it was measured. */
  readonly from: number;
  readonly to: number;
  /** The limit it was compared with, in the same unit. */
  readonly limit?: number;
}

export type EndReason = "cleared" | "subject-removed" | "session-end" | "not-computable";

/** What an observation that a project defined itself says, for readers that do not know it. */
export interface ObservationWords {
  readonly title: string;
  readonly meaning: string;
  readonly support: string;
  readonly developer: string;
}

/** A finding with a stable id. Times are Unix milliseconds from stats and events, never arrival times. */
export interface Observation {
  /** Stable catalogue id, for example "uplink-loss". */
  readonly id: string;
  /** Unique in the session and the same in every replay: id, subject and start. Used by parentId and links. */
  readonly key: string;
  readonly catalogVersion: string;
  readonly severity: Severity;
  readonly category: string;
  readonly scope: ObservationScope;
  readonly startedAt: number;
  readonly clearedAt: number | null;
  readonly endReason: EndReason | null;
  /** Worst value seen, with its time; null when the observation has no magnitude. */
  readonly peak: Evidence | null;
  readonly evidence: readonly Evidence[];
  /** What speaks against it. */
  readonly counter: readonly Evidence[];
  /** Inputs that were absent and would have helped. */
  readonly missing: readonly string[];
  readonly domainHint: FaultDomain;
  /** `key` of the observation that explains this one; null for a cause of its own. */
  readonly parentId: string | null;
  readonly verdict: Verdict | null;
  /** Only of observations that are not in the catalogue. */
  readonly words?: ObservationWords;
}

/** One signal for or against a verdict. */
export interface VerdictSignal {
  readonly observationId?: string;
  readonly stat?: string;
  readonly text: string;
  /** 0..1, see the weights in the observation catalogue. */
  readonly weight: number;
  readonly from?: number;
  readonly to?: number;
}

/** The fault domain of a session or call, how sure it is, and why. */
export interface Verdict {
  readonly faultDomain: FaultDomain;
  /** 0..0.95 */
  readonly confidence: number;
  /** Observation id of the stated cause; may be set although the domain is unknown (a path, not an end of it). */
  readonly statedCause: string | null;
  readonly for: readonly VerdictSignal[];
  readonly against: readonly VerdictSignal[];
  readonly missing: readonly {
    readonly what: string;
    readonly why: string;
    readonly wouldDecide: readonly FaultDomain[];
  }[];
  readonly alternatives: readonly { readonly faultDomain: FaultDomain; readonly confidence: number }[];
}

/** One explained loss of points; all of a session's reasons add up to 100 minus its score. */
export interface ScoreReason {
  readonly points: number;
  /** "codec" | "loss" | "delay" | "compression" | "frame-rate" | "resolution" | "freeze" | "join" | "drop" | "never-connected" | "blackout" */
  readonly term: string;
  readonly from: number;
  readonly to: number;
  /** Track or leg it was lost on, in words of ids: "audio in", "video in", "session". */
  readonly subject: string;
}

export type ScoreClass = "good" | "fair" | "poor" | "failed" | "dropped" | "not-measured";

/** Ten seconds of one received track, or of the whole session (`scope: "session"`). */
export interface ScoreWindow {
  readonly scope: "track" | "session";
  readonly from: number;
  readonly to: number;
  readonly pcId?: string;
  readonly trackId?: string;
  readonly kind?: "audio" | "video";
  /** 1..4.9, null with a reason when it cannot be known. */
  readonly mos: number | null;
  /** 0..100 form of the same value. */
  readonly score: number | null;
  readonly reason: string | null;
  readonly flags: readonly string[];
  readonly terms: readonly { readonly term: string; readonly lostMos: number }[];
}

/** The Experience Score of a session, with everything that explains it. */
export interface SessionScore {
  readonly modelVersion: string;
  /** 0..100, null with a reason. */
  readonly value: number | null;
  readonly reason: string | null;
  readonly class: ScoreClass;
  readonly flags: readonly string[];
  /** 0..1 share of expected windows that could be scored. */
  readonly coverage: number;
  /** 0..1 share of scored windows with MOS >= 3.6; null without windows. */
  readonly goodMinutes: number | null;
  readonly reasons: readonly ScoreReason[];
  readonly windows: readonly ScoreWindow[];
}

/** Metrics the observer derives from every interval between two samples, for charts and rows. */
export const metricNames = [
  "bitrate-bps",
  "packet-rate",
  "loss-ratio",
  "jitter-ms",
  "round-trip-time-ms",
  "frames-per-second",
  "frame-height",
  "frame-width",
  "audio-level-dbfs",
  "concealment-ratio",
  "jitter-buffer-delay-ms",
  "freeze-ratio",
  "available-outgoing-bitrate-bps",
  "target-bitrate-bps",
] as const;
export type MetricName = (typeof metricNames)[number];

/** What a metric was measured on. */
export interface MetricSubject {
  readonly pcId: string;
  /** Id of the stats object, stable while the series goes on. */
  readonly statsId: string;
  readonly kind: "audio" | "video" | "transport";
  /** Seen from this person: media they receive, media they send (own counters), or the far end's report on it. */
  readonly direction: "inbound" | "outbound" | "remote-report";
  readonly trackId?: string;
  readonly mid?: string;
  readonly rid?: string;
  readonly ssrc?: number;
}

/** One derived value; null where the browser did not report what it needs (a gap, never a zero). */
export interface MetricPoint {
  /** Unix ms, end of the interval. */
  readonly at: number;
  /** Of the closed list, or of a metric that the project defined itself. */
  readonly name: MetricName | `custom:${string}`;
  readonly subject: MetricSubject;
  readonly value: number | null;
}

/** Everything the observer says about one session. Plain JSON; the same log gives the same bytes. */
export interface SessionAnalysis {
  readonly catalogVersion: string;
  readonly scoreVersion: string;
  readonly sessionId: string;
  readonly callId: string | null;
  readonly userId: string | null;
  /** Participant name in a capture ("a"); null elsewhere. */
  readonly peer: string | null;
  /** Unix ms of the first and the last record. */
  readonly start: number;
  readonly end: number;
  /** The log says that the session is over. */
  readonly ended: boolean;
  readonly context: { readonly [member: string]: JsonValue };
  readonly counts: { readonly samples: number; readonly events: number; readonly connections: number };
  readonly score: SessionScore;
  readonly verdict: Verdict;
  readonly observations: readonly Observation[];
  /** What the analysis of the call takes from this session. Absent in analyses of older versions. */
  readonly callShare?: CallShare;
}

/** Names of the two ends of the path that the verdict of a call is about; null where nobody can be named. */
export interface CallPeople {
  readonly sender: string | null;
  readonly receiver: string | null;
  /** The same was measured on the way back at the time, so it is about the path as a whole. */
  readonly bothWays?: boolean;
}

/** An observation that another one explains: of a session from outside of it, or of the call. */
export interface CallLink {
  /** `key` of what is explained, in the session or call that has this link. */
  readonly key: string;
  /** The session of the other observation; null for one of the call. */
  readonly bySessionId: string | null;
  readonly byKey: string;
}

/** One session as its call sees it. */
export interface CallSession {
  readonly sessionId: string;
  /** What this session says by itself, and what is said of it when the others are known. */
  readonly alone: Verdict;
  readonly verdict: Verdict;
  /** Whom `verdict` is about. */
  readonly people: CallPeople | null;
  readonly explained: readonly CallLink[];
  /** When nobody could hear this person although nothing was wrong. Absent when there was no such time. */
  readonly microphoneOff?: readonly MicrophoneSpan[];
}

/** One direction of one person in which the network was in trouble. */
export interface CallLeg {
  readonly sessionId: string;
  readonly direction: "inbound" | "outbound";
  readonly verdict: Verdict;
  readonly people: CallPeople;
}

/** What one person received of another one, of one kind. */
export interface CallPair {
  /** Null: it fits nobody who was measured. */
  readonly senderId: string | null;
  readonly receiverId: string;
  readonly kind: "audio" | "video";
  /** Mean score of all its windows, 0 to 100. */
  readonly mean: number;
  /** Worst score of each bucket, 0 to 100; null where nothing could be scored: muted, off, not there. */
  readonly scores: readonly (number | null)[];
}

/** Who received whom how well, on one axis of time. */
export interface CallPairs {
  /** Unix ms, start of the first bucket. */
  readonly from: number;
  readonly bucketMs: number;
  /** By receiver, sender, kind. */
  readonly pairs: readonly CallPair[];
}

/** What is said about the sessions of one call together. */
export interface CallAnalysis {
  readonly callId: string | null;
  readonly verdict: Verdict;
  /** Whom the verdict is about; null when it states nothing. Absent in analyses of older versions. */
  readonly people?: CallPeople | null;
  /** Found only by looking at all sessions together, in the order of time. `sessionId` of the scope is "" when nobody is meant. */
  readonly observations: readonly Observation[];
  /** Which of them are explained, and by what. */
  readonly explained: readonly CallLink[];
  /** By session, in the order of their ids. */
  readonly sessions: readonly CallSession[];
  /** Only those in trouble; of both directions of every session, in the order of their ids. */
  readonly legs: readonly CallLeg[];
  readonly pairs: CallPairs;
  readonly score: { readonly mean: number | null; readonly worst: number | null };
}

/** The document that `peerscope analyze --json` prints. */
export interface AnalysisReport {
  readonly catalogVersion: string;
  readonly scoreVersion: string;
  readonly sessions: readonly SessionReport[];
  readonly call: CallAnalysis | null;
}

/** One session in that document: the score flattened to number and reasons. */
export interface SessionReport {
  readonly sessionId: string;
  readonly callId: string | null;
  readonly userId: string | null;
  readonly peer: string | null;
  readonly start: number;
  readonly end: number;
  readonly score: number | null;
  readonly scoreClass: ScoreClass;
  readonly scoreReasons: readonly ScoreReason[];
  readonly verdict: Verdict;
  readonly observations: readonly Observation[];
}
