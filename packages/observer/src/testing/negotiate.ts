import type { JsonObject, Observation } from "@peerscope/schema";
import { buildCall, type CallBuilder, type Changes } from "./call-builder.ts";

/** A media section of a written description. */
export interface WrittenSection {
  readonly kind?: "audio" | "video" | "application";
  readonly port?: number;
  readonly mid?: string;
  readonly direction?: string;
  readonly codecs?: readonly string[];
  /** Lines besides. */
  readonly more?: readonly string[];
}

/** A session description with these sections. */
export function sdp(sections: readonly WrittenSection[], ufrag = "Ufrg"): string {
  const lines = ["v=0", "s=-", "t=0 0"];
  for (const [index, section] of sections.entries()) {
    const {
      kind = "audio",
      port = 9,
      mid = String(index),
      direction = "sendrecv",
      codecs = ["opus"],
    } = section;
    const types = codecs.map((_, offset) => 96 + offset);
    lines.push(
      `m=${kind} ${port} UDP/TLS/RTP/SAVPF ${types.length === 0 ? "0" : types.join(" ")}`,
      `a=mid:${mid}`,
      `a=${direction}`,
      `a=ice-ufrag:${ufrag}`,
      "a=fingerprint:sha-256",
      ...codecs.map((codec, offset) => `a=rtpmap:${96 + offset} ${codec}/90000`),
      ...(section.more ?? []),
    );
  }
  return `${lines.join("\r\n")}\r\n`;
}

export interface WrittenOutcome {
  readonly error?: string;
  readonly message?: string;
  readonly constraint?: string;
  readonly result?: JsonObject;
  readonly durationMs?: number;
  readonly page?: boolean;
}

/** A call of the app and its outcome, at once; of the connection, or of the page. */
export function calls(
  call: CallBuilder,
  method: string,
  given: JsonObject | null,
  outcome: WrittenOutcome = {},
): CallBuilder {
  const callId = call.records.length + 1;
  const { error, message = "", constraint, result, durationMs = 5, page = false } = outcome;
  call.event("api-called", { callId, method, ...(given === null ? {} : { arguments: given }) }, !page);
  return call.event(
    "api-settled",
    {
      callId,
      method,
      outcome: error === undefined ? "fulfilled" : "rejected",
      durationMs,
      ...(error === undefined
        ? {}
        : { error: { name: error, message, ...(constraint === undefined ? {} : { constraint }) } }),
      ...(result === undefined ? {} : { result }),
    },
    !page,
  );
}

/** setLocalDescription or setRemoteDescription, with the state that follows. */
export function describes(
  call: CallBuilder,
  end: "Local" | "Remote",
  type: "offer" | "answer" | "rollback",
  sections: readonly WrittenSection[] = [{}],
): CallBuilder {
  const method = `set${end}Description`;
  const callId = call.records.length + 1;
  const description = { type, sdp: type === "rollback" ? "" : sdp(sections) };
  call.event("api-called", { callId, method, arguments: { description } }, true);
  const state = type === "offer" ? `have-${end.toLowerCase()}-offer` : "stable";
  call.event("signaling-state-changed", { state }, true);
  return call.event("api-settled", { callId, method, outcome: "fulfilled", durationMs: 3 }, true);
}

/** Offer and answer, 100 ms apart. */
export function agrees(
  call: CallBuilder,
  offer: readonly WrittenSection[] = [{}],
  answer: readonly WrittenSection[] = offer,
): CallBuilder {
  describes(call, "Local", "offer", offer).skip(0.1);
  return describes(call, "Remote", "answer", answer);
}

export const state = (call: CallBuilder, connectionState: string): CallBuilder =>
  call.event("connection-state-changed", { state: connectionState }, true);

export const ice = (call: CallBuilder, iceConnectionState: string): CallBuilder =>
  call.event("ice-connection-state-changed", { state: iceConnectionState }, true);

/** A new connection whose app asked for media. */
export const begins = (): CallBuilder =>
  calls(buildCall().event("connection-created", {}, true), "addTrack", {});

/** Nothing is carried yet. */
export const connecting: Changes = {
  transport: {
    iceState: "checking",
    dtlsState: "new",
    bytesReceived: 0,
    bytesSent: 0,
    selectedCandidatePairId: null,
  },
  pair: { state: "in-progress", nominated: false, responsesReceived: 0, requestsSent: 4, bytesReceived: 0 },
  inAudio: null,
  inVideo: null,
  remoteInAudio: null,
  remoteInVideo: null,
  remoteOutAudio: null,
  remoteOutVideo: null,
  outAudio: { packetsSent: 0 },
  outVideo: { packetsSent: 0 },
};

/** "severity endReason" of every record with that id, info too. */
export function outcomes(call: CallBuilder, id: string): string[] {
  return call
    .analyse()
    .observations.filter((observation) => observation.id === id)
    .map(({ severity, endReason }) => `${severity} ${endReason}`);
}

/** "field=value" of its evidence, in order. */
export function facts(observation: Observation | undefined): string[] {
  return (observation?.evidence ?? []).map(
    ({ field, value }) => `${field}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
}
