import type { JsonObject, JsonValue } from "../json.ts";
import type { SessionRecord } from "../records.ts";

/** Kinds of records, in the order of their numbers on the wire. */
export const recordKinds: readonly string[] = [
  "event",
  "context",
  "sample",
] satisfies SessionRecord["kind"][];

export const kindEvent = 0;
export const kindSample = 2;

/** Member of a record by which it finds the one that it is a difference to; context has none. */
export const keyNames: readonly string[] = ["name", "", "connectionId"];

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isOptional = (value: JsonValue | undefined, type: "string" | "number"): boolean =>
  value === undefined || typeof value === type;

/**
 * True when the members besides `kind`, `at` and the key make a record of this kind, so that whoever gets it can rely on
 * its type.
 */
export const isRecordBody = (kind: number, body: JsonObject): boolean => {
  if (["kind", "at", keyNames[kind] as string].some((name) => Object.hasOwn(body, name))) return false;
  if (kind === kindEvent) {
    const data = body["data"];
    return isOptional(body["connectionId"], "string") && (data === undefined || isObject(data));
  }
  if (kind !== kindSample) return isObject(body["context"]);
  const stats = body["stats"];
  return (
    Array.isArray(stats) &&
    isOptional(body["durationMs"], "number") &&
    stats.every(
      (object: JsonValue) =>
        isObject(object) &&
        typeof object["id"] === "string" &&
        typeof object["type"] === "string" &&
        typeof object["timestamp"] === "number",
    )
  );
};
