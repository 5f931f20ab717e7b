import type { EventRecord, JsonObject } from "@peerscope/schema";
import type { Report } from "./report.ts";
import { selectedPair } from "./selected-pair.ts";
import { numberOf, stringOf } from "./stat-members.ts";

/** RTCError of the DTLS transport. */
export interface DtlsError {
  readonly at: number;
  readonly errorDetail: string | null;
  readonly receivedAlert: number | null;
  readonly sentAlert: number | null;
}

/** Steps of a connection up to its encryption, each the first time it was reached: Unix ms, null before. */
export interface Handshake {
  gatheringAt: number | null;
  gatheredAt: number | null;
  /** ICE checks began. */
  checkingAt: number | null;
  /** A path was found. */
  pathAt: number | null;
  /** The path stands now, as far as known. */
  pathStands: boolean;
  /** RTCDtlsTransport.state. */
  dtlsState: string | null;
  /** From statistics alone the earliest time that fits; a path found in between is then known later. */
  encryptedAt: number | null;
  /** Latest sample in which it was not encrypted yet. */
  notEncryptedAt: number | null;
  error: DtlsError | null;
  /** `dtls-failed` is raised: looked up once an interval, so not by its key. */
  failed: boolean;
  /** `dtls-slow` has been judged: it is said once. */
  judged: boolean;
}

export function createHandshake(): Handshake {
  return {
    gatheringAt: null,
    gatheredAt: null,
    checkingAt: null,
    pathAt: null,
    pathStands: false,
    dtlsState: null,
    encryptedAt: null,
    notEncryptedAt: null,
    error: null,
    failed: false,
    judged: false,
  };
}

/** Applies an event of the connection. */
export function applyHandshake(handshake: Handshake, { name, at }: EventRecord, data: JsonObject): void {
  const state = stringOf(data, "state");
  switch (name) {
    case "ice-gathering-state-changed":
      if (state === "gathering") handshake.gatheringAt ??= at;
      else if (state === "complete") handshake.gatheredAt ??= at;
      return;
    case "ice-connection-state-changed":
    case "ice-transport-state-changed":
      noteIceState(handshake, state, at);
      return;
    case "dtls-state-changed":
      noteDtlsState(handshake, state, at);
      return;
    case "dtls-failed":
      handshake.error ??= {
        at,
        errorDetail: stringOf(data, "errorDetail"),
        receivedAlert: numberOf(data, "receivedAlert"),
        sentAlert: numberOf(data, "sentAlert"),
      };
      return;
    case "connection-state-changed":
      // Connected means ICE and DTLS.
      if (state !== "connected") return;
      handshake.pathAt ??= at;
      handshake.pathStands = true;
      noteDtlsState(handshake, state, at);
      return;
    default:
      return;
  }
}

/** Reads a sample; only until the connection is encrypted. */
export function followHandshake(handshake: Handshake, report: Report): void {
  if (handshake.encryptedAt !== null) return;
  let encrypted = report.transports.size > 0;
  for (const { iceState, dtlsState } of report.transports.values()) {
    if (iceState !== null) noteIceState(handshake, iceState, report.at);
    if (dtlsState === null) {
      encrypted = false;
      continue;
    }
    if (dtlsState !== "connected") {
      encrypted = false;
      noteDtlsState(handshake, dtlsState, report.at);
    }
  }
  if (encrypted) {
    // An event that says when would have come first: between the two samples nobody knows.
    noteDtlsState(handshake, "connected", handshake.notEncryptedAt ?? report.at);
    return;
  }
  if (selectedPair(report)?.state === "succeeded") {
    handshake.pathAt ??= report.at;
    handshake.pathStands = true;
  }
  handshake.notEncryptedAt = report.at;
}

function noteIceState(handshake: Handshake, state: string | null, at: number): void {
  if (state === null) return;
  if (state === "checking") handshake.checkingAt ??= at;
  handshake.pathStands = state === "connected" || state === "completed";
  if (handshake.pathStands) handshake.pathAt ??= at;
}

function noteDtlsState(handshake: Handshake, state: string | null, at: number): void {
  if (state === null) return;
  handshake.dtlsState = state;
  if (state === "connected") handshake.encryptedAt ??= at;
}
