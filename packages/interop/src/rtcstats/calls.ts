import type { EventData, JsonObject, JsonValue } from "@peerscope/schema";
import type { Tell } from "./method-frame.ts";

/** Calls that wait for their outcome. Ours: beyond it the oldest is forgotten. */
const maxWaiting = 1_000;

/** A call of the app that was told, and has not settled. */
export interface WaitingCall {
  readonly callId: number;
  readonly method: string;
  readonly at: number;
}

/** Calls of the app, numbered as the SDK numbers them, and joined with their outcome. */
export interface Calls {
  /** Number of the next call: what a session description is said by. */
  readonly next: number;
  /** `key` finds the call again: the correlation id, or what there is one of at a time. Null for one that has no outcome. */
  called(
    at: number,
    method: string,
    given: JsonObject,
    connectionId: string | null,
    key: string | null,
  ): void;
  /** The call that the outcome belongs to; a new one when its beginning is missing. */
  settle(at: number, method: string, key: string): WaitingCall;
  settled(
    at: number,
    call: WaitingCall,
    outcome: { readonly error?: JsonValue; readonly result?: JsonObject },
    connectionId: string | null,
  ): void;
}

export function createCalls(tell: Tell): Calls {
  /** Several calls of one key wait in the order in which they were made. */
  const waiting = new Map<string, WaitingCall[]>();
  let count = 0;
  let size = 0;

  function forgetOldest(): void {
    for (const [key, calls] of waiting) {
      size -= calls.length;
      waiting.delete(key);
      return;
    }
  }

  return {
    get next() {
      return count + 1;
    },
    called(at, method, given, connectionId, key) {
      count += 1;
      tell("api-called", { callId: count, method, arguments: given }, connectionId);
      if (key === null) return;
      if (size >= maxWaiting) forgetOldest();
      const call = { callId: count, method, at };
      const calls = waiting.get(key);
      if (calls === undefined) waiting.set(key, [call]);
      else calls.push(call);
      size += 1;
    },
    settle(at, method, key) {
      const calls = waiting.get(key);
      const call = calls?.shift();
      if (calls?.length === 0) waiting.delete(key);
      if (call !== undefined) {
        size -= 1;
        return call;
      }
      count += 1;
      return { callId: count, method, at };
    },
    settled(at, { callId, method, at: calledAt }, { error, result }, connectionId) {
      tell(
        "api-settled",
        {
          callId,
          method,
          outcome: error === undefined ? "fulfilled" : "rejected",
          durationMs: Math.max(0, at - calledAt),
          ...(error === undefined ? {} : { error: describeError(error) }),
          ...(result === undefined ? {} : { result }),
        },
        connectionId,
      );
    },
  };
}

/** "NotAllowedError: Permission denied" as name and message. */
function describeError(value: JsonValue): EventData["api-settled"]["error"] & JsonObject {
  const text = typeof value === "string" ? value.slice(0, 4_000) : "";
  const parts = /^(\w*(?:Error|Exception))(?:: ([^]*))?$/.exec(text);
  return { name: parts?.[1] ?? "Error", message: parts === null ? text : (parts[2] ?? "") };
}
