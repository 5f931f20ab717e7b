import type { JsonObject, JsonValue, SessionRecord, StatsObject } from "@peerscope/schema";
import { isEventName } from "../event-names.ts";
import { arrayOf, isObject, isPlain, numberOf, objectOf } from "../json.ts";
import type { OwnAdditions } from "./report-state.ts";

/*
 * What Peerscope adds to the frames of the dumps that it writes: an object `{peerscope: {…}}` behind the value, where readers of the
 * format look for a correlation id and pass over anything else. With it a dump gives back what was recorded.
 */

/** Stats objects of one report. Ours. */
const maxStatsObjects = 5_000;
/** Characters of the name of a connection, and of an id or type. */
const maxNameCharacters = 512;

/** Members of `peerscope`. */
export interface OwnMembers {
  /** The record that the frame stands for; what the format itself has of it is for others. */
  readonly record?: SessionRecord;
  /** Unix ms of a sample, where the time of the frame cannot say it. */
  readonly at?: number;
  readonly durationMs?: number;
  /** Members that are gone, by object; the format cannot say it. */
  readonly removed?: { readonly [id: string]: readonly string[] };
  /** Ids of all objects in their order, when it is another than before. */
  readonly order?: readonly string[];
  /** Forget all objects that were before. */
  readonly reset?: true;
}

/** The members as they were read; empty ones of a frame of anybody else. */
export interface ReadOwnMembers extends OwnAdditions {
  readonly at: number | null;
  readonly duration: { readonly durationMs?: number };
  readonly record: SessionRecord | "invalid" | null;
}

const nothing: ReadOwnMembers = {
  at: null,
  duration: {},
  removed: null,
  order: null,
  reset: false,
  record: null,
};

export function readOwnMembers(extra: readonly JsonValue[]): ReadOwnMembers {
  if (extra.length === 0) return nothing;
  const own = extra.map((part) => (isObject(part) ? part["peerscope"] : undefined)).find(isObject);
  if (own === undefined) return nothing;
  const { at, durationMs, removed, order, reset, record } = own;
  const duration = numberOf(durationMs);
  return {
    at: numberOf(at),
    duration: duration === null ? {} : { durationMs: duration },
    removed: isObject(removed) ? removed : null,
    order: Array.isArray(order) ? arrayOf(order) : null,
    reset: reset === true,
    record: record === undefined ? null : (toRecord(objectOf(record)) ?? "invalid"),
  };
}

/** The record, or null when it cannot be one. */
function toRecord(value: JsonObject): SessionRecord | null {
  const { kind, name, connectionId, data, context, stats, durationMs } = value;
  const at = numberOf(value["at"]);
  if (at === null || (kind !== "sample" && !isPlain(value))) return null;
  const isNamed = typeof connectionId === "string" && connectionId.length <= maxNameCharacters;
  if (kind === "context") return isObject(context) ? { kind, at, context } : null;
  if (kind === "event") {
    if (!isEventName(name) || (connectionId !== undefined && !isNamed)) return null;
    return {
      kind,
      at,
      name,
      ...(isNamed ? { connectionId } : {}),
      ...(isObject(data) ? { data } : {}),
    };
  }
  if (kind !== "sample" || !isNamed || !Array.isArray(stats) || stats.length > maxStatsObjects) return null;
  const objects = arrayOf(stats).filter(isStatsObject);
  if (objects.length !== stats.length) return null;
  const duration = numberOf(durationMs);
  return { kind, at, connectionId, stats: objects, ...(duration === null ? {} : { durationMs: duration }) };
}

function isStatsObject(value: JsonValue): value is StatsObject {
  if (!isObject(value)) return false;
  const { id, type, timestamp } = value;
  return (
    typeof id === "string" &&
    id.length <= maxNameCharacters &&
    typeof type === "string" &&
    type.length <= maxNameCharacters &&
    numberOf(timestamp) !== null &&
    isPlain(value)
  );
}
