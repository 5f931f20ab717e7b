import type { JsonObject } from "./json.ts";

/**
 * Names of the events that Peerscope itself writes, each with the members of its `data`.
 * The same strings stand in code, log, rows, docs and UI. `at` of the record is when it happened. The parts below are types, not
 * interfaces: an interface is no JsonObject.
 */
export interface EventData {
  /** A peer connection exists. `configuration` has no credentials. */
  "connection-created": { readonly name?: string; readonly configuration?: JsonObject };
  /** The app closed it. */
  "connection-closed": { readonly reason?: string };
  /** RTCPeerConnection.connectionState changed. */
  "connection-state-changed": { readonly state: string };
  "ice-connection-state-changed": { readonly state: string };
  "ice-gathering-state-changed": { readonly state: string };
  "signaling-state-changed": { readonly state: string };
  "negotiation-needed": Record<string, never>;
  /** A local candidate; the address is reduced to its network. */
  "ice-candidate-gathered": SeenCandidate;
  "ice-candidate-failed": {
    readonly errorCode: number;
    readonly errorText?: string;
    readonly url?: string;
    /** Local address from which the server was asked. */
    readonly address?: string | null;
    readonly port?: number | null;
  };
  /**
   * An instrumented function was called; `callId` joins it with its outcome. Arguments are bounded and redacted. The `sdp` of a
   * session description is a `RecordedSdp`: the whole text, or what differs from an earlier one of the same connection.
   */
  "api-called": {
    readonly callId: number;
    readonly method: string;
    readonly arguments?: JsonObject;
  };
  /**
   * The outcome of that call. `result` is a created description, the one that setLocalDescription() made by itself, a stream,
   * or the settings after applyConstraints. A failed getStats of the app has only this, no "api-called".
   */
  "api-settled": {
    readonly callId: number;
    readonly method: string;
    readonly outcome: "fulfilled" | "rejected";
    readonly durationMs: number;
    readonly error?: { readonly name: string; readonly message: string; readonly constraint?: string };
    readonly result?: JsonObject;
  };
  /** State of a local or remote MediaStreamTrack when first seen and at each change. */
  "track-state-changed": {
    readonly trackId: string;
    readonly kind: "audio" | "video";
    readonly direction: "local" | "remote";
    readonly enabled: boolean;
    readonly muted: boolean;
    readonly readyState: "live" | "ended";
    /** The app called stop(): the end is intended. */
    readonly stoppedByApp?: boolean;
    /** "camera" | "microphone" | "screen" | "other", where known. */
    readonly source?: string;
    /** MediaStreamTrack.contentHint, if the app gave one. */
    readonly contentHint?: string;
    /** What the browser makes of the constraints, when first seen; only of a local one. */
    readonly settings?: JsonObject;
  };
  /** A sender has another track than before: replaceTrack took effect, or addTrack or removeTrack on a sender that was there. */
  "sender-track-replaced": {
    readonly from: string | null;
    readonly to: string | null;
    readonly kind: string;
  };
  /** A transceiver when first seen and at each change: what joins a sender, its track and the `mid` of outbound-rtp. */
  "transceiver-changed": SeenTransceiver;
  /** The `track` event: the other end sends something. */
  "remote-track-added": {
    readonly trackId: string;
    readonly kind: "audio" | "video";
    readonly mid: string | null;
    readonly streamIds: readonly string[];
  };
  /** A data channel when first seen and at each change: "connecting" | "open" | "closing" | "closed". */
  "data-channel-state-changed": SeenDataChannel;
  /** Its `error` event. One comes too when the other end closes its connection ("User-Initiated Abort"). */
  "data-channel-failed": SeenDataChannel & RtcErrorFacts;
  /** More than 1 MB waits to be sent, or less than half of that again. */
  "data-channel-buffer-changed": SeenDataChannel;
  /** RTCDtlsTransport. `mid` is that of the first media section that uses the transport; absent for data. */
  "dtls-state-changed": { readonly state: string; readonly mid?: string };
  "dtls-failed": RtcErrorFacts & { readonly mid?: string };
  /** RTCIceTransport. */
  "ice-transport-state-changed": { readonly state: string; readonly mid?: string };
  /** The pair that media takes from now on; addresses are reduced to their network. */
  "selected-candidate-pair-changed": {
    readonly local: SeenCandidate;
    readonly remote: SeenCandidate;
    readonly mid?: string;
  };
  /** RTCSctpTransport, which carries all data channels. */
  "sctp-state-changed": { readonly state: string };
  /** Cameras, microphones and loudspeakers that the page can see: first seen, or seen with other names than before. */
  "devices-listed": DeviceCounts & { readonly devices: readonly SeenDevice[] };
  /** Devices came or went. */
  "devices-changed": DeviceCounts & {
    readonly added?: readonly SeenDevice[];
    readonly removed?: readonly SeenDevice[];
  };
  /** What the user lets the page use: at the start and at each change. */
  "permission-state-changed": {
    readonly name: "camera" | "microphone";
    readonly state: "granted" | "denied" | "prompt";
  };
  /** An `<audio>` or `<video>` element that plays a MediaStream: when first seen and at each change, at most once a second. */
  "media-element-changed": {
    /** Unique in the page. */
    readonly elementId: string;
    readonly tagName: "audio" | "video";
    readonly trackIds: readonly string[];
    readonly paused: boolean;
    /** The app called pause(). */
    readonly pausedByApp?: boolean;
    readonly muted: boolean;
    /** 0 to 1. */
    readonly volume: number;
    /** Pixels that are received; 0 without video. */
    readonly videoWidth: number;
    readonly videoHeight: number;
    /** Device pixels it fills on the screen; 0 when it is not shown. */
    readonly displayWidth: number;
    readonly displayHeight: number;
  };
  /** An element stopped playing without being told to. `reason`: "waiting" | "stalled" | "error". */
  "media-element-stalled": { readonly elementId: string; readonly reason: string };
  /** It plays again. */
  "media-element-resumed": { readonly elementId: string; readonly stalledMs: number };
  /** `play()` was refused: "NotAllowedError" when the browser wants a gesture of the user first. */
  "media-element-play-refused": {
    readonly elementId: string;
    readonly error: { readonly name: string; readonly message: string };
  };
  /** State of an AudioContext when first seen and at each change: suspended, one is silent. */
  "audio-context-state-changed": {
    /** Unique in the page. */
    readonly contextId: string;
    readonly state: string;
    readonly sampleRate: number;
    readonly baseLatencyMs?: number;
    readonly outputLatencyMs?: number;
  };
  /** How busy the processor of the machine is: "nominal" | "fair" | "serious" | "critical" (Compute Pressure). */
  "compute-pressure-changed": { readonly state: string };
  /** The main thread was blocked within the last `periodMs`: tasks of more than 50 ms, and how late a timer came. */
  "main-thread-blocked": {
    readonly periodMs: number;
    readonly tasks: number;
    readonly totalMs: number;
    readonly longestMs: number;
    readonly timerLateMs: number;
  };
  "battery-changed": {
    readonly charging: boolean;
    /** In steps of 0.1, from 0 to 1. */
    readonly level: number;
  };
  /** What the browser believes about the network (Network Information). */
  "network-information-changed": {
    readonly type?: string;
    readonly effectiveType?: string;
    readonly rttMs?: number;
    readonly downlinkMbps?: number;
    readonly saveData?: boolean;
  };
  "page-visibility-changed": { readonly visible: boolean };
  /** "frozen" and "resumed" (Page Lifecycle), "restored" from the back/forward cache. */
  "page-lifecycle-changed": { readonly state: string };
  "network-online-changed": { readonly online: boolean };
  /** The app's own event. */
  "app-event": { readonly name: string; readonly data?: JsonObject };
  /** What the user thinks of the call: from 1 to `max`, 5 if absent. */
  "call-rated": { readonly value: number; readonly max?: number; readonly comment?: string };
  /** The user says that something is wrong. `code` is what they can read out; it is a tag of the session too. */
  "issue-reported": { readonly code: string; readonly text?: string };
  /** getStats is asked at another cadence from now on: "default" | "trouble" | "cost" | "objects". */
  "sampling-interval-changed": { readonly intervalMs: number; readonly reason: string };
  /** What the SDK itself cost since it was started on this page; told each minute. */
  "sdk-cost": {
    readonly samples: number;
    /** Time of the SDK on the main thread, without what the browser takes for getStats. */
    readonly collectMs: number;
    /** Time until getStats answered, summed; most of it is not on the main thread. */
    readonly getStatsMs: number;
    readonly intervalMs: number;
    /** Of encoded frames. */
    readonly bytes: number;
  };
  /** Records the SDK had to give up, by reason. */
  "sdk-records-lost": { readonly reason: string; readonly samples: number; readonly events: number };
  /** Something inside the SDK failed and was caught; reported once per place. */
  "sdk-error": { readonly place: string; readonly message: string };
  /** The session is over: "stopped" by the app, "pagehide", or "sdk-failed". Nothing follows, unless the page comes back. */
  "session-ended": { readonly reason: string };
  /** The page was reloaded, or another one took its place, after "pagehide". What the page before had is gone. */
  "session-resumed": {
    /** Pages of this session, with this one. */
    readonly pages: number;
  };
}

