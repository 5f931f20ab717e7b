import { sdpDifference, type JsonObject } from "@peerscope/schema";
import type { Connection } from "./connection.ts";

/** A session description as it was recorded. */
export interface SeenDescription {
  /** The call whose arguments or result it is. */
  readonly callId: number;
  readonly lines: readonly string[];
}

/**
 * An argument or result of a call as it is to be recorded: of a session description only what it does not have in common with the last
 * one of its connection, anything else as it is.
 */
export function shortenDescription(
  value: unknown,
  callId: number,
  method: string,
  { descriptions }: Connection,
): unknown {
  const { type, sdp } = Object(value) as JsonObject;
  if (typeof sdp !== "string" || !sdp) return value;
  const lines = sdp.split("\n");
  const end = method.startsWith("setR") ? "remote" : "local";
  // An answer is more like the offer than like nothing.
  const base = descriptions.get(end) ?? [...descriptions.values()][0];
  descriptions.set(end, { callId, lines });
  return { type, sdp: base ? sdpDifference(base.callId, base.lines, lines) : sdp };
}
