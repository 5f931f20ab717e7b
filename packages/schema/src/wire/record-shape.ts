import type { JsonObject, JsonValue } from "../json.ts";
import type { SessionRecord } from "../records.ts";

/** Kinds of records, in the order of their numbers on the wire. */
export const recordKinds: readonly string[] = [
  "event",
  "context",
  "sample",
] satisfies SessionRecord["kind"][];

export const kindEvent = 0;
const kindContext = 1;
/** From here on: the sample of a connection, counted in the order in which they came up. */
export const kindFirstSample = 2;

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isOptional = (value: JsonValue | undefined, type: "string" | "number"): boolean =>
  value === undefined || typeof value === type;

/**
 * True when the members besides `kind` and `at` (and `connectionId` of a sample) make a record of this kind, so that
 * whoever gets it can rely on its type.
 */
export const isRecordBody = (kind: number, body: JsonObject): boolean => {
  if ("kind" in body || "at" in body) return false;
  if (kind === kindEvent) {
    const data = body["data"];
    return (
      typeof body["name"] === "string" &&
      isOptional(body["connectionId"], "string") &&
      (data === undefined || isObject(data))
    );
  }
  if (kind === kindContext) return isObject(body["context"]);
  const stats = body["stats"];
  return (
    !("connectionId" in body) &&
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
