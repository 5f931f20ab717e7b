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

/** Members of a record before its body. */
export type Head = Record<string, JsonValue>;

/** Those of a stream. */
export const headOf = (kind: number, key: string, at: number): Head => {
  const keyName = keyNames[kind] as string;
  return { kind: recordKinds[kind] as string, at, ...(keyName !== "" && { [keyName]: key }) };
};

/** Names of the members of a record, whose body may have some that are before it too. */
export const namesOf = (head: Head, keys: readonly string[]): readonly string[] => [
  ...Object.keys(head),
  ...keys.filter((key) => !Object.hasOwn(head, key)),
];

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isOptional = (value: JsonValue | undefined, type: "string" | "number"): boolean =>
  value === undefined || typeof value === type;

/**
 * True when the members of the body make a record of this kind, so that whoever gets it can rely on its type. `names` are those of
 * the body, `record` may have what comes before it.
 */
export const isRecordBody = (kind: number, names: readonly string[], record: JsonObject): boolean => {
  if (["kind", "at", keyNames[kind] as string].some((name) => names.includes(name))) return false;
  if (kind === kindEvent) {
    const data = record["data"];
    return isOptional(record["connectionId"], "string") && (data === undefined || isObject(data));
  }
  if (kind !== kindSample) return isObject(record["context"]);
  const stats = record["stats"];
  return (
    Array.isArray(stats) &&
    isOptional(record["durationMs"], "number") &&
    stats.every(
      (object: JsonValue) =>
        isObject(object) &&
        typeof object["id"] === "string" &&
        typeof object["type"] === "string" &&
        typeof object["timestamp"] === "number",
    )
  );
};
