import type { EventRecord, JsonObject } from "@peerscope/schema";
import { type Description, type DescriptionTexts, forgetTexts, readDescription } from "./descriptions.ts";
import { type Mismatch, noteMismatches } from "./media-mismatches.ts";
import { numberOf, objectOf, stringOf } from "./stat-members.ts";
import { SmallMap, SmallSet } from "../pack/small-map.ts";

/*
 * How the two ends of a connection came to agree: offers, answers, candidates, and what was refused of them. From the events of
 * the page; of a connection that is known from statistics alone nothing is known here.
 */

/** A call of the app that the browser refused, until an exchange of descriptions came through after it. */
export interface RefusedCall {
  readonly at: number;
  readonly method: string;
  readonly errorName: string;
  /** An answer in a state in which none is owed: it was applied before. */
  readonly isRepeatedAnswer: boolean;
  /** signalingState when the call was made. */
  readonly signalingState: string;
  /** Kinds of the media sections that were to be applied, as "audio, video"; null when not known. */
  readonly sections: string | null;
  /** Calls that were refused until it came through. */
  count: number;
  /** Unix ms when an exchange came through. */
  recoveredAt: number | null;
}

/** Offers of both ends crossed. */
export interface Glare {
  readonly at: number;
  readonly localOfferAt: number;
  /** Unix ms when both ends agreed after it. */
  settledAt: number | null;
}

/** Candidates of the far end that the browser did not take, since it was last connected. */
export interface RefusedCandidates {
  readonly at: number;
  readonly errorName: string;
  /** Does the user fragment of the first one belong to the remote description? Null when not known. */
  readonly ufragMatches: boolean | null;
  readonly hasRemoteDescription: boolean;
  count: number;
}

/** A call whose outcome is not known yet. */
interface PendingCall {
  readonly method: string;
  readonly signalingState: string;
  readonly description: Description | null;
  readonly arguments: JsonObject | null;
}

/** RTCRtpTransceiver as last told. */
interface TransceiverState {
  readonly mid: string | null;
  readonly direction: string;
  readonly currentDirection: string | null;
}

/** Negotiation of one connection. */
export interface Negotiation {
  /** RTCPeerConnection.signalingState, and Unix ms since when. */
  signalingState: string;
  stateSince: number;
  /** Unix ms of the first sign that it is negotiated; null before. */
  startedAt: number | null;
  /** Unix ms of the first and the latest exchange that came through. */
  firstSettledAt: number | null;
  settledAt: number | null;
  /** Unix ms since when the browser wants an offer to be made; null when it does not. */
  neededAt: number | null;
  /** The app asked for media (a track, a transceiver) since the last exchange, and ever. */
  mediaAsked: boolean;
  everAskedForMedia: boolean;
  localOfferAt: number | null;
  rollingBack: boolean;
  refusedCall: RefusedCall | null;
  /** Those of the last minute, oldest first. */
  readonly glares: Glare[];
  refusedCandidates: RefusedCandidates | null;
  /** Candidates of the far end that were taken. */
  takenCandidates: number;
  local: Description | null;
  remote: Description | null;
  readonly mismatches: SmallMap<string, Mismatch>;
  /** By the track of the receiver. */
  readonly transceivers: SmallMap<string, TransceiverState>;
  /** Media sections that the app ended. */
  readonly stoppedMids: SmallSet<string>;
  readonly calls: SmallMap<number, PendingCall>;
  /** `negotiation-stalled` is raised: looked up once an interval, so not by its key. */
  stalled: boolean;
}

/** Ours: what one connection may have; a hostile log cannot make more. */
const maximumCalls = 100;
const maximumTransceivers = 200;

/** Offers that were made this close together crossed on the way; what comes later answers nothing that it could have seen. Ours. */
const crossedWithinMs = 2000;
/** How long crossings are counted. Catalogue: negotiation-glare. */
const glareWindowMs = 60_000;

export function createNegotiation(at: number): Negotiation {
  return {
    signalingState: "stable",
    stateSince: at,
    startedAt: null,
    firstSettledAt: null,
    settledAt: null,
    neededAt: null,
    mediaAsked: false,
    everAskedForMedia: false,
    localOfferAt: null,
    rollingBack: false,
    refusedCall: null,
    glares: [],
    refusedCandidates: null,
    takenCandidates: 0,
    local: null,
    remote: null,
    mismatches: new SmallMap(),
    transceivers: new SmallMap(),
    stoppedMids: new SmallSet(),
    calls: new SmallMap(),
    stalled: false,
  };
}

/** What of the connection matters here. */
interface Negotiated {
  readonly id: string;
  readonly state: string;
  readonly lastConnectedAt: number | null;
  readonly closedAt: number | null;
  readonly negotiation: Negotiation;
}

