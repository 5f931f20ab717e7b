import type {
  EventData,
  EventName,
  EventRecord,
  JsonObject,
  JsonValue,
  SessionContext,
} from "@peerscope/schema";
import { readCandidateLine } from "../candidate.ts";
import { listDevices } from "../devices.ts";
import { isObject, isUnixMs, numberOf, objectOf, parseJson, textOf } from "../json.ts";
import { reduceAddresses, reduceData, reduceUrl } from "../redact.ts";

const stateEvents: ReadonlyMap<string, readonly [name: EventName, member: string]> = new Map<
  string,
  readonly [EventName, string]
>([
  ["PEER_CONNECTION_STATE_CHANGED", ["connection-state-changed", "connectionState"]],
  ["ICE_CONNECTION_STATE_CHANGED", ["ice-connection-state-changed", "iceConnectionState"]],
  ["ICE_GATHERING_STATE_CHANGED", ["ice-gathering-state-changed", "iceGatheringState"]],
  ["SIGNALING_STATE_CHANGE", ["signaling-state-changed", "signalingState"]],
]);

const trackEvents = new Set([
  "MEDIA_TRACK_ADDED",
  "MEDIA_TRACK_REMOVED",
  "MEDIA_TRACK_MUTED",
  "MEDIA_TRACK_UNMUTED",
  "MEDIA_TRACK_RESUMED",
]);

const channelStates: ReadonlyMap<string, string> = new Map([
  ["DATA_CHANNEL_OPEN", "open"],
  ["DATA_CHANNEL_CLOSED", "closed"],
]);

/** Events of the beginning and end of a client and its connections: the session makes records of its own of them. */
const lifeEvents = new Set([
  "CLIENT_JOINED",
  "CLIENT_LEFT",
  "PEER_CONNECTION_OPENED",
  "PEER_CONNECTION_CLOSED",
]);

const maxNameLength = 200;

/** What an entry of `clientEvents`, `clientIssues` or `clientMetaItems` says. */
export interface ClientEntry {
  readonly type: string;
  readonly at: number;
  readonly payload: JsonObject;
  readonly connectionId: string | null;
}

/** The entry, or null when it has no type. `fallbackAt` is the time of the sample that carries it. */
export function readClientEntry(value: JsonValue, fallbackAt: number): ClientEntry | null {
  const { type, payload, timestamp, peerConnectionId } = objectOf(value);
  if (typeof type !== "string" || type === "") return null;
  const members = payloadOf(payload);
  return {
    type: type.slice(0, maxNameLength),
    at: isUnixMs(timestamp) ? timestamp : fallbackAt,
    payload: members,
    connectionId: textOf(members["peerConnectionId"]) ?? textOf(peerConnectionId),
  };
}

/** Payloads are objects, texts of objects, or, after a protobuf encoder, texts of texts of objects. */
function payloadOf(value: JsonValue | undefined): JsonObject {
  let payload = value;
  for (let round = 0; round < 2 && typeof payload === "string"; round += 1) payload = parseJson(payload);
  return objectOf(payload);
}

export function isLifeEvent(type: string): boolean {
  return lifeEvents.has(type);
}

/** Which end a track is of, as far as statistics have told; null when they have not. */
export type DirectionOf = (trackId: string) => "local" | "remote" | null;

/**
 * The event that the SDK would have recorded. What ObserveRTC derives from statistics, and what apps add, stays as an app's event
 * of that name: nothing here draws a conclusion from it. Null when it says nothing.
 */
export function readClientEvent(
  { type, at, payload, connectionId }: ClientEntry,
  directionOf: DirectionOf,
): EventRecord | null {
  const event = <Name extends EventName>(name: Name, data: EventData[Name] & JsonObject): EventRecord => ({
    kind: "event",
    at,
    name,
    ...(connectionId === null ? {} : { connectionId }),
    data,
  });
  const stateEvent = stateEvents.get(type);
  if (stateEvent !== undefined) {
    const [name, member] = stateEvent;
    const state = textOf(payload[member]);
    return state === null ? null : { ...event("connection-state-changed", { state }), name };
  }
  if (type === "NEGOTIATION_NEEDED") return event("negotiation-needed", {});
  if (type === "ICE_CANDIDATE") return readCandidate(payload, event);
  if (type === "ICE_CANDIDATE_ERROR") {
    return event("ice-candidate-failed", {
      errorCode: numberOf(payload["errorCode"]) ?? 0,
      errorText: reduceAddresses(textOf(payload["errorText"]) ?? "").slice(0, maxNameLength),
      url: reduceAddresses(reduceUrl(textOf(payload["url"]) ?? "")),
    });
  }
  if (trackEvents.has(type)) {
    const track = readTrack(payload, directionOf);
    if (track !== null) return event("track-state-changed", track);
  }
  const channelState = channelStates.get(type);
  if (channelState !== undefined) {
    const id = numberOf(payload["dataChannelId"]);
    const data = { state: channelState, label: textOf(payload["label"]) ?? "", id };
    return {
      kind: "event",
      at,
      name: "data-channel-state-changed",
      ...(connectionId === null ? {} : { connectionId }),
      data,
    };
  }
  const { peerConnectionId: _, ...rest } = payload;
  return event("app-event", { name: type, data: reduceData(rest) });
}

