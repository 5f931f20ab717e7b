import type { JsonObject, JsonValue } from "@peerscope/schema";
import { arrayOf, isObject, isPlain, objectOf } from "../json.ts";

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

/** Members of one object that live on without being said again. Ours: the largest has 70. */
const maxCarriedMembers = 200;
/** Characters of all that does so, for one client. Ours: ten times what a conference of fifty has. */
const maxCarriedCharacters = 1_000_000;

/** What a difference may still take over from before. */
interface Budget {
  characters: number;
}

/** Lists are in the sample and in its connections, and nowhere deeper. */
const listLevels = 2;

/** Members of entries that are differences themselves; what is in them is told whole. */
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
 * A client that names ever more members makes nobody remember all of them.
 */
export function mergeDifference(previous: JsonObject, difference: JsonObject): JsonObject {
  return merge(previous, difference, 0, { characters: maxCarriedCharacters });
}

function merge(previous: JsonObject, difference: JsonObject, level: number, budget: Budget): JsonObject {
  const merged: Record<string, JsonValue> = {};
  let carried = 0;
  for (const [name, value] of Object.entries(previous)) {
    if (Array.isArray(value) || !mayLiveOn(value)) continue;
    budget.characters -= sizeOf(name, value);
    carried += 1;
    if (budget.characters >= 0 && carried <= maxCarriedMembers) set(merged, name, value);
  }
  for (const [name, value] of Object.entries(difference)) {
    if (value === null) continue;
    const key = level < listLevels ? keys.get(name) : undefined;
    if (key !== undefined && Array.isArray(value))
      set(merged, name, mergeEntries(previous[name], value, key, level, budget));
    else if (level <= listLevels && structures.has(name) && isObject(value))
      set(merged, name, merge(objectOf(previous[name]), value, listLevels + 1, budget));
    else set(merged, name, value);
  }
  return merged;
}

/** What is too deep or too large to stand in a record is not carried on: nobody has to measure it. */
function mayLiveOn(value: JsonValue): boolean {
  return typeof value !== "object" || isPlain(value);
}

function sizeOf(name: string, value: JsonValue): number {
  if (typeof value === "string") return name.length + value.length;
  return name.length + (typeof value === "object" ? JSON.stringify(value).length : 8);
}

function mergeEntries(
  before: JsonValue | undefined,
  entries: readonly JsonValue[],
  key: string,
  level: number,
  budget: Budget,
): JsonValue {
  const known = new Map<JsonValue, JsonObject>();
  for (const entry of arrayOf(before)) {
    const name = objectOf(entry)[key];
    if (name !== undefined && isObject(entry)) known.set(name, entry);
  }
  return entries.flatMap((entry) => {
    if (!isObject(entry)) return [];
    return [merge(known.get(entry[key] ?? null) ?? {}, entry, level + 1, budget)];
  });
}

function set(target: Record<string, JsonValue>, name: string, value: JsonValue): void {
  if (name !== "__proto__") target[name] = value;
}
