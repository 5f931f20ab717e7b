import type { EventName, EventRecord, JsonObject, JsonValue, SessionContext } from "@peerscope/schema";
import { readCandidateLine } from "../candidate.ts";
import { listDevices } from "../devices.ts";
import { arrayOf, isObject, isPlain, numberOf, objectOf, textOf } from "../json.ts";
import { reduceAddresses, reduceData, reduceUrl } from "../redact.ts";
import { createCalls, type WaitingCall } from "./calls.ts";
import {
  endOf,
  isAwaited,
  isName,
  keyOf,
  maxNameCharacters,
  nameOf,
  pageContext,
  readTrack,
  transceiverOf,
} from "./frame-values.ts";
import { createTracks } from "./tracks.ts";
import { createDescriptions, type Descriptions, type ReadDescription } from "./descriptions.ts";

/** Bounds of what is remembered of one session. Ours. */
const limits = {
  /** Connections whose session descriptions are put together: of the oldest they are forgotten. */
  describedConnections: 100,
} as const;

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

/** Turns methods and events of rtcstats into the events of Peerscope. */
export interface EventTranslator {
  translate(frame: MethodFrame): Outcome;
  /** State of the processor, 1 critical to 4 nominal. */
  pressure(at: number, cpuState: number): void;
}

const stateEvents: ReadonlyMap<string, EventName> = new Map([
  ["onsignalingstatechange", "signaling-state-changed"],
  ["oniceconnectionstatechange", "ice-connection-state-changed"],
  ["onconnectionstatechange", "connection-state-changed"],
  ["onicegatheringstatechange", "ice-gathering-state-changed"],
]);

/** Methods that say nothing which Peerscope has a record for: see docs/reference/interop.md. */
const empty: ReadonlySet<string> = new Set([
  "constraints",
  "websocket",
  "ondevicechange",
  "HTMLMediaElement.resize",
  "publicIP",
  "location",
]);

const pressures = ["", "critical", "serious", "fair", "nominal"] as const;