/** What the client's own rules said: kept under its name, as a hint that nothing is concluded from. */
export function readClientIssue(entry: ClientEntry): EventRecord {
  const { type, at, payload } = entry;
  const refused = /^(\w+Error)\b:?\s*(.*)$/s.exec(textOf(payload["error"]) ?? "");
  if (type === "USER_MEDIA_ERROR" && refused !== null) {
    const [, name = "Error", message = ""] = refused;
    return {
      kind: "event",
      at,
      name: "api-settled",
      // What was asked for, and when, is not told.
      data: {
        method: "getUserMedia",
        outcome: "rejected",
        error: { name, message: reduceAddresses(message).slice(0, 500) },
      },
    };
  }
  return { kind: "event", at, name: "app-event", data: { name: `issue ${type}`, data: reduceData(payload) } };
}

function readCandidate(
  payload: JsonObject,
  event: (name: "ice-candidate-gathered", data: EventData["ice-candidate-gathered"]) => EventRecord,
): EventRecord | null {
  const line = readCandidateLine(textOf(payload["candidate"]) ?? "");
  const type = textOf(payload["type"]) ?? line?.type ?? null;
  // The stock client sends nothing but the connection; the candidates themselves are in the statistics.
  if (type === null) return null;
  const address = textOf(payload["address"]) ?? line?.address ?? null;
  return event("ice-candidate-gathered", {
    type,
    protocol: textOf(payload["protocol"]) ?? line?.protocol ?? null,
    address: address === null ? null : reduceAddresses(address),
    port: numberOf(payload["port"]) ?? line?.port ?? null,
  });
}

function readTrack(payload: JsonObject, directionOf: DirectionOf): EventData["track-state-changed"] | null {
  const { trackId, kind, enabled, muted, readyState, contentHint } = payload;
  if (typeof trackId !== "string" || (kind !== "audio" && kind !== "video")) return null;
  if (typeof enabled !== "boolean" || typeof muted !== "boolean") return null;
  if (readyState !== "live" && readyState !== "ended") return null;
  const direction = directionOf(trackId);
  if (direction === null) return null;
  const hint = textOf(contentHint);
  return {
    trackId,
    kind,
    direction,
    enabled,
    muted,
    readyState,
    ...(hint === null ? {} : { contentHint: hint }),
  };
}

/** Kinds of meta items that say nothing a session has a place for. */
const unused = new Set(["MEDIA_DEVICES_SUPPORTED_CONSTRAINTS", "MEDIA_CONSTRAINT", "LOCAL_SDP", "ENGINE"]);

/** What meta items say of the machine and its devices. */
export interface ReadMeta {
  readonly context: SessionContext | null;
  readonly devices: EventRecord | null;
  /** Types that are not known. */
  readonly unknown: readonly string[];
}

export function readMetaItems(items: readonly ClientEntry[]): ReadMeta {
  const context: Record<string, JsonValue> = {};
  const devices: JsonObject[] = [];
  const unknown: string[] = [];
  let devicesAt: number | null = null;
  const put = (member: string, value: JsonValue | undefined): void => {
    const text = textOf(value);
    if (text !== null) context[member] = text.slice(0, 500);
  };
  for (const { type, at, payload } of items) {
    if (type === "USER_AGENT_DATA") {
      put("userAgent", payload["ua"]);
      putBrowser(objectOf(payload["browser"]));
      putSystem(objectOf(payload["os"]));
      put("cpuArchitecture", objectOf(payload["cpu"])["architecture"]);
      put("deviceModel", objectOf(payload["device"])["model"]);
    } else if (type === "BROWSER") putBrowser(payload);
    else if (type === "OPERATION_SYSTEM") putSystem(payload);
    else if (type === "PLATFORM") put("deviceModel", payload["model"]);
    else if (type === "MEDIA_DEVICE") {
      devices.push(payload);
      devicesAt ??= at;
    } else if (!unused.has(type)) unknown.push(type);
  }
  return {
    context: Object.keys(context).length === 0 ? null : context,
    devices:
      devicesAt === null
        ? null
        : { kind: "event", at: devicesAt, name: "devices-listed", data: listDevices(devices) },
    unknown,
  };

  function putBrowser(browser: JsonObject): void {
    put("browserName", browser["name"]);
    put("browserVersion", browser["version"]);
  }
  function putSystem(system: JsonObject): void {
    put("osName", system["name"]);
    put("osVersion", system["version"]);
  }
}

/** The sample inside a message, out of the envelope that some apps and recordings put around it; null when there is none. */
export function unwrapSample(value: JsonValue | undefined): JsonObject | null {
  if (!isObject(value)) return null;
  for (const candidate of [value, value["sample"], value["payload"], value["data"]]) {
    if (isObject(candidate) && looksLikeSample(candidate)) return candidate;
  }
  return null;
}

function looksLikeSample({ clientId, timestamp, peerConnections }: JsonObject): boolean {
  return (
    (typeof clientId === "string" && (typeof timestamp === "number" || Array.isArray(peerConnections))) ||
    (typeof timestamp === "number" && Array.isArray(peerConnections))
  );
}
