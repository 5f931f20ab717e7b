import type { ContextRecord, EventRecord, JsonObject } from "@peerscope/schema";
import { type PageAudioContexts, applyAudioContext } from "./audio-contexts.ts";
import { type Connection, changeState, openConnection } from "./connection.ts";
import { type Devices, applyDeviceEvent, createDevices } from "./devices.ts";
import { type MachineState, applyMachineEvent, createMachineState, forgetMainThread } from "./machine.ts";
import { type SenderEncodings, applyEncodings } from "./encodings.ts";
import { type MediaElements, applyMediaElement } from "./media-elements.ts";
import { type RemoteTracks, applyRemoteTrack } from "./remote-tracks.ts";
import { createDescriptionTexts, type DescriptionTexts } from "./descriptions.ts";
import { applyHandshake } from "./handshake.ts";
import { applyIceEvent } from "./ice.ts";
import { applyJoining, createJoining, type Joining } from "./joining.ts";
import { applyNegotiation } from "./negotiation.ts";
import { type NetworkState, applyNetworkEvent, createNetworkState } from "./network.ts";
import { createMicrophoneState, type MicrophoneState, noteMicrophones } from "./microphone.ts";
import { type PlayoutState, createPlayout } from "./playout.ts";
import { isConnectionState } from "./selected-pair.ts";
import { mergedContext } from "./context.ts";
import { booleanOf, numberOf, objectOf, stringOf } from "./stat-members.ts";
import { SmallMap } from "../pack/small-map.ts";

/** State of a MediaStreamTrack as its events told it. */
export interface Track {
  readonly trackId: string;
  readonly kind: "audio" | "video";
  readonly direction: "local" | "remote";
  readonly enabled: boolean;
  readonly muted: boolean;
  readonly ended: boolean;
  readonly stoppedByApp: boolean;
  readonly source: string | null;
  /** Unix ms of the last change, and of the last time it became audible or visible again. */
  readonly changedAt: number;
  readonly unmutedAt: number | null;
}

/** getUserMedia or getDisplayMedia that has not settled yet. */
export interface PendingCall {
  readonly method: string;
  readonly at: number;
  readonly arguments: JsonObject | null;
}

/** Everything known about one client, kept up to date record by record. */
export interface SessionModel {
  readonly connections: SmallMap<string, Connection>;
  readonly tracks: SmallMap<string, Track>;
  readonly pendingCalls: SmallMap<number, PendingCall>;
  readonly mediaElements: MediaElements;
  readonly remoteTracks: RemoteTracks;
  readonly encodings: SenderEncodings;
  readonly machine: MachineState;
  readonly network: NetworkState;
  readonly joining: Joining;
  readonly descriptionTexts: DescriptionTexts;
  readonly microphone: MicrophoneState;
  /** Of the page that runs now: a new one begins with nothing. */
  capture: Devices;
  readonly audioContexts: PageAudioContexts;
  readonly playout: PlayoutState;
  /** Planned time between two samples, ms, as the SDK told it; null when it did not. */
  samplingIntervalMs: number | null;
  context: JsonObject;
  visible: boolean;
  hiddenSince: number | null;
  shownAt: number | null;
  devices: { audioInputs: number | null; videoInputs: number | null } | null;
  ended: boolean;
  endedAt: number | null;
  /** Unix ms at which further pages went on with the session. */
  readonly resumedAt: number[];
}

export function createSessionModel(): SessionModel {
  return {
    connections: new SmallMap(),
    tracks: new SmallMap(),
    pendingCalls: new SmallMap(),
    mediaElements: new SmallMap(),
    remoteTracks: new SmallMap(),
    encodings: new SmallMap(),
    machine: createMachineState(),
    network: createNetworkState(),
    joining: createJoining(),
    descriptionTexts: createDescriptionTexts(),
    microphone: createMicrophoneState(),
    capture: createDevices(),
    audioContexts: new SmallMap(),
    playout: createPlayout(),
    samplingIntervalMs: null,
    context: {},
    visible: true,
    hiddenSince: null,
    shownAt: null,
    devices: null,
    ended: false,
    endedAt: null,
    resumedAt: [],
  };
}

