import type {
  EventData,
  EventName,
  EventRecord,
  JsonObject,
  JsonValue,
  SeenTransceiver,
} from "@peerscope/schema";
import { readCandidateLine } from "../candidate.ts";
import { arrayOf, isObject, numberOf, objectOf, parseJson, textOf } from "../json.ts";
import { reduceAddresses, reduceData, reduceSdp, reduceUrl } from "../redact.ts";

/** What a connection logged: a call of the app or an event, with its time. */
export interface LogEntry {
  readonly at: number;
  readonly type: string;
  readonly value: string;
}

/** Hands out the numbers that join calls with their outcomes; they are unique in a session. */
export type NextCallId = () => number;

/** Streams of one track. Ours. */
const maxStreams = 20;

const stateNames: ReadonlyMap<string, EventName> = new Map<string, EventName>([
  ["signalingstatechange", "signaling-state-changed"],
  ["iceconnectionstatechange", "ice-connection-state-changed"],
  ["connectionstatechange", "connection-state-changed"],
  ["icegatheringstatechange", "ice-gathering-state-changed"],
]);

/** Methods by their name in lower case, with the name of what their value is. */
const methods: ReadonlyMap<string, readonly [method: string, argument: string]> = new Map([
  ["createoffer", ["createOffer", "options"]],
  ["createanswer", ["createAnswer", "options"]],
  ["setlocaldescription", ["setLocalDescription", "description"]],
  ["setremotedescription", ["setRemoteDescription", "description"]],
  ["addicecandidate", ["addIceCandidate", "candidate"]],
  ["addtrack", ["addTrack", "track"]],
  ["removetrack", ["removeTrack", "sender"]],
  ["addtransceiver", ["addTransceiver", "track"]],
  ["createdatachannel", ["createDataChannel", "init"]],
  ["setconfiguration", ["setConfiguration", "configuration"]],
  ["restartice", ["restartIce", ""]],
  ["replacetrack", ["replaceTrack", "track"]],
]);