/** Applies an event of that connection. What comes after the connection was closed is part of the end (guard G14). */
export function applyNegotiation(
  connection: Negotiated,
  texts: DescriptionTexts,
  event: EventRecord,
  data: JsonObject,
): void {
  const { negotiation } = connection;
  if (connection.closedAt !== null) {
    forgetTexts(texts, connection.id);
    return;
  }
  switch (event.name) {
    case "signaling-state-changed":
      changeSignalingState(negotiation, stringOf(data, "state") ?? "", event.at);
      return;
    case "negotiation-needed":
      negotiation.neededAt ??= event.at;
      return;
    case "transceiver-changed":
      noteTransceiver(negotiation, data);
      return;
    case "api-called":
      noteCall(connection, texts, event.at, data);
      return;
    case "api-settled":
      noteOutcome(connection, texts, event.at, data);
      return;
    default:
      return;
  }
}

/** What was negotiated for a media section, `currentDirection` of its transceiver; null when nobody said. */
export function negotiatedDirection({ transceivers }: Negotiation, mid: string | null): string | null {
  if (mid === null) return null;
  for (const transceiver of transceivers.values())
    if (transceiver.mid === mid) return transceiver.currentDirection;
  return null;
}

/** The machine slept: nobody waited in that time (guard G8). */
export function forgetWaiting(negotiation: Negotiation, at: number): void {
  if (negotiation.signalingState !== "stable") negotiation.stateSince = at;
  if (negotiation.neededAt !== null) negotiation.neededAt = at;
}

function changeSignalingState(negotiation: Negotiation, state: string, at: number): void {
  const before = negotiation.signalingState;
  if (state === "" || state === before) return;
  negotiation.signalingState = state;
  negotiation.stateSince = at;
  negotiation.startedAt ??= at;
  if (state === "have-local-offer") {
    negotiation.localOfferAt = at;
    negotiation.neededAt = null;
  } else if (state === "have-remote-offer") {
    if (before === "have-local-offer") noteGlare(negotiation, at);
    negotiation.neededAt = null;
  } else if (state === "stable" && !negotiation.rollingBack) settle(negotiation, at);
}

/** Both ends agree. */
function settle(negotiation: Negotiation, at: number): void {
  negotiation.firstSettledAt ??= at;
  negotiation.settledAt = at;
  negotiation.neededAt = null;
  negotiation.mediaAsked = false;
  negotiation.localOfferAt = null;
  const { refusedCall } = negotiation;
  if (refusedCall !== null) refusedCall.recoveredAt ??= at;
  for (const glare of negotiation.glares) glare.settledAt ??= at;
}

function noteGlare(negotiation: Negotiation, at: number): void {
  const { localOfferAt, glares } = negotiation;
  if (localOfferAt === null || at - localOfferAt > crossedWithinMs) return;
  glares.push({ at, localOfferAt, settledAt: null });
  while (glares[0] !== undefined && (glares.length > 20 || at - glares[0].at > glareWindowMs)) glares.shift();
  // The own offer is gone: what is applied from now on does not cross it again.
  negotiation.localOfferAt = null;
}

function noteTransceiver(negotiation: Negotiation, data: JsonObject): void {
  const { transceivers } = negotiation;
  const trackId = stringOf(data, "receiverTrackId");
  const direction = stringOf(data, "direction");
  if (trackId === null || direction === null) return;
  if (!transceivers.has(trackId) && transceivers.size >= maximumTransceivers) return;
  const mid = stringOf(data, "mid");
  transceivers.set(trackId, { mid, direction, currentDirection: stringOf(data, "currentDirection") });
  negotiation.everAskedForMedia = true;
  if (mid === null) return;
  if (direction === "stopped" || direction === "inactive") noteStopped(negotiation, mid);
  else negotiation.stoppedMids.delete(mid);
}

function noteStopped({ stoppedMids }: Negotiation, mid: string): void {
  if (stoppedMids.size < maximumTransceivers) stoppedMids.add(mid);
}

function noteCall(connection: Negotiated, texts: DescriptionTexts, at: number, data: JsonObject): void {
  const { negotiation } = connection;
  const callId = numberOf(data, "callId");
  const method = stringOf(data, "method");
  if (callId === null || method === null) return;
  const given = objectOf(data["arguments"]);
  const name = plainName(method);
  if (name === "addTrack" || name === "addTransceiver" || name === "addStream") {
    negotiation.mediaAsked = true;
    negotiation.everAskedForMedia = true;
    return;
  }
  if (name === "stop") {
    const mid = stringOf(objectOf(given?.["transceiver"]) ?? {}, "mid");
    if (mid !== null) noteStopped(negotiation, mid);
    return;
  }
  if (!isFollowed(name)) return;
  const description = readDescription(
    texts,
    connection.id,
    { callId, method: name },
    objectOf(given?.["description"]),
  );
  if (name !== "addIceCandidate") negotiation.startedAt ??= at;
  if (name === "createOffer" || description?.type === "offer") negotiation.neededAt = null;
  if (description?.type === "rollback") negotiation.rollingBack = true;
  if (name === "setRemoteDescription" && description?.type === "offer") noteGlare(negotiation, at);
  if (negotiation.calls.size >= maximumCalls) negotiation.calls.clear();
  negotiation.calls.set(callId, {
    method: name,
    signalingState: negotiation.signalingState,
    description,
    arguments: name === "addIceCandidate" ? given : null,
  });
}

