import type { JsonValue, StatsObject } from "@peerscope/schema";
import { memberKey, statsTypeCode } from "../names.ts";

/**
 * Reports as rtcstats-js 2.4 sends them, written from its description: what the reader is tested against besides recorded frames.
 * The numbers of methods and members are those of the reader; everything that is lost on the way is lost here too.
 */
export function createReferenceEncoder(
  connectionId: string,
): (stats: readonly StatsObject[], dt: number) => string {
  let last = new Map<string, StatsObject>();
  const numbers = new Map<string, string>();
  const numberOf = (id: string): string => {
    const known = numbers.get(id) ?? String(numbers.size + 1);
    numbers.set(id, known);
    return known;
  };
  return (stats, dt) => {
    const changes = new Map<string, Record<string, JsonValue> | null>();
    const present = new Map(stats.map((object) => [object.id, object]));
    for (const id of last.keys()) if (!present.has(id)) changes.set(id, null);
    for (const object of stats) changes.set(object.id, changesOf(object, last.get(object.id)));
    last = present;

    const times = [...changes.values()].flatMap((change) =>
      typeof change?.["timestamp"] === "number" ? [change["timestamp"]] : [],
    );
    const collective = Math.max(...times);
    for (const [id, change] of changes) {
      if (change === null) continue;
      if (change["timestamp"] === collective) delete change["timestamp"];
      if (Object.keys(change).length === 0 || change["type"] === "certificate") changes.delete(id);
      else if (change["type"] === "transport") {
        delete change["localCertificateId"];
        delete change["remoteCertificateId"];
      }
      for (const name of ["isRemote", "ip", "mediaType", "writable"]) delete change[name];
    }
    const value: Record<string, JsonValue> = {};
    for (const [id, change] of changes) {
      value[numberOf(id)] =
        change === null
          ? null
          : Object.fromEntries(
              Object.entries(change).map(([name, member]) => [
                name === "timestamp" ? "t" : memberKey(name),
                name === "type" && typeof member === "string"
                  ? statsTypeCode(member)
                  : name.endsWith("Id") && typeof member === "string" && present.has(member)
                    ? numberOf(member)
                    : member,
              ]),
            );
    }
    value["t"] = collective;
    return JSON.stringify(["g", connectionId, value, dt]);
  };
}

/** Members that are not what they were; of structures what changed in them. */
function changesOf(object: StatsObject, before: StatsObject | undefined): Record<string, JsonValue> {
  const change: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(object)) {
    const old = before?.[name];
    if (name === "id" || old === value) continue;
    if (typeof value !== "object" || value === null || typeof old !== "object" || old === null) {
      change[name] = value;
    } else if (Array.isArray(value)) {
      if (JSON.stringify(value) !== JSON.stringify(old)) change[name] = value;
    } else {
      const parts = Object.entries(value).filter(([part, member]) => Reflect.get(old, part) !== member);
      if (parts.length > 0) change[name] = Object.fromEntries(parts);
    }
  }
  return change;
}