/** A candidate of either end, as far as the browser says. */
export type SeenCandidate = {
  readonly type?: string | null;
  readonly protocol?: string | null;
  readonly address?: string | null;
  readonly port?: number | null;
  readonly url?: string | null;
  readonly relayProtocol?: string | null;
};

/** RTCError. */
export type RtcErrorFacts = {
  /** "dtls-failure", "sctp-failure", … */
  readonly errorDetail?: string;
  readonly message?: string;
  /** Number of the TLS alert that was received or sent. */
  readonly receivedAlert?: number | null;
  readonly sentAlert?: number | null;
  readonly sctpCauseCode?: number | null;
};

/** RTCRtpTransceiver. The track of its receiver is there from the beginning and names it, when there is no `mid` yet. */
export type SeenTransceiver = {
  readonly mid: string | null;
  readonly kind: "audio" | "video";
  /** What the app wants. */
  readonly direction: string;
  /** What was negotiated. */
  readonly currentDirection: string | null;
  /** Track of the sender: `trackIdentifier` of the media-source that `mediaSourceId` of its outbound-rtp names. */
  readonly senderTrackId: string | null;
  readonly receiverTrackId: string;
};

/** RTCDataChannel; its messages are never read. */
export type SeenDataChannel = {
  readonly state: string;
  readonly label: string;
  readonly id: number | null;
  readonly protocol: string;
  readonly ordered: boolean;
  readonly maxRetransmits: number | null;
  readonly maxPacketLifeTime: number | null;
  /** Bytes. */
  readonly bufferedAmount: number;
};

/** A device of the page. Its name never leaves the page. */
export type SeenDevice = {
  readonly kind: "audioinput" | "audiooutput" | "videoinput";
  /** What its name says it is: "built-in" | "usb" | "bluetooth" | "headset" | "virtual" | "other"; "unknown" without a name. */
  readonly type: string;
  /** Hash of name and project: the same device is recognised again within a project. Absent without a name. */
  readonly device?: string;
  /** The system prefers it: "default" or "communications". */
  readonly role?: string;
};

/** How many of each kind there are; entries for the choice of the system are not counted twice. */
type DeviceCounts = {
  readonly audioInputs: number;
  readonly videoInputs: number;
  readonly audioOutputs: number;
};

/** Closed list of event names. */
export type EventName = keyof EventData;
