import type { JsonObject, JsonValue } from "@peerscope/schema";

/** One line of a lab's events.jsonl: what a page saw, or what the lab did. */
export interface LabEvent {
  /** Unix ms: the page's clock where the page said it, else the recorder's. */
  readonly at: number;
  readonly event: string;
  /** Participant; null for what concerns the whole call. */
  readonly peer: string | null;
  /** Name of the peer connection. */
  readonly pc: string | null;
  /** All members of the line. */
  readonly members: JsonObject;
}

/**
 * Reads events.jsonl, ordered by time. A line that is not an event is an error: these files are ours,
 * and a damaged one must not pass as a quiet call.
 */
export function readLabEvents(text: string): LabEvent[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line, index) => {
      const members: JsonValue = JSON.parse(line);
      const { t, event, peer, pc, pageT } = isObject(members) ? members : {};
      if (!isObject(members) || typeof t !== "number" || typeof event !== "string")
        throw new Error(`events.jsonl line ${index + 1} is not an event`);
      return {
        at: typeof pageT === "number" ? pageT : t,
        event,
        peer: typeof peer === "string" ? peer : null,
        pc: typeof pc === "string" ? pc : null,
        members,
      };
    })
    .sort((a, b) => a.at - b.at);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