/** Turns the log of one connection into events. What has no counterpart is told to `unknown` by its name. */
export function readUpdateLog(
  entries: readonly LogEntry[],
  connectionId: string,
  nextCallId: NextCallId,
  unknown: (type: string) => void,
): EventRecord[] {
  const events: EventRecord[] = [];
  const pending = new Map<string, { readonly callId: number; readonly at: number }[]>();
  const mids = midsOfTracks(entries);
  // Chromium notes a candidate once it was taken; only where the log has outcomes of their own they are waited for.
  const hasCandidateOutcomes = entries.some(({ type }) => /^addicecandidateon(success|failure)$/i.test(type));

  function emit<Name extends EventName>(at: number, name: Name, data: EventData[Name] & JsonObject): void {
    events.push({ kind: "event", at, name, connectionId, data });
  }

  function settle(at: number, method: string, failure: string | null, result: JsonObject | null): void {
    const call = pending.get(method)?.shift();
    emit(at, "api-settled", {
      callId: call?.callId ?? nextCallId(),
      method,
      outcome: failure === null ? "fulfilled" : "rejected",
      durationMs: Math.max(0, at - (call?.at ?? at)),
      ...(failure === null ? {} : { error: errorOf(failure) }),
      ...(result === null ? {} : { result }),
    });
  }

  for (const { at, type, value } of entries) {
    const name = type.toLowerCase().replace(/^on/, "");
    const stateName = stateNames.get(name);
    if (stateName !== undefined) {
      const state = plainText(value);
      if (state !== "")
        events.push({
          kind: "event",
          at,
          name: stateName,
          connectionId,
          data: { state: state.slice(0, 40) },
        });
      continue;
    }
    const outcome = /^(.+?)(?:on(success|failure)|(failed))$/.exec(name);
    const settled = methods.get(outcome?.[1] ?? "");
    if (outcome !== null && settled !== undefined) {
      const isFailure = outcome[2] !== "success";
      const description = isFailure ? null : readDescription(value);
      if (outcome[3] !== undefined) call(at, settled, value);
      settle(at, settled[0], isFailure ? plainText(value) : null, description);
      continue;
    }
    const called = methods.get(name);
    if (called !== undefined) {
      call(at, called, value);
      if (called[0] === "addIceCandidate" && !hasCandidateOutcomes) settle(at, called[0], null, null);
      continue;
    }
    switch (name) {
      case "icecandidate": {
        const fields = readFields(value);
        const candidate = readCandidateLine(textOf(fields["candidate"]) ?? "");
        if (candidate === null) break;
        const url = textOf(fields["url"]);
        const relayProtocol = textOf(fields["relayProtocol"]);
        emit(at, "ice-candidate-gathered", {
          ...candidate,
          address: reduceAddresses(candidate.address ?? ""),
          ...(url === null ? {} : { url: reduceAddresses(reduceUrl(url)) }),
          ...(relayProtocol === null ? {} : { relayProtocol }),
        });
        break;
      }
      case "icecandidateerror": {
        const fields = readFields(value);
        const given = fields["errorCode"] ?? fields["error_code"];
        const errorCode = Number(typeof given === "string" ? given : numberOf(given));
        emit(at, "ice-candidate-failed", {
          errorCode: Number.isFinite(errorCode) ? errorCode : 0,
          errorText: reduceAddresses(textOf(fields["errorText"] ?? fields["error_text"]) ?? "").slice(0, 200),
          url: reduceAddresses(reduceUrl(textOf(fields["url"]) ?? "")),
        });
        break;
      }
      case "negotiationneeded":
        emit(at, "negotiation-needed", {});
        break;
      case "transceiveradded":
      case "transceivermodified": {
        const transceiver = readTransceiver(value);
        if (transceiver !== null) emit(at, "transceiver-changed", transceiver);
        break;
      }
      case "track": {
        const { id, kind, streams } = readFields(value);
        if (typeof id !== "string" || (kind !== "audio" && kind !== "video")) break;
        const streamIds = arrayOf(streams)
          .filter((stream) => typeof stream === "string")
          .slice(0, maxStreams);
        emit(at, "remote-track-added", { trackId: id, kind, mid: mids.get(id) ?? null, streamIds });
        break;
      }
      case "close":
      case "stop":
        emit(at, "api-called", { callId: nextCallId(), method: "close", arguments: {} });
        emit(at, "connection-closed", { reason: "closed-by-app" });
        break;
      default:
        unknown(type);
    }
  }
  return events;

  function call(at: number, [method, argument]: readonly [string, string], value: string): void {
    const callId = nextCallId();
    const given = argumentOf(method, value);
    emit(at, "api-called", {
      callId,
      method,
      arguments: argument === "" || given === null ? {} : { [argument]: given },
    });
    if (isSettledLater(method)) {
      const waiting = pending.get(method) ?? [];
      waiting.push({ callId, at });
      pending.set(method, waiting);
    }
  }
}

/** Methods with a promise. Of the others, Chromium notes those that went well. */
function isSettledLater(method: string): boolean {
  return /^(create[OA]|set[LR]|addIce)/.test(method);
}

function argumentOf(method: string, value: string): JsonObject | null {
  if (/^set[LR]/.test(method)) return readDescription(value);
  const fields = readFields(value);
  if (method === "addTrack" || method === "replaceTrack" || method === "addTransceiver") {
    const trackId = textOf(fields["id"]) ?? textOf(fields["track"]);
    const kind = textOf(fields["kind"]);
    return { ...(trackId === null ? {} : { trackId }), ...(kind === null ? {} : { kind }) };
  }
  return Object.keys(fields).length === 0 ? null : reduceData(fields);
}

function errorOf(text: string): { readonly name: string; readonly message: string } {
  const fields = objectOf(parseJson(text));
  const whole = textOf(fields["message"]) ?? text;
  const [, found] = /^(\w+(?:Error|Exception))\b/.exec(whole) ?? [];
  return {
    name: (textOf(fields["name"]) ?? found ?? "Error").slice(0, 60),
    message: reduceAddresses(whole).slice(0, 500),
  };
}

