import type { JsonObject } from "@peerscope/schema";
import { isObject } from "../json.ts";
import { reduceAddresses, reduceData } from "../redact.ts";
import { createCalls } from "./calls.ts";
import { createDescriptions, type Descriptions, type ReadDescription } from "./descriptions.ts";
import { endOf, keyOf } from "./frame-values.ts";
import type { MethodFrame, Outcome, Tell } from "./method-frame.ts";

/** Connections of one session whose descriptions are put together: of the oldest they are forgotten. Ours. */
const maxDescribedConnections = 100;

/** Calls of the app and their outcomes, with the session descriptions in them put together. */
export interface MethodCalls {
  /** `key` finds the call again when its outcome comes; null for one that has none. `name`: as the SDK calls the method. */
  called(frame: MethodFrame, given: JsonObject, key?: string | null, name?: string): void;
  /** A call whose outcome comes in a frame of its own. */
  request(frame: MethodFrame, argument: string): Outcome;
  /** The outcome of one that worked. */
  settle(frame: MethodFrame, method: string, result?: JsonObject): void;
  /** The outcome of one that did not. */
  refuse(frame: MethodFrame, method: string): Outcome;
  /** setLocalDescription, setRemoteDescription. */
  describeSetting(frame: MethodFrame, end: "local" | "remote"): Outcome;
  /** The outcome of a call that makes a description, or sets one that it may have made itself. */
  describeResult(frame: MethodFrame, method: string, isMade: boolean): Outcome;
}

export function createMethodCalls(tell: Tell): MethodCalls {
  const calls = createCalls(tell);
  const descriptions = new Map<string, Descriptions>();

  function descriptionsOf(connectionId: string): Descriptions {
    const known = descriptions.get(connectionId) ?? createDescriptions();
    descriptions.delete(connectionId);
    descriptions.set(connectionId, known);
    for (const oldest of descriptions.keys()) {
      if (descriptions.size <= maxDescribedConnections) break;
      descriptions.delete(oldest);
    }
    return known;
  }

  function called(
    { at, method, connectionId }: MethodFrame,
    given: JsonObject,
    key: string | null = null,
    name: string = method,
  ): void {
    calls.called(at, name, given, connectionId, key);
  }

  function request(frame: MethodFrame, argument: string): Outcome {
    const { value, method } = frame;
    const given = isObject(value) ? reduceData({ [argument]: value }) : {};
    called(frame, given, keyOf(frame, method));
    return "read";
  }

  function settle(frame: MethodFrame, method: string, result?: JsonObject): void {
    const call = calls.settle(frame.at, method, keyOf(frame, method));
    calls.settled(frame.at, call, result === undefined ? {} : { result }, frame.connectionId);
  }

  function refuse(frame: MethodFrame, method: string): Outcome {
    const { value, at, connectionId } = frame;
    const error = typeof value === "string" ? reduceAddresses(value.slice(0, 4_000)) : "";
    calls.settled(at, calls.settle(at, method, keyOf(frame, method)), { error }, connectionId);
    const end = endOf(method);
    if (end !== null && connectionId !== null) descriptionsOf(connectionId).settled(end, false);
    return "read";
  }

  function describeSetting(frame: MethodFrame, end: "local" | "remote"): Outcome {
    const { connectionId, value, method } = frame;
    if (!isObject(value) || connectionId === null) return request(frame, "description");
    const { recorded, problem } = descriptionsOf(connectionId).setting(end, value, calls.next, method);
    called(frame, { description: recorded }, keyOf(frame, method));
    return outcomeOf(problem);
  }

  function describeResult(frame: MethodFrame, method: string, isMade: boolean): Outcome {
    const { connectionId, value, at } = frame;
    const key = keyOf(frame, method);
    const end = endOf(method);
    if (!isObject(value) || connectionId === null) {
      settle(frame, method);
      if (end !== null && connectionId !== null) descriptionsOf(connectionId).settled(end, true);
      return "read";
    }
    const call = calls.settle(at, method, key);
    const known = descriptionsOf(connectionId);
    const read = isMade
      ? known.created(value, call.callId, method)
      : known.madeAndSet(value, call.callId, method);
    calls.settled(at, call, { result: read.recorded }, connectionId);
    return outcomeOf(read.problem);
  }

  return { called, request, settle, refuse, describeSetting, describeResult };
}

function outcomeOf(problem: ReadDescription["problem"]): Outcome {
  return problem ?? "read";
}
