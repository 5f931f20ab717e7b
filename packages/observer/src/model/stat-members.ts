import type { JsonObject, StatsObject } from "@peerscope/schema";

/*
 * Members of a statistics object come from a browser, a foreign client or a damaged file. Everything that is not
 * what the specification says it is reads as null, never as 0 and never as NaN.
 */

/** A finite number, or null. */
export function numberOf(stats: StatsObject | JsonObject, member: string): number | null {
  const value = stats[member];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/*
 * The same for a member that was read already. A report has hundreds of members: read by name in place (`stats["jitter"]`) each is
 * one look-up that the compiler remembers, read by a function that gets the name it is a search.
 */

/** A finite number, or null. */
export function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** A finite number that may not be negative (counters, durations, levels), or null. */
export function count(value: unknown): number | null {
  return typeof value === "number" && value >= 0 && value < Infinity ? value : null;
}

/** A string that is not empty, or null. */
export function string(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** true, false, or null when it is neither. */
export function boolean(value: unknown): boolean | null {
  return typeof value === "boolean" ? value : null;
}

/** A string that is not empty, or null. */
export function stringOf(stats: StatsObject | JsonObject, member: string): string | null {
  const value = stats[member];
  return typeof value === "string" && value !== "" ? value : null;
}

/** true, false, or null when it is neither. */
export function booleanOf(stats: StatsObject | JsonObject, member: string): boolean | null {
  const value = stats[member];
  return typeof value === "boolean" ? value : null;
}

/** "audio" or "video"; older browsers call it mediaType. */
export function mediaKindOf(stats: StatsObject): "audio" | "video" | null {
  const kind = stats["kind"] ?? stats["mediaType"];
  return kind === "audio" || kind === "video" ? kind : null;
}

/** A JSON object, or null for arrays, null and everything else. */
export function objectOf(value: unknown): JsonObject | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? // A JSON value that is an object and no array is a JsonObject.
      (value as JsonObject)
    : null;
}
