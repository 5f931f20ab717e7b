import type { EventName, JsonObject, JsonValue } from "@peerscope/schema";

/** One frame that is no report. */
export interface MethodFrame {
  /** Name of the method, without the object that getUserMedia and its like belong to. */
  readonly method: string;
  readonly connectionId: string | null;
  readonly value: JsonValue;
  readonly extra: readonly JsonValue[];
  /** Unix ms. */
  readonly at: number;
}

/** What becomes of a frame: "read", "empty" when it tells nothing that Peerscope records, or what is wrong with it. */
export type Outcome = "read" | "empty" | "unknown" | "invalid" | "too-large" | "base-missing";

/** Emits an event of Peerscope at the time of the frame that is being read. */
export type Tell = (name: EventName, data: JsonObject, connectionId: string | null) => void;