function readDescription(value: string): JsonObject | null {
  const { type, sdp } = readFields(value);
  if (typeof type !== "string" || typeof sdp !== "string") return null;
  return { type: type.slice(0, 20), sdp: reduceSdp(sdp) };
}

/** A text in JSON's quotes or without. */
export function plainText(value: string): string {
  const parsed = value.startsWith('"') ? parseJson(value) : undefined;
  return typeof parsed === "string" ? parsed : value;
}

/** The labels of older values. A candidate has commas and colons of its own, and so has a description. */
const labels =
  /(?:^|,\s*)(sdpMid|sdpMLineIndex|candidate|url|relayProtocol|type|sdp|id|kind|track|label|errorCode|errorText|error_code|error_text|address|port|streams):\s*/g;

/** Members of a value: JSON, or, in older versions, "label: text, label: text". */
function readFields(value: string): JsonObject {
  if (value.startsWith("{")) {
    const parsed = parseJson(value);
    return objectOf(parsed);
  }
  // The description is the last member, and the longest by far: no label of it is looked for.
  const sdpAt = value.indexOf("sdp: v=0");
  const head = sdpAt === -1 ? value.slice(0, 4_000) : value.slice(0, sdpAt);
  const fields: Record<string, JsonValue> = sdpAt === -1 ? {} : { sdp: value.slice(sdpAt + 5) };
  const found = [...head.matchAll(labels)];
  for (const [place, match] of found.entries()) {
    const [whole, label] = match;
    const text = head.slice(match.index + whole.length, found[place + 1]?.index ?? head.length);
    if (label !== undefined) fields[label] = text.replace(/,\s*$/, "").replaceAll(/^'|'$/g, "");
  }
  return fields;
}

function readTransceiver(value: string): SeenTransceiver | null {
  const parsed = value.startsWith("{") ? parseJson(value) : undefined;
  if (!isObject(parsed)) return readTransceiverText(value);
  const { kind } = parsed;
  const receiverTrackId = textOf(objectOf(parsed["receiver"])["track"]);
  if ((kind !== "audio" && kind !== "video") || receiverTrackId === null) return null;
  const mid = parsed["mid"];
  return {
    mid: typeof mid === "number" ? String(mid) : textOf(mid),
    kind,
    direction: textOf(parsed["direction"]) ?? "",
    currentDirection: textOf(parsed["currentDirection"]),
    senderTrackId: textOf(objectOf(parsed["sender"])["track"]),
    receiverTrackId,
  };
}

/** The older form: several lines for people to read, "mid:'0', kind:'audio', sender:{ track:'…', …". */
function readTransceiverText(value: string): SeenTransceiver | null {
  const text = value.slice(0, 8_000);
  const member = (name: string, from: string): string | null =>
    new RegExp(`\\b${name}:\\s*'([^']*)'`).exec(from)?.[1] ?? null;
  const senderAt = text.indexOf("sender:");
  const receiverAt = text.indexOf("receiver:");
  const kind = member("kind", text);
  const receiver = receiverAt === -1 ? "" : text.slice(receiverAt);
  const receiverTrackId = member("track", receiver);
  if ((kind !== "audio" && kind !== "video") || receiverTrackId === null) return null;
  return {
    mid: member("mid", text.slice(0, Math.max(senderAt, 0)) || text),
    kind,
    direction: member("direction", text) ?? "",
    currentDirection: member("currentDirection", text),
    senderTrackId: senderAt === -1 ? null : member("track", text.slice(senderAt, receiverAt)),
    receiverTrackId,
  };
}

/** The track event comes before its transceiver is told. */
function midsOfTracks(entries: readonly LogEntry[]): ReadonlyMap<string, string> {
  const mids = new Map<string, string>();
  for (const { type, value } of entries) {
    if (!/^transceiver(added|modified)$/i.test(type)) continue;
    const transceiver = readTransceiver(value);
    if (transceiver !== null && transceiver.mid !== null)
      mids.set(transceiver.receiverTrackId, transceiver.mid);
  }
  return mids;
}
