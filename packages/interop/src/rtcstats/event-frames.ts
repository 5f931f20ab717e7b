import {
  createDescriptionReader,
  type ContextRecord,
  type EventRecord,
  type JsonObject,
  type JsonValue,
} from "@peerscope/schema";
import { isObject, numberOf, objectOf, textOf } from "../json.ts";

/** What stands in a frame for a record, before the additions of Peerscope and the time. */
export interface FrameParts {
  readonly method: number | string;
  readonly connectionId: string | null;
  readonly value: JsonValue;
  /** Correlation id, or what else the method has behind its value. */
  readonly extra: readonly JsonValue[];
}

/** Method of records that the format has nothing for: readers take it for an event of the app. */
const ownMethod = ":peerscope";

const states: ReadonlyMap<string, number> = new Map([
  ["signaling-state-changed", 23],
  ["ice-connection-state-changed", 24],
  ["connection-state-changed", 25],
  ["ice-gathering-state-changed", 26],
]);

/** Calls whose argument the format has as its value: code of the call, of its success and failure, and the argument. */
const calls: ReadonlyMap<
  string,
  {
    readonly called: number;
    readonly fulfilled: number;
    readonly rejected: number;
    readonly argument: string;
  }
> = new Map([
  ["createOffer", { called: 2, fulfilled: 3, rejected: 12, argument: "options" }],
  ["createAnswer", { called: 4, fulfilled: 5, rejected: 13, argument: "options" }],
  ["setLocalDescription", { called: 6, fulfilled: 7, rejected: 14, argument: "description" }],
  ["setRemoteDescription", { called: 8, fulfilled: 9, rejected: 15, argument: "description" }],
  ["addIceCandidate", { called: 10, fulfilled: 11, rejected: 16, argument: "candidate" }],
  ["getUserMedia", { called: 60, fulfilled: 61, rejected: 65, argument: "constraints" }],
]);

/** Says events and contexts in the words of rtcstats, as far as it has some. */
export interface EventFrames {
  ofEvent(event: EventRecord): FrameParts;
  ofContext(record: ContextRecord): FrameParts;
}

export function createEventFrames(): EventFrames {
  const descriptions = createDescriptionReader();
  return {
    ofEvent(event) {
      const { name, data = {}, connectionId = null } = event;
      const description = descriptions.read(name, connectionId, data);
      const parts = (method: number | string, value: JsonValue, ...extra: JsonValue[]): FrameParts => ({
        method,
        connectionId,
        value,
        extra,
      });
      const state = states.get(name);
      if (state !== undefined) return parts(state, textOf(data["state"]) ?? "");
      if (name === "connection-created") return parts(39, objectOrNull(data["configuration"]));
      if (name === "connection-closed") return parts(36, null);
      if (name === "negotiation-needed") return parts(27, null);
      if (name === "ice-candidate-failed") return parts(21, data);
      if (name === "remote-track-added") {
        const streams = Array.isArray(data["streamIds"]) ? data["streamIds"] : [];
        return parts(22, [data["kind"] ?? null, data["trackId"] ?? null, "", ...streams]);
      }
      if (name === "session-ended") return parts("close", 1000);
      if (name === "app-event") return parts(`:${textOf(data["name"]) ?? ""}`, data["data"] ?? null);
      const call = calls.get(textOf(data["method"]) ?? "");
      if (call === undefined || (name !== "api-called" && name !== "api-settled"))
        return parts(ownMethod, null);
      const correlation = `${call.called}-${numberOf(data["callId"]) ?? 0}`;
      const said: JsonObject | null =
        description === null ? null : { type: description.type, sdp: description.sdp ?? "" };
      if (name === "api-called") {
        return parts(
          call.called,
          said ?? objectOrNull(objectOf(data["arguments"])[call.argument]),
          correlation,
        );
      }
      if (data["outcome"] !== "rejected") return parts(call.fulfilled, said ?? gotMedia(data), correlation);
      const error = objectOf(data["error"]);
      return parts(
        call.rejected,
        `${textOf(error["name"]) ?? "Error"}: ${textOf(error["message"]) ?? ""}`,
        correlation,
      );
    },
    ofContext({ context }) {
      const { hardwareConcurrency, deviceMemoryGb, screenWidth, screenHeight, devicePixelRatio } = context;
      const value: JsonObject = {
        ...(hardwareConcurrency === undefined ? {} : { hardwareConcurrency }),
        ...(deviceMemoryGb === undefined ? {} : { deviceMemory: deviceMemoryGb }),
        ...(screenWidth === undefined || screenHeight === undefined
          ? {}
          : {
              screen: { width: screenWidth, height: screenHeight, devicePixelRatio: devicePixelRatio ?? 1 },
            }),
      };
      return { method: 39, connectionId: null, value, extra: [] };
    },
  };
}

function objectOrNull(value: JsonValue | undefined): JsonValue {
  return isObject(value) ? value : null;
}

/** Tracks that getUserMedia gave, as `[kind, id, label, streamId]`; their names are not known. */
function gotMedia(data: JsonObject): JsonValue {
  if (data["method"] !== "getUserMedia") return null;
  const { tracks, streamId } = objectOf(data["result"]);
  const list: readonly JsonValue[] = Array.isArray(tracks) ? tracks : [];
  return list.filter(isObject).map(({ kind, trackId }) => [kind ?? "", trackId ?? "", "", streamId ?? ""]);
}
