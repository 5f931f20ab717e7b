import {
  createDescriptionReader,
  type EventRecord,
  type JsonObject,
  type JsonValue,
  type SampleRecord,
  type SessionContext,
  type SessionRecord,
} from "@peerscope/schema";
import { arrayOf, isObject, objectOf, textOf } from "../json.ts";

/** A connection as the dump has it. */
interface WrittenConnection {
  configuration: JsonObject;
  readonly updateLog: JsonObject[];
  readonly objects: Map<string, WrittenObject>;
}

interface WrittenObject {
  readonly type: string;
  readonly times: number[];
  readonly members: Map<string, Column>;
}

interface Column {
  /** Index of the sample that the first value belongs to. */
  readonly first: number;
  readonly values: JsonValue[];
}

const stateEntries: ReadonlyMap<string, string> = new Map([
  ["connection-state-changed", "onconnectionstatechange"],
  ["ice-connection-state-changed", "oniceconnectionstatechange"],
  ["ice-gathering-state-changed", "onicegatheringstatechange"],
  ["signaling-state-changed", "onsignalingstatechange"],
]);

/** Renderer and process that a page of its own would have: the dump names a page by them. */
const pageIds = { pid: 1, rid: 1 } as const;

/**
 * Writes a session as a dump of chrome://webrtc-internals (layout of Chromium 156), in pieces of one JSON document. Reports, states,
 * descriptions, candidates, transceivers, tracks and requests for media have their place in it; other events are left out. Where a
 * member is missing for a while, null stands for it: the original leaves a hole that nobody can place.
 */
export function* writeWebrtcInternals(records: Iterable<SessionRecord>): Generator<string> {
  const connections = new Map<string, WrittenConnection>();
  const getUserMedia: JsonObject[] = [];
  const descriptions = createDescriptionReader();
  let context: SessionContext = {};
  let endedAt = 0;

  function connectionOf(id: string): WrittenConnection {
    const known = connections.get(id);
    if (known !== undefined) return known;
    const created = { configuration: {}, updateLog: [], objects: new Map<string, WrittenObject>() };
    connections.set(id, created);
    return created;
  }

  for (const record of records) {
    endedAt = Math.max(endedAt, record.at);
    if (record.kind === "context") context = { ...context, ...record.context };
    else if (record.kind === "sample") addSample(connectionOf(record.connectionId), record);
    else if (record.connectionId === undefined) addMediaRequest(getUserMedia, record, context);
    else {
      const connection = connectionOf(record.connectionId);
      if (record.name === "connection-created") {
        connection.configuration = {
          ...connection.configuration,
          ...objectOf(objectOf(record.data)["configuration"]),
        };
      } else {
        const read = descriptions.read(record.name, record.connectionId, record.data);
        const description = read === null || read.sdp === null ? null : { type: read.type, sdp: read.sdp };
        connection.updateLog.push(...logEntriesOf(record, description));
      }
    }
  }

  const { userAgent, hardwareConcurrency, deviceMemoryGb, browserName, browserVersion, mobile, osName } =
    context;
  const brand = [{ brand: browserName ?? "unknown", version: browserVersion ?? "" }];
  const facts = {
    ...(deviceMemoryGb === undefined ? {} : { deviceMemory: deviceMemoryGb }),
    ...(hardwareConcurrency === undefined ? {} : { hardwareConcurrency }),
    timestamp: endedAt,
    getUserMedia,
    UserAgent: userAgent ?? "",
    UserAgentData: { brands: brand, fullVersionList: brand, mobile: mobile ?? false, platform: osName ?? "" },
  };
  yield `${JSON.stringify(facts).slice(0, -1)},"PeerConnections":{`;
  let isFirst = true;
  for (const [id, connection] of connections) {
    yield `${isFirst ? "" : ","}${JSON.stringify(`${pageIds.rid}-${id}`)}:`;
    isFirst = false;
    yield* writeConnection(connection, context.pageUrl ?? "");
  }
  yield "}}\n";
}

function* writeConnection(
  { configuration, updateLog, objects }: WrittenConnection,
  url: string,
): Generator<string> {
  const head = {
    pid: pageIds.pid,
    rtcConfiguration: JSON.stringify(configuration),
    url,
    updateLog,
  };
  yield `${JSON.stringify(head).slice(0, -1)},"stats":{`;
  let isFirst = true;
  for (const [id, { type, times, members }] of objects) {
    for (const [name, { first, values }] of members) {
      const series = {
        startTime: isoTime(times[first]),
        endTime: isoTime(times[first + values.length - 1]),
        statsType: type,
        values: JSON.stringify(values),
      };
      yield `${isFirst ? "" : ","}${JSON.stringify(`${id}-${name}`)}:${JSON.stringify(series)}`;
      isFirst = false;
    }
  }
  yield "}}";
}

function isoTime(timeMs = 0): string {
  // Before 1970 and after 9999 there is no such text.
  const isSayable = timeMs >= 0 && timeMs < 253_402_300_800_000;
  return new Date(isSayable ? Math.floor(timeMs) : 0).toISOString();
}

