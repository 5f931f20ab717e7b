import type { EventRecord, JsonObject } from "@peerscope/schema";
import type { Connection } from "../model/connection.ts";
import { isCaptureCall, type SessionModel } from "../model/session.ts";
import { numberOf, objectOf, stringOf } from "../model/stat-members.ts";
import type { Subject } from "../model/streams.ts";

/** A settled getUserMedia or getDisplayMedia. */
export interface CaptureCall {
  readonly at: number;
  readonly display: boolean;
  readonly fulfilled: boolean;
  readonly errorName: string | null;
  readonly errorMessage: string | null;
  /** The constraint that could not be met, of an OverconstrainedError. */
  readonly constraint: string | null;
  readonly durationMs: number | null;
  /** Kinds asked for; both when the arguments were not recorded. */
  readonly kinds: readonly ("audio" | "video")[];
  readonly kindsKnown: boolean;
  /** What was asked of each kind; null when the arguments were not recorded. */
  readonly constraints: JsonObject | null;
}

/** Reads the outcome of a capture call; null for every other event. */
export function captureCallOf(model: SessionModel, event: EventRecord): CaptureCall | null {
  if (event.name !== "api-settled") return null;
  const data = objectOf(event.data) ?? {};
  const method = stringOf(data, "method");
  if (method === null || !isCaptureCall(method)) return null;
  const callId = numberOf(data, "callId");
  const pending = callId === null ? undefined : model.pendingCalls.get(callId);
  if (callId !== null) model.pendingCalls.delete(callId);
  const constraints = constraintsOf(pending?.arguments ?? null);
  const asked = askedKinds(constraints);
  const error = objectOf(data["error"]);
  return {
    at: event.at,
    display: method.endsWith("getDisplayMedia"),
    fulfilled: data["outcome"] === "fulfilled",
    errorName: error === null ? null : stringOf(error, "name"),
    errorMessage: error === null ? null : stringOf(error, "message"),
    constraint: error === null ? null : stringOf(error, "constraint"),
    durationMs: numberOf(data, "durationMs"),
    kinds: asked ?? ["audio", "video"],
    kindsKnown: asked !== null,
    constraints,
  };
}

/** The constraints, whether they are the arguments themselves or a member of them. */
function constraintsOf(values: JsonObject | null): JsonObject | null {
  return values === null ? null : (objectOf(values["constraints"]) ?? objectOf(values["0"]) ?? values);
}

function askedKinds(constraints: JsonObject | null): ("audio" | "video")[] | null {
  if (constraints === null) return null;
  const kinds: ("audio" | "video")[] = [];
  for (const kind of ["audio", "video"] as const) {
    const value = constraints[kind];
    if (value !== undefined && value !== false && value !== null) kinds.push(kind);
  }
  return kinds.length === 0 ? null : kinds;
}

/**
 * One device was asked for by its id. The id itself is not recorded; without `exact` its absence is no error, so it was exact when
 * the call failed although there are others.
 */
export function asksForOneDevice({ constraints }: CaptureCall, kind: "audio" | "video"): boolean {
  const asked = objectOf(constraints?.[kind]);
  return asked !== null && asked["deviceId"] !== undefined;
}

const subjects = {
  audio: { key: "capture/audio", scope: { kind: "audio", direction: "outbound" } },
  video: { key: "capture/video", scope: { kind: "video", direction: "outbound" } },
} as const;

/** Microphone (audio) or camera (video) of this client. */
export function captureSubject(kind: "audio" | "video"): Subject {
  return subjects[kind];
}

/** A track of the microphone or camera, whichever connections it goes to. */
export function captureTrackSubject(track: {
  readonly kind: "audio" | "video";
  readonly trackId: string;
}): Subject {
  const { kind, trackId } = track;
  return { key: `capture/${kind}/${trackId}`, scope: { kind, direction: "outbound", trackId } };
}

/** Is this connection over, and every other one too? Then nothing that is captured goes anywhere. */
export function isLastConnection(model: SessionModel, connection: Connection): boolean {
  if (connection.closedAt === null) return false;
  for (const other of model.connections.values()) if (other.closedAt === null) return false;
  return true;
}

/** A screen picker is its own thing: its refusal says nothing about microphone and camera. */
export const screenSubject: Subject = {
  key: "capture/screen",
  scope: { kind: "video", direction: "outbound" },
};

/** Does this client send any media now? */
export function sendsMedia(model: SessionModel): boolean {
  for (const connection of model.connections.values()) {
    for (const stream of connection.outbound.values()) if (stream.everSent) return true;
  }
  for (const track of model.tracks.values()) {
    if (track.direction === "local" && !track.ended) return true;
  }
  return false;
}

/** Does this client receive media? */
export function receivesMedia(model: SessionModel): boolean {
  for (const connection of model.connections.values()) {
    for (const stream of connection.inbound.values()) if (stream.lastPacketAt !== null) return true;
  }
  return false;
}