function noteOutcome(connection: Negotiated, texts: DescriptionTexts, at: number, data: JsonObject): void {
  const { negotiation } = connection;
  const callId = numberOf(data, "callId");
  const name = plainName(stringOf(data, "method") ?? "");
  if (!isFollowed(name)) return;
  const pending = callId === null ? undefined : negotiation.calls.get(callId);
  if (callId !== null) negotiation.calls.delete(callId);
  const fulfilled = data["outcome"] === "fulfilled";
  const errorName = stringOf(objectOf(data["error"]) ?? {}, "name") ?? "Error";
  if (name === "addIceCandidate") {
    if (fulfilled) negotiation.takenCandidates += 1;
    else noteRefusedCandidate(connection, pending, errorName, at);
    return;
  }
  // A created description is a base of later ones, and one that setLocalDescription() made by itself is applied.
  const made =
    callId === null
      ? null
      : readDescription(texts, connection.id, { callId, method: name }, objectOf(data["result"]));
  const description = pending?.description ?? made;
  if (description?.type === "rollback") negotiation.rollingBack = false;
  if (!fulfilled) {
    noteRefusedCall(negotiation, { pending, name, errorName, at });
    return;
  }
  if (name === "setLocalDescription") negotiation.local = description ?? negotiation.local;
  else if (name === "setRemoteDescription") negotiation.remote = description ?? negotiation.remote;
  else return;
  if (description?.type !== "answer") return;
  settle(negotiation, at);
  noteMismatches(negotiation, name === "setLocalDescription", at);
}

function noteRefusedCall(
  negotiation: Negotiation,
  refused: { pending: PendingCall | undefined; name: string; errorName: string; at: number },
): void {
  const { pending, name, errorName, at } = refused;
  const known = negotiation.refusedCall;
  if (known !== null && known.recoveredAt === null) {
    known.count += 1;
    return;
  }
  const sections = pending?.description?.sections ?? null;
  const signalingState = pending?.signalingState ?? negotiation.signalingState;
  negotiation.refusedCall = {
    at,
    method: name,
    errorName,
    isRepeatedAnswer: pending?.description?.type === "answer" && signalingState === "stable",
    signalingState,
    sections:
      sections === null
        ? null
        : sections
            .map(({ kind }) => kind)
            .join(", ")
            .slice(0, 200),
    count: 1,
    recoveredAt: null,
  };
}

function noteRefusedCandidate(
  { negotiation, state, lastConnectedAt }: Negotiated,
  pending: PendingCall | undefined,
  errorName: string,
  at: number,
): void {
  // A path that stands needs no more of them.
  if (state === "connected") return;
  const candidate = objectOf(pending?.arguments?.["candidate"]);
  const line = candidate === null ? null : stringOf(candidate, "candidate");
  // The end of the list is no candidate; older browsers refuse to be told.
  if (pending !== undefined && line === null) return;
  const ufrag =
    (candidate === null ? null : stringOf(candidate, "usernameFragment")) ??
    /\bufrag (\S+)/.exec(line ?? "")?.[1] ??
    null;
  const ufrags = negotiation.remote?.ufrags ?? [];
  const ufragMatches = ufrag === null || ufrags.length === 0 ? null : ufrags.includes(ufrag);
  // One of before an ICE restart that came late (guard G7).
  if (ufragMatches === false) return;
  const known = negotiation.refusedCandidates;
  if (known !== null && !(lastConnectedAt !== null && lastConnectedAt >= known.at)) {
    known.count += 1;
    return;
  }
  const hasRemoteDescription = negotiation.remote !== null;
  negotiation.refusedCandidates = { at, errorName, ufragMatches, hasRemoteDescription, count: 1 };
}

const followed: ReadonlySet<string> = new Set([
  "createOffer",
  "createAnswer",
  "setLocalDescription",
  "setRemoteDescription",
  "addIceCandidate",
]);

function isFollowed(name: string): boolean {
  return followed.has(name);
}

/** Method names may be qualified, as "RTCPeerConnection.createOffer". */
function plainName(method: string): string {
  return method.slice(method.lastIndexOf(".") + 1);
}
