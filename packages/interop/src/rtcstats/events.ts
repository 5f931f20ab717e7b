import type { EventName, EventRecord, JsonObject, JsonValue, SessionContext } from "@peerscope/schema";
import { listDevices } from "../devices.ts";
import { arrayOf, isObject, isPlain, numberOf, objectOf, textOf } from "../json.ts";
import { reduceData } from "../redact.ts";
import {
  isAwaited,
  isName,
  keyOf,
  maxNameCharacters,
  nameOf,
  pageContext,
  readTrack,
  transceiverOf,
} from "./frame-values.ts";
import { candidateFailed, candidateGathered } from "./ice-events.ts";
import { createMethodCalls } from "./method-calls.ts";
import type { MethodFrame, Outcome, Tell } from "./method-frame.ts";
import { createTracks } from "./tracks.ts";

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
  const tell: Tell = (name, data, connectionId) =>
    emit({ kind: "event", at: now, name, ...(connectionId === null ? {} : { connectionId }), data });
  const calls = createMethodCalls(tell);
  const tracks = createTracks(tell);
  let devicesTold = "";
  let pressureTold = "";

  /** addTrack, addTransceiver: the outcome has no correlation id, but comes before the next call of that kind ends. */
  function addMedia(frame: MethodFrame): Outcome {
    const { value, connectionId, method } = frame;
    const list = arrayOf(value);
    const isTrack = method === "addTrack";
    const described = isTrack ? list : list[0];
    const track = tracks.giveTrack(described, connectionId);
    const streamId = isTrack ? textOf(list[3]) : null;
    const init = isTrack ? undefined : list[1];
    calls.called(
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
    calls.settle(frame, method, { ...(streamId === null ? {} : { streamId }), tracks: given });
    return "read";
  }

  function replaceTrack(frame: MethodFrame): Outcome {
    const { connectionId, extra, value } = frame;
    const [from, to] = arrayOf(value).map(readTrack);
    const track = tracks.giveTrack(arrayOf(value)[1], connectionId);
    calls.called(frame, { transceiver: transceiverOf(extra), track });
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
    if (failed !== undefined && isAwaited(failed)) return calls.refuse(frame, failed);
    const succeeded = /^(.+)OnSuccess$/.exec(method)?.[1];
    switch (succeeded) {
      case "createOffer":
      case "createAnswer":
        return calls.describeResult(frame, succeeded, true);
      case "setLocalDescription":
      case "setRemoteDescription":
        return calls.describeResult(frame, succeeded, false);
      case "getUserMedia":
      case "getDisplayMedia":
        return gotMedia(frame, succeeded);
      case "addIceCandidate":
      case "addTrack":
      case "addTransceiver":
        calls.settle(frame, succeeded);
        return "read";
    }
    switch (method) {
      case "create":
        return created(frame);
      case "createOffer":
      case "createAnswer":
        return calls.request(frame, "options");
      case "setLocalDescription":
        return calls.describeSetting(frame, "local");
      case "setRemoteDescription":
        return calls.describeSetting(frame, "remote");
      case "addIceCandidate":
        return calls.request(frame, "candidate");
      case "getUserMedia":
      case "getDisplayMedia":
        return calls.request(frame, "constraints");
      case "addTrack":
      case "addTransceiver":
        return addMedia(frame);
      case "removeTrack":
        calls.called(frame, { sender: { receiverTrackId: nameOf(value) } });
        return "read";
      case "createDataChannel": {
        const [label, init] = arrayOf(value);
        calls.called(frame, { label: nameOf(label), ...(isObject(init) ? reduceData({ init }) : {}) });
        return "read";
      }
      case "close":
        calls.called(frame, {});
        tell("connection-closed", { reason: "closed-by-app" }, connectionId);
        return "read";
      case "restartIce":
        calls.called(frame, {});
        return "read";
      case "setConfiguration":
        calls.called(frame, isObject(value) ? reduceData({ configuration: value }) : {});
        return "read";
      case "setCodecPreferences":
        calls.called(frame, { transceiver: transceiverOf(extra), ...reduceData({ codecs: value }) });
        return "read";
      case "setHeaderExtensionsToNegotiate":
        calls.called(frame, { transceiver: transceiverOf(extra), ...reduceData({ extensions: value }) });
        return "read";
      case "setParameters":
        calls.called(frame, {
          transceiver: transceiverOf(extra),
          ...reduceData({ parameters: arrayOf(value)[0] ?? null }),
        });
        return "read";
      case "replaceTrack":
        return replaceTrack(frame);
      case "MediaStreamTrack.applyConstraints":
        calls.called(
          frame,
          { track: knownTrack(extra[0]), ...reduceData({ constraints: arrayOf(value)[0] ?? null }) },
          null,
          "applyConstraints",
        );
        return "read";
      case "MediaStreamTrack.stop":
        calls.called(frame, { track: knownTrack(extra[0]) }, null, "stop");
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
        return candidateGathered(frame, tell);
      case "onicecandidateerror":
        return candidateFailed(frame, tell);
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