/** Entities of each kind that are kept per session; a hostile log cannot make more. Ours. */
const maximumEntities = 2000;

/** Characters of the id of a connection. Ours: browsers and tools write some forty. */
const maximumIdLength = 512;

/** Pages of a session whose begin is remembered, the latest ones. Ours. */
const maximumPages = 100;

/** The connection with that id, opened when it is new; null when there are too many. */
export function connectionOf(model: SessionModel, id: unknown, at: number): Connection | null {
  if (typeof id !== "string" || id.length > maximumIdLength) return null;
  const known = model.connections.get(id);
  if (known !== undefined) return known;
  if (model.connections.size >= maximumEntities) return null;
  const opened = openConnection(id, at);
  model.connections.set(id, opened);
  return opened;
}

/** What the session says of itself. */
export function applyContext(model: SessionModel, record: ContextRecord): void {
  model.context = mergedContext(model.context, record);
}

/** Applies an event that changes what is known. Detectors look at events on their own. */
export function applyEvent(model: SessionModel, event: EventRecord): void {
  const data = objectOf(event.data) ?? {};
  applyMachineEvent(model.machine, event);
  applyDeviceEvent(model.capture, event);
  applyMediaElement(model.mediaElements, event);
  applyAudioContext(model.audioContexts, event);
  applyNetworkEvent(model.network, event.name, event.at, data);
  const owner = connectionOf(model, event.connectionId, event.at);
  if (owner !== null) {
    applyIceEvent(owner.ice, event.name, event.at, data);
    applyNegotiation(owner, model.descriptionTexts, event, data);
    applyHandshake(owner.handshake, event, data);
  }
  applyJoining(model.joining, event, data);
  switch (event.name) {
    case "connection-created":
    case "ice-candidate-gathered":
      connectionOf(model, event.connectionId, event.at);
      if (event.name === "ice-candidate-gathered") rememberCandidate(model, event, data);
      return;
    case "connection-state-changed": {
      const connection = connectionOf(model, event.connectionId, event.at);
      const state = data["state"];
      if (connection === null || !isConnectionState(state)) return;
      connection.stateFromEvents = true;
      changeState(connection, state, event.at);
      return;
    }
    case "connection-closed": {
      const connection = connectionOf(model, event.connectionId, event.at);
      if (connection !== null) changeState(connection, "closed", event.at);
      return;
    }
    case "signaling-state-changed": {
      const connection = connectionOf(model, event.connectionId, event.at);
      const state = data["state"];
      // Both descriptions stand when it is stable again, the remote one from have-remote-offer on.
      if (connection !== null && (state === "stable" || state === "have-remote-offer")) {
        connection.remoteDescriptionSet = true;
      }
      return;
    }
    case "remote-track-added":
      applyRemoteTrack(model.remoteTracks, event);
      return;
    case "transceiver-changed":
      applyEncodings(model.encodings, event);
      return;
    case "api-called":
      rememberCall(model, event, data);
      applyEncodings(model.encodings, event);
      return;
    case "api-settled": {
      const connection =
        event.connectionId === undefined ? null : connectionOf(model, event.connectionId, event.at);
      const method = stringOf(data, "method") ?? "";
      if (connection !== null && method.endsWith("setRemoteDescription") && data["outcome"] === "fulfilled") {
        connection.remoteDescriptionSet = true;
      }
      return;
    }
    case "track-state-changed":
      applyTrack(model, event.at, data);
      return;
    case "sender-track-replaced": {
      const connection =
        event.connectionId === undefined ? null : connectionOf(model, event.connectionId, event.at);
      const kind = data["kind"];
      if (connection !== null && (kind === "audio" || kind === "video")) {
        connection.replacedAt = { ...connection.replacedAt, [kind]: event.at };
      }
      return;
    }
    case "sampling-interval-changed":
      model.samplingIntervalMs = numberOf(data, "intervalMs");
      return;
    case "devices-listed":
    case "devices-changed":
      model.devices = {
        audioInputs: numberOf(data, "audioInputs"),
        videoInputs: numberOf(data, "videoInputs"),
      };
      return;
    case "page-visibility-changed": {
      const visible = booleanOf(data, "visible");
      if (visible === null || visible === model.visible) return;
      model.visible = visible;
      if (visible) {
        model.shownAt = event.at;
        model.hiddenSince = null;
      } else model.hiddenSince = event.at;
      return;
    }
    case "session-ended":
      model.ended = true;
      model.endedAt = event.at;
      return;
    case "session-resumed":
      resumeSession(model, event.at);
      return;
    default:
      return;
  }
}