export function createEventTranslator(
  emit: (record: EventRecord) => void,
  emitContext: (at: number, context: SessionContext) => void,
): EventTranslator {
  let now = 0;
  const tell = (name: EventName, data: JsonObject, connectionId: string | null): void =>
    emit({ kind: "event", at: now, name, ...(connectionId === null ? {} : { connectionId }), data });
  const calls = createCalls(tell);
  const tracks = createTracks(tell);
  const descriptions = new Map<string, Descriptions>();
  let devicesTold = "";
  let pressureTold = "";

  function descriptionsOf(connectionId: string): Descriptions {
    const known = descriptions.get(connectionId) ?? createDescriptions();
    descriptions.delete(connectionId);
    descriptions.set(connectionId, known);
    for (const oldest of descriptions.keys()) {
      if (descriptions.size <= limits.describedConnections) break;
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

  /** A call whose outcome comes in a frame of its own. */
  function request(frame: MethodFrame, argument: string): Outcome {
    const { value, method } = frame;
    const given = isObject(value) ? reduceData({ [argument]: value }) : {};
    called(frame, given, keyOf(frame, method));
    return "read";
  }

  function settle(frame: MethodFrame, method: string, result?: JsonObject): WaitingCall {
    const call = calls.settle(frame.at, method, keyOf(frame, method));
    calls.settled(frame.at, call, result === undefined ? {} : { result }, frame.connectionId);
    return call;
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

  /** addTrack, addTransceiver: the outcome has no correlation id, but comes before the next call of that kind ends. */
  function addMedia(frame: MethodFrame): Outcome {
    const { value, connectionId, method } = frame;
    const list = arrayOf(value);
    const isTrack = method === "addTrack";
    const described = isTrack ? list : list[0];
    const track = tracks.giveTrack(described, connectionId);
    const streamId = isTrack ? textOf(list[3]) : null;
    const init = isTrack ? undefined : list[1];
    called(
      frame,
      {
        track: track ?? (typeof described === "string" ? described.slice(0, maxNameCharacters) : null),
        ...(streamId === null ? {} : { stream: { streamId } }),
        ...(isObject(init) ? reduceData({ init }) : {}),
      },
      keyOf(frame, method),
    );
    return "read";
  }

  function gotMedia(frame: MethodFrame, method: string): Outcome {
    const source = method === "getDisplayMedia" ? "screen" : null;
    const given: JsonObject[] = [];
    let streamId: string | null = null;
    for (const described of arrayOf(frame.value).slice(0, 100)) {
      const track = readTrack(described);
      if (track === null) continue;
      given.push(track);
      streamId ??= textOf(arrayOf(described)[3]);
      const own = source ?? (track.kind === "audio" ? "microphone" : "camera");
      tracks.seeTrack(track.trackId, { kind: track.kind, direction: "local", source: own }, null);
    }
    settle(frame, method, { ...(streamId === null ? {} : { streamId }), tracks: given });
    return "read";
  }

  function replaceTrack(frame: MethodFrame): Outcome {
    const { connectionId, extra, value } = frame;
    const [from, to] = arrayOf(value).map(readTrack);
    const track = tracks.giveTrack(arrayOf(value)[1], connectionId);
    called(frame, { transceiver: transceiverOf(extra), track });
    const kind = to?.kind ?? from?.kind;
    if (kind !== undefined)
      tell(
        "sender-track-replaced",
        { from: from?.trackId ?? null, to: to?.trackId ?? null, kind },
        connectionId,
      );
    return "read";
  }

  function remoteTrack({ value, connectionId }: MethodFrame): Outcome {
    const track = readTrack(value);
    if (track === null) return "invalid";
    const { kind, trackId } = track;
    tracks.seeTrack(trackId, { kind, direction: "remote", source: null }, connectionId);
    const streamIds = arrayOf(value).slice(3, 103).filter(isName);
    tell("remote-track-added", { trackId, kind, mid: null, streamIds }, connectionId);
    return "read";
  }

  function gathered({ value, connectionId }: MethodFrame): Outcome {
    const { candidate, url, relayProtocol } = objectOf(value);
    const line = typeof candidate === "string" ? readCandidateLine(candidate) : null;
    // Null and the empty one are the end of the list.
    if (line === null) return value === null || candidate === "" ? "empty" : "invalid";
    tell(
      "ice-candidate-gathered",
      {
        ...line,
        ...(typeof url === "string" ? { url: reduceAddresses(reduceUrl(url)) } : {}),
        ...(typeof relayProtocol === "string" ? { relayProtocol: relayProtocol.slice(0, 20) } : {}),
      },
      connectionId,
    );
    return "read";
  }

  function candidateFailed({ value, connectionId }: MethodFrame): Outcome {
    const { errorCode, errorText, url, address, port, hostCandidate } = objectOf(value);
    if (typeof errorCode !== "number") return "invalid";
    const from = address ?? (typeof hostCandidate === "string" ? hostCandidate.replace(/:\d*$/, "") : null);
    tell(
      "ice-candidate-failed",
      reduceData({
        errorCode,
        errorText: errorText ?? "",
        url: url ?? "",
        address: from,
        port: port ?? null,
      }),
      connectionId,
    );
    return "read";
  }

  function created({ value, connectionId, at }: MethodFrame): Outcome {
    if (connectionId === null) {
      const context = pageContext(objectOf(value));
      emitContext(at, context);
      return Object.keys(context).length > 0 ? "read" : "empty";
    }
    tell("connection-created", isObject(value) ? reduceData({ configuration: value }) : {}, connectionId);
    return "read";
  }

  function appEvent({ method, value, connectionId }: MethodFrame): Outcome {
    if (!isPlain(value)) return "too-large";
    const name = method.slice(1, maxNameCharacters);
    tell(
      "app-event",
      { name, ...(value === null ? {} : { data: isObject(value) ? value : { value } }) },
      connectionId,
    );
    return "read";
  }

  function changeState(frame: MethodFrame, name: EventName): Outcome {
    const { value, connectionId } = frame;
    // Files that were made from dumps of Chrome have the word in quotes of its own.
    const state = typeof value === "string" ? value.replace(/^"(.*)"$/, "$1") : "";
    if (state === "" || state.length > 40 || connectionId === null) return "invalid";
    tell(name, { state }, connectionId);
    return "read";
  }

  function listed({ value }: MethodFrame): Outcome {
    const data = listDevices(arrayOf(value));
    const text = JSON.stringify(data);
    if (text === devicesTold) return "empty";
    devicesTold = text;
    tell("devices-listed", data, null);
    return "read";
  }

  function translateKnown(frame: MethodFrame): Outcome {
    const { method, value, extra, connectionId } = frame;
    const state = stateEvents.get(method);
    if (state !== undefined) return changeState(frame, state);
    if (method.startsWith(":")) return appEvent(frame);
    const failed = /^(.+)OnFailure$/.exec(method)?.[1];
    if (failed !== undefined && isAwaited(failed)) return refuse(frame, failed);
    const succeeded = /^(.+)OnSuccess$/.exec(method)?.[1];
    switch (succeeded) {
      case "createOffer":
      case "createAnswer":
        return describeResult(frame, succeeded, true);
      case "setLocalDescription":
      case "setRemoteDescription":
        return describeResult(frame, succeeded, false);
      case "getUserMedia":
      case "getDisplayMedia":
        return gotMedia(frame, succeeded);
      case "addIceCandidate":
      case "addTrack":
      case "addTransceiver":
        settle(frame, succeeded);
        return "read";
    }
    switch (method) {
      case "create":
        return created(frame);
      case "createOffer":
      case "createAnswer":
        return request(frame, "options");
      case "setLocalDescription":
        return describeSetting(frame, "local");
      case "setRemoteDescription":
        return describeSetting(frame, "remote");
      case "addIceCandidate":
        return request(frame, "candidate");
      case "getUserMedia":
      case "getDisplayMedia":
        return request(frame, "constraints");
      case "addTrack":
      case "addTransceiver":
        return addMedia(frame);
      case "removeTrack":
        called(frame, { sender: { receiverTrackId: nameOf(value) } });
        return "read";
      case "createDataChannel": {
        const [label, init] = arrayOf(value);
        called(frame, { label: nameOf(label), ...(isObject(init) ? reduceData({ init }) : {}) });
        return "read";
      }
      case "close":
        called(frame, {});
        tell("connection-closed", { reason: "closed-by-app" }, connectionId);
        return "read";
      case "restartIce":
        called(frame, {});
        return "read";
      case "setConfiguration":
        called(frame, isObject(value) ? reduceData({ configuration: value }) : {});
        return "read";
      case "setCodecPreferences":
        called(frame, { transceiver: transceiverOf(extra), ...reduceData({ codecs: value }) });
        return "read";
      case "setHeaderExtensionsToNegotiate":
        called(frame, { transceiver: transceiverOf(extra), ...reduceData({ extensions: value }) });
        return "read";
      case "setParameters":
        called(frame, {
          transceiver: transceiverOf(extra),
          ...reduceData({ parameters: arrayOf(value)[0] ?? null }),
        });
        return "read";
      case "replaceTrack":
        return replaceTrack(frame);
      case "MediaStreamTrack.applyConstraints":
        called(
          frame,
          { track: knownTrack(extra[0]), ...reduceData({ constraints: arrayOf(value)[0] ?? null }) },
          null,
          "applyConstraints",
        );
        return "read";
      case "MediaStreamTrack.stop":
        called(frame, { track: knownTrack(extra[0]) }, null, "stop");
        tracks.changeTrack(extra[0], { ended: true, stoppedByApp: true });
        return "read";
      case "MediaStreamTrack.onended":
        return tracks.changeTrack(value, { ended: true });
      case "MediaStreamTrack.onmute":
        return tracks.changeTrack(value, { muted: true });
      case "MediaStreamTrack.onunmute":
        return tracks.changeTrack(value, { muted: false });
      case "MediaStreamTrack.enabled":
        return typeof value === "boolean" ? tracks.changeTrack(extra[0], { enabled: value }) : "invalid";
      case "onicecandidate":
        return gathered(frame);
      case "onicecandidateerror":
        return candidateFailed(frame);
      case "ontrack":
        return remoteTrack(frame);
      case "onnegotiationneeded":
        tell("negotiation-needed", {}, connectionId);
        return "read";
      case "ondatachannel": {
        const [id, label] = arrayOf(value);
        // The event is fired for a channel that is about to open.
        tell(
          "data-channel-state-changed",
          { state: "open", label: nameOf(label), id: numberOf(id) },
          connectionId,
        );
        return "read";
      }
      case "enumerateDevices":
        return listed(frame);
      default:
        return empty.has(method) || method === "MediaStreamTrack.contentHint" ? "empty" : "unknown";
    }
  }

  function knownTrack(trackId: JsonValue | undefined): JsonObject {
    const id = nameOf(trackId);
    const kind = tracks.kindOf(id);
    return { trackId: id, ...(kind === undefined ? {} : { kind }) };
  }

  return {
    translate(frame) {
      now = frame.at;
      return translateKnown(frame);
    },
    pressure(at, cpuState) {
      const state = pressures[cpuState] ?? "";
      if (state === "" || state === pressureTold) return;
      pressureTold = state;
      now = at;
      tell("compute-pressure-changed", { state }, null);
    },
  };
}

function outcomeOf(problem: ReadDescription["problem"]): Outcome {
  return problem ?? "read";
}
