import type { EventRecord, JsonObject, JsonValue } from "@peerscope/schema";
import { isObject, isUnixMs, objectOf, parseJson, textOf } from "../json.ts";
import { reduceAddresses, reduceData } from "../redact.ts";
import type { NextCallId } from "./update-log.ts";

/** A request for camera, microphone or screen, with what came of it. */
export interface MediaRequest {
  /** Of the page: see `pageKey` of the reader. */
  readonly page: string;
  readonly at: number;
  readonly request: JsonObject;
  /** Null while the user is being asked. */
  readonly outcome: { readonly at: number; readonly entry: JsonObject } | null;
}

/** Joins requests with their outcomes, which are entries of their own. */
export function joinMediaEntries(
  entries: readonly JsonObject[],
  pageOf: (entry: JsonObject) => string,
): MediaRequest[] {
  const requests: { page: string; at: number; request: JsonObject; outcome: MediaRequest["outcome"] }[] = [];
  const open = new Map<string, (typeof requests)[number]>();
  for (const entry of entries) {
    const at = entry["timestamp"];
    if (!isUnixMs(at)) continue;
    const id = JSON.stringify([entry["pid"], entry["rid"], entry["request_id"]]);
    if (textOf(entry["origin"]) !== null || textOf(entry["url"]) !== null) {
      const request = { page: pageOf(entry), at, request: entry, outcome: null };
      requests.push(request);
      open.set(id, request);
    } else {
      const request = open.get(id);
      if (request !== undefined) request.outcome = { at: Math.max(at, request.at), entry };
      open.delete(id);
    }
  }
  return requests;
}

/** The events the SDK would have recorded of it. */
export function readMediaRequest(
  { at, request, outcome }: MediaRequest,
  nextCallId: NextCallId,
): EventRecord[] {
  const callId = nextCallId();
  const method = request["request_type"] === "getDisplayMedia" ? "getDisplayMedia" : "getUserMedia";
  const constraints: Record<string, JsonValue> = {};
  for (const kind of ["audio", "video"]) {
    const asked = request[kind];
    if (typeof asked === "string") constraints[kind] = readConstraints(asked);
  }
  const events: EventRecord[] = [
    { kind: "event", at, name: "api-called", data: { callId, method, arguments: { constraints } } },
  ];
  if (outcome === null) return events;
  const { entry } = outcome;
  const errorName = textOf(entry["error"]);
  const settled = { callId, method, durationMs: outcome.at - at };
  const message = reduceAddresses(textOf(entry["error_message"]) ?? "").slice(0, 500);
  const tracks = (["audio", "video"] as const).flatMap((kind) => {
    const { id } = objectOf(parseJson(textOf(entry[`${kind}_track_info`]) ?? "{}"));
    return typeof id === "string" && id !== "" ? [{ trackId: id, kind }] : [];
  });
  const streamId = textOf(entry["stream_id"]);
  events.push({
    kind: "event",
    at: outcome.at,
    name: "api-settled",
    data:
      errorName === null
        ? {
            ...settled,
            outcome: "fulfilled",
            result: { ...(streamId === null ? {} : { streamId }), tracks },
          }
        : { ...settled, outcome: "rejected", error: { name: errorName.slice(0, 60), message } },
  });
  return events;
}

/** Nothing stands for `true`; what older versions wrote for people is kept as it is. */
function readConstraints(text: string): JsonValue {
  if (text === "") return true;
  const parsed = parseJson(text);
  if (isObject(parsed)) return reduceData(parsed);
  return typeof parsed === "boolean" ? parsed : reduceAddresses(text.slice(0, 1_000));
}
