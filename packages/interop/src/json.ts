import type { JsonObject, JsonValue } from "@peerscope/schema";

/** Arrays and objects within each other in what is taken over. Ours: what browsers and apps hand over has some six. */
export const maxDepth = 32;

/** Ours: far above what any browser or app hands over, far below what hurts. */
const maxValues = 20_000;
const maxCharacters = 1_000_000;

/** What a text says as JSON; undefined when it is none. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** Is it a JSON object, and no array? */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as an object; an empty one when it is something else. */
export function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** The value as an array; an empty one when it is something else. */
export function arrayOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

/** A text that is not empty, else null. */
export function textOf(value: JsonValue | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** A finite number, else null. */
export function numberOf(value: JsonValue | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** 2001 to 2096: a page-relative time, seconds or microseconds are none of these. */
export function isUnixMs(value: JsonValue | undefined): value is number {
  return typeof value === "number" && value > 1e12 && value < 4e12;
}

/**
 * May the value stand in a record? It is bounded in depth, number of values and length of texts, and has no number beyond the range of
 * a double, which JSON.parse reads as infinite.
 */
export function isPlain(value: JsonValue): boolean {
  let values = 0;
  let characters = 0;
  const fits = (part: JsonValue, depth: number): boolean => {
    values += 1;
    if (values > maxValues || depth > maxDepth) return false;
    if (typeof part === "number") return Number.isFinite(part);
    if (typeof part === "string") {
      characters += part.length;
      return characters <= maxCharacters;
    }
    if (typeof part !== "object" || part === null) return true;
    if (Array.isArray(part)) return part.every((entry: JsonValue) => fits(entry, depth + 1));
    return Object.entries(part).every(([name, member]) => fits(name, depth) && fits(member, depth + 1));
  };
  return fits(value, 0);
}
