import type { JsonObject, JsonValue } from "@peerscope/schema";
import { arrayOf, isObject, objectOf } from "../json.ts";

/** Members of a sample that are lists of things which live on, with the member that names one. */
const keys: ReadonlyMap<string, string> = new Map([
  ["peerConnections", "peerConnectionId"],
  ["inboundRtps", "ssrc"],
  ["outboundRtps", "ssrc"],
  ["remoteInboundRtps", "ssrc"],
  ["remoteOutboundRtps", "ssrc"],
  ...[
    "inboundTracks",
    "outboundTracks",
    "codecs",
    "mediaSources",
    "mediaPlayouts",
    "peerConnectionTransports",
    "dataChannels",
    "iceTransports",
    "iceCandidates",
    "iceCandidatePairs",
    "certificates",
  ].map((name) => [name, "id"] as const),
]);

/** Lists are in the sample and in its connections, and nowhere deeper. */
const listLevels = 2;

const structures = new Set(["psnrSum", "qualityLimitationDurations"]);

/** What an entry that is told whole has at least; a difference leaves out what did not change, and these never do. */
const required: ReadonlyMap<string, readonly string[]> = new Map([
  ["codecs", ["mimeType"]],
  ["inboundRtps", ["id", "kind"]],
  ["outboundRtps", ["id", "kind"]],
  ["remoteInboundRtps", ["id", "kind"]],
  ["remoteOutboundRtps", ["id", "kind"]],
  ["mediaSources", ["kind"]],
]);

/** True when a message leaves out what every whole sample has: it is a difference to an earlier one. */
export function isDifference(message: JsonObject): boolean {
  return arrayOf(message["peerConnections"]).some((connection) =>
    Object.entries(objectOf(connection)).some(([name, entries]) => {
      const members = required.get(name);
      return (
        members !== undefined &&
        arrayOf(entries).some((entry) => members.some((member) => !has(entry, member)))
      );
    }),
  );
}

function has(entry: JsonValue, member: string): boolean {
  const value = objectOf(entry)[member];
  return value !== undefined && value !== null;
}

/**
 * The sample that a difference means, after the one before it. What is left out is unchanged, except entries of lists: those are gone.
 */
export function mergeDifference(previous: JsonObject, difference: JsonObject, level = 0): JsonObject {
  const merged: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(previous)) if (!Array.isArray(value)) set(merged, name, value);
  for (const [name, value] of Object.entries(difference)) {
    if (value === null) continue;
    const key = level < listLevels ? keys.get(name) : undefined;
    if (key !== undefined && Array.isArray(value))
      set(merged, name, mergeEntries(previous[name], value, key, level));
    else if (structures.has(name) && isObject(value))
      set(merged, name, { ...objectOf(previous[name]), ...value });
    else set(merged, name, value);
  }
  return merged;
}

function mergeEntries(
  before: JsonValue | undefined,
  entries: readonly JsonValue[],
  key: string,
  level: number,
): JsonValue {
  const known = new Map<JsonValue, JsonObject>();
  for (const entry of arrayOf(before)) {
    const name = objectOf(entry)[key];
    if (name !== undefined && isObject(entry)) known.set(name, entry);
  }
  return entries.flatMap((entry) => {
    if (!isObject(entry)) return [];
    return [mergeDifference(known.get(entry[key] ?? null) ?? {}, entry, level + 1)];
  });
}

function set(target: Record<string, JsonValue>, name: string, value: JsonValue): void {
  if (name !== "__proto__") target[name] = value;
}
