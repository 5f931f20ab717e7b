import type { JsonObject } from "./json.ts";

/**
 * Names of the events that Peerscope itself writes, each with the members of its `data`.
 * The same strings stand in code, log, rows, docs and UI. `at` of the record is when it happened.
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
  "ice-candidate-gathered": {
    readonly type?: string;
    readonly protocol?: string;
    readonly address?: string;
    readonly url?: string;
    readonly relayProtocol?: string;
  };
  "ice-candidate-failed": {
    readonly errorCode: number;
    readonly errorText?: string;
    readonly url?: string;
  };
  /** An instrumented function was called; `callId` joins it with its outcome. Arguments are bounded and redacted. */
  "api-called": {
    readonly callId: number;
    readonly method: string;
    readonly arguments?: JsonObject;
  };
  /** The outcome of that call. */
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
  };
  /** replaceTrack took effect on a sender. */
  "sender-track-replaced": {
    readonly from: string | null;
    readonly to: string | null;
    readonly kind: string;
  };
  "data-channel-opened": { readonly label?: string };
  "devices-changed": {
    readonly audioInputs: number;
    readonly videoInputs: number;
    readonly audioOutputs: number;
  };
  "page-visibility-changed": { readonly visible: boolean };
  "network-online-changed": { readonly online: boolean };
  /** The app's own event. */
  "app-event": { readonly name: string; readonly data?: JsonObject };
  /** Records the SDK had to give up, by reason. */
  "sdk-records-lost": { readonly reason: string; readonly samples: number; readonly events: number };
  /** Something inside the SDK failed and was caught; reported once per place. */
  "sdk-error": { readonly place: string; readonly message: string };
  /** The session is over: "stopped" by the app, or "pagehide". Nothing follows. */
  "session-ended": { readonly reason: string };
}

/** Closed list of event names. */
export type EventName = keyof EventData;