/** A new page goes on with the session. Connections, tracks and calls of the page before went with it. */
function resumeSession(model: SessionModel, at: number): void {
  for (const connection of model.connections.values()) {
    if (connection.state !== "closed") changeState(connection, "closed", model.endedAt ?? at);
  }
  model.tracks.clear();
  noteMicrophones(model.microphone, [], at);
  model.mediaElements.clear();
  model.remoteTracks.clear();
  model.encodings.clear();
  model.pendingCalls.clear();
  forgetMainThread(model.machine);
  model.ended = false;
  model.endedAt = null;
  model.resumedAt.push(at);
  if (model.resumedAt.length > maximumPages) model.resumedAt.shift();
}

function rememberCandidate(model: SessionModel, event: EventRecord, data: JsonObject): void {
  const connection = connectionOf(model, event.connectionId, event.at);
  const type = stringOf(data, "type");
  if (connection !== null && type !== null && connection.localCandidateTypes.size < 8) {
    connection.localCandidateTypes.add(type);
  }
}

function rememberCall(model: SessionModel, event: EventRecord, data: JsonObject): void {
  const callId = numberOf(data, "callId");
  const method = stringOf(data, "method");
  if (callId === null || method === null || !isCaptureCall(method)) return;
  if (model.pendingCalls.size >= maximumEntities) model.pendingCalls.clear();
  model.pendingCalls.set(callId, { method, at: event.at, arguments: objectOf(data["arguments"]) });
}

/** getUserMedia or getDisplayMedia, however the method is qualified. */
export function isCaptureCall(method: string): boolean {
  return method.endsWith("getUserMedia") || method.endsWith("getDisplayMedia");
}

function applyTrack(model: SessionModel, at: number, data: JsonObject): void {
  const trackId = stringOf(data, "trackId");
  const kind = data["kind"];
  const direction = data["direction"];
  if (trackId === null || (kind !== "audio" && kind !== "video")) return;
  if (direction !== "local" && direction !== "remote") return;
  const before = model.tracks.get(trackId);
  if (before === undefined && model.tracks.size >= maximumEntities) return;
  const enabled = booleanOf(data, "enabled") ?? before?.enabled ?? true;
  const muted = booleanOf(data, "muted") ?? before?.muted ?? false;
  const silentBefore = before !== undefined && (!before.enabled || before.muted);
  model.tracks.set(trackId, {
    trackId,
    kind,
    direction,
    enabled,
    muted,
    ended: data["readyState"] === "ended",
    stoppedByApp: booleanOf(data, "stoppedByApp") ?? before?.stoppedByApp ?? false,
    source: stringOf(data, "source") ?? before?.source ?? null,
    changedAt: at,
    unmutedAt: silentBefore && enabled && !muted ? at : (before?.unmutedAt ?? null),
  });
  if (kind === "audio" && direction === "local") noteMicrophones(model.microphone, model.tracks.values(), at);
}