function addSample({ objects }: WrittenConnection, { stats }: SampleRecord): void {
  for (const { id, type, ...members } of stats) {
    // An id that comes again with another type is another object.
    const known = objects.get(id);
    if (known !== undefined && known.type !== type) continue;
    const object = known ?? { type, times: [], members: new Map<string, Column>() };
    objects.set(id, object);
    const row = object.times.length;
    object.times.push(members.timestamp);
    for (const [name, value] of Object.entries(members)) {
      const column = object.members.get(name) ?? { first: row, values: [] };
      while (column.first + column.values.length < row) column.values.push(null);
      column.values.push(value);
      object.members.set(name, column);
    }
  }
}

/** Entries of the log that say what the event says; none for what the dump has no place for. */
function logEntriesOf({ at, name, data: given }: EventRecord, description: JsonObject | null): JsonObject[] {
  const data = objectOf(given);
  const entry = (type: string, value: JsonValue): JsonObject[] => [
    { timestamp: at, type, value: value === "" ? "" : JSON.stringify(value) },
  ];
  const state = stateEntries.get(name);
  if (state !== undefined) return entry(state, data["state"] ?? "");
  switch (name) {
    case "negotiation-needed":
      return entry("onnegotiationneeded", "");
    case "connection-closed":
      return entry("close", "");
    case "ice-candidate-gathered":
      return entry("onicecandidate", candidateOf(data));
    case "ice-candidate-failed":
      return entry("onicecandidateerror", data);
    case "transceiver-changed": {
      const { senderTrackId, receiverTrackId, ...rest } = data;
      return entry("transceiverModified", {
        ...rest,
        sender: { track: senderTrackId ?? null, streams: [] },
        receiver: { track: receiverTrackId ?? null, streams: [] },
      });
    }
    case "remote-track-added":
      return entry("ontrack", {
        kind: data["kind"] ?? "",
        id: data["trackId"] ?? "",
        streams: arrayOf(data["streamIds"]),
      });
    case "api-called": {
      const method = textOf(data["method"]);
      // The end of a connection is told by the event that follows.
      if (method === null || method === "close") return [];
      const [argument] = Object.values(objectOf(data["arguments"]));
      return entry(method, description ?? (isObject(argument) ? plainTrack(argument) : ""));
    }
    case "api-settled": {
      const method = textOf(data["method"]) ?? "";
      if (!/^(create[OA]|set[LR]|addIce)/.test(method)) return [];
      if (data["outcome"] === "fulfilled") return entry(`${method}OnSuccess`, description ?? "");
      return entry(`${method}OnFailure`, objectOf(data["error"]));
    }
    default:
      return [];
  }
}

/** A track is named by `id` there. */
function plainTrack(argument: JsonObject): JsonObject {
  const { trackId, ...rest } = argument;
  return trackId === undefined ? argument : { ...rest, id: trackId };
}

/** A candidate line (RFC 8839) of what is known; foundation and priority are not. */
function candidateOf({ type, protocol, address, port, url, relayProtocol }: JsonObject): JsonObject {
  const text = (value: JsonValue | undefined, otherwise: string): string =>
    typeof value === "string" || typeof value === "number" ? String(value) : otherwise;
  const way = `${text(protocol, "udp")} 0 ${text(address, "0.0.0.0")} ${text(port, "9")}`;
  return {
    candidate: `candidate:0 1 ${way} typ ${text(type, "host")}`,
    ...(typeof url === "string" ? { url } : {}),
    ...(typeof relayProtocol === "string" ? { relayProtocol } : {}),
  };
}

function addMediaRequest(
  entries: JsonObject[],
  { at, name, data: given }: EventRecord,
  context: SessionContext,
): void {
  const data = objectOf(given);
  const method = textOf(data["method"]) ?? "";
  if (!/get(User|Display)Media$/.test(method)) return;
  const base = {
    ...pageIds,
    request_id: data["callId"] ?? 0,
    request_type: method.endsWith("getDisplayMedia") ? "getDisplayMedia" : "getUserMedia",
    timestamp: at,
  };
  if (name === "api-called") {
    const constraints = objectOf(objectOf(data["arguments"])["constraints"]);
    const asked = ["audio", "video"].flatMap((kind) => {
      const value = constraints[kind];
      return value === undefined || value === false
        ? []
        : [[kind, value === true ? "" : JSON.stringify(value)] as const];
    });
    const url = context.pageUrl ?? "";
    entries.push({ ...base, origin: url === "" ? "unknown" : url, url, ...Object.fromEntries(asked) });
  } else if (name === "api-settled") {
    const { result, error } = data;
    const tracks = arrayOf(objectOf(result)["tracks"]).map((track) => objectOf(track));
    const infos = tracks.map((track) => [
      `${textOf(track["kind"]) ?? "audio"}_track_info`,
      JSON.stringify({ id: track["trackId"] ?? "", label: "" }),
    ]);
    const streamId = objectOf(result)["streamId"];
    entries.push({
      ...base,
      ...(typeof streamId === "string" ? { stream_id: streamId } : {}),
      ...Object.fromEntries(infos),
      ...(isObject(error) ? { error: error["name"] ?? "Error", error_message: error["message"] ?? "" } : {}),
    });
  }
}
