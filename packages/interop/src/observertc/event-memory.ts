import type { JsonObject, JsonValue } from "@peerscope/schema";
import { arrayOf, objectOf } from "../json.ts";

/** Puts together again what `@observertc/samples-encoder` 3.0 leaves out of events. */
export interface EventMemory {
  complete(sample: JsonObject): JsonObject;
}

/**
 * That encoder sends of an event or issue what differs from the one before it, over the whole stream, and says so nowhere: an event
 * without a type has the type of the last one. A payload that is left out may be the same or none: it is taken over with the type alone.
 */
export function createEventMemory(): EventMemory {
  const last = new Map<string, JsonObject>();

  function completeList(name: string, entries: readonly JsonValue[]): JsonValue[] {
    return entries.map((value) => {
      const entry = objectOf(value);
      const { type, timestamp, payload } = last.get(name) ?? {};
      const whole: JsonObject = {
        ...(type === undefined ? {} : { type }),
        ...(timestamp === undefined ? {} : { timestamp }),
        ...(payload === undefined || entry["type"] !== undefined ? {} : { payload }),
        ...entry,
      };
      last.set(name, whole);
      return whole;
    });
  }

  return {
    complete(sample) {
      const lists = ["clientEvents", "clientIssues"].flatMap((name) =>
        sample[name] === undefined ? [] : [[name, completeList(name, arrayOf(sample[name]))] as const],
      );
      return { ...sample, ...Object.fromEntries(lists) };
    },
  };
}
