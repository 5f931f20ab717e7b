import type { EventRecord, JsonObject, JsonValue } from "@peerscope/schema";
import { booleanOf, numberOf, objectOf, stringOf } from "./stat-members.ts";
import { SmallMap, SmallSet } from "../pack/small-map.ts";

/*
 * Cameras, microphones and loudspeakers, and what the page captures with them, as the events told it. What a track is at a
 * time (enabled, muted, ended) is in `session.ts`.
 */

/** A local track that ended although the app did not stop it. */
export interface EndedTrack {
  readonly trackId: string;
  readonly kind: "audio" | "video";
  /** "camera", "microphone", or null where nobody said what it shows. */
  readonly source: string | null;
  readonly at: number;
  /** It was found to be unexpected, or not. */
  judged: boolean;
}

/** A local track that is switched on, and that the browser or the system mutes. */
export interface MutedTrack {
  readonly trackId: string;
  readonly kind: "audio" | "video";
  readonly source: string | null;
  /** Unix ms since when it is muted and the machine is awake. */
  since: number;
  /** Unix ms at which time was last seen to pass. */
  seenAt: number;
  raised: boolean;
}

/** What the browser made of the constraints of a local track; null where it did not say. */
export interface CaptureSettings {
  readonly frameRate: number | null;
  readonly echoCancellation: boolean | null;
  readonly noiseSuppression: boolean | null;
  readonly autoGainControl: boolean | null;
}

/** Devices that came or went; until it was told, what follows belongs to it. */
export interface DeviceChange {
  readonly from: number;
  at: number;
  readonly added: string[];
  readonly removed: string[];
  /** The lists before and after had names and were compared, each time. */
  compared: boolean;
  /** It is over, and was told. */
  told: boolean;
}

/** A microphone or camera, as far as known: a screen, a canvas or Web Audio that stops is no device that fails. */
export function isDeviceSource(source: string | null): boolean {
  return source === null || source === "microphone" || source === "camera";
}

/** Everything known about the devices of a page. */
export interface Devices {
  /** By track id. */
  readonly ended: SmallMap<string, EndedTrack>;
  /** By track id. */
  readonly muted: SmallMap<string, MutedTrack>;
  /** By track id, as far as they were told. */
  readonly settings: SmallMap<string, CaptureSettings>;
  /** Unix ms since when settings, or tracks that have some, changed; null once somebody looked. */
  settingsChangedAt: number | null;
  /** Tracks that a sender had and has no more: what becomes of them concerns nobody. */
  readonly replaced: SmallSet<string>;
  /** "connection track" of transceivers that were negotiated not to send: on hold nothing is captured for them. */
  readonly unsent: SmallSet<string>;
  /** Tracks of applyConstraints calls that have not settled, by call id. */
  readonly constrained: SmallMap<number, string>;
  lastChange: DeviceChange | null;
  /** The loudspeaker that plays is worn on the head, as far as its name says; null when nobody knows. */
  headset: boolean | null;
  /** Unix ms at which the sound went to another device, or the devices changed. */
  outputChangedAt: number | null;
  /** The app limits the frame rate of an encoding, and with it that of the source. */
  frameRateLimited: boolean;
}

/** Entries of each kind that are kept; a hostile log cannot make more. Ours. */
const maximumEntries = 500;

/** Nothing known yet. */
export function createDevices(): Devices {
  return {
    ended: new SmallMap(),
    muted: new SmallMap(),
    settings: new SmallMap(),
    settingsChangedAt: null,
    replaced: new SmallSet(),
    unsent: new SmallSet(),
    constrained: new SmallMap(),
    lastChange: null,
    headset: null,
    outputChangedAt: null,
    frameRateLimited: false,
  };
}

/** Takes over what an event says of devices and of what is captured with them. */
export function applyDeviceEvent(devices: Devices, event: EventRecord): void {
  switch (event.name) {
    case "track-state-changed":
      applyTrack(devices, event.at, objectOf(event.data) ?? {});
      return;
    case "sender-track-replaced":
      applyReplacement(devices, event.at, objectOf(event.data) ?? {});
      return;
    case "transceiver-changed":
      applyTransceiver(devices, event.connectionId, objectOf(event.data) ?? {});
      return;
    case "devices-listed":
      noteHeadset(devices, objectOf(event.data)?.["devices"]);
      return;
    case "devices-changed":
      applyChange(devices, event.at, objectOf(event.data) ?? {});
      return;
    case "api-called":
      applyCall(devices, objectOf(event.data) ?? {});
      return;
    case "api-settled":
      applyOutcome(devices, event.at, objectOf(event.data) ?? {});
      return;
    default:
      return;
  }
}

function applyTrack(devices: Devices, at: number, data: JsonObject): void {
  const trackId = stringOf(data, "trackId");
  const { kind } = data;
  if (trackId === null || data["direction"] !== "local" || (kind !== "audio" && kind !== "video")) return;
  const settings = objectOf(data["settings"]);
  if (settings !== null) remember(devices.settings, trackId, readSettings(settings));
  if (devices.settings.has(trackId)) devices.settingsChangedAt ??= at;
  const source = stringOf(data, "source");
  const isOver = data["readyState"] === "ended";
  const isUsed = !devices.replaced.has(trackId);
  if (isOver && isUsed && data["stoppedByApp"] !== true && !devices.ended.has(trackId)) {
    remember(devices.ended, trackId, { trackId, kind, source, at, judged: false });
  } else if (!isOver) devices.ended.delete(trackId);
  const isMuted = data["muted"] === true && data["enabled"] !== false && !isOver;
  if (!isMuted || !isUsed) devices.muted.delete(trackId);
  else if (!devices.muted.has(trackId)) {
    remember(devices.muted, trackId, { trackId, kind, source, since: at, seenAt: at, raised: false });
  }
}

function applyReplacement(devices: Devices, at: number, data: JsonObject): void {
  const from = stringOf(data, "from");
  const to = stringOf(data, "to");
  if (to !== null) devices.replaced.delete(to);
  if (from === null) return;
  if (devices.settings.has(from)) devices.settingsChangedAt ??= at;
  if (devices.replaced.size < maximumEntries) devices.replaced.add(from);
  devices.muted.delete(from);
  devices.ended.delete(from);
}

function applyTransceiver(devices: Devices, connectionId: string | undefined, data: JsonObject): void {
  const trackId = stringOf(data, "senderTrackId");
  const direction = stringOf(data, "currentDirection");
  if (trackId === null || direction === null || connectionId === undefined) return;
  const key = `${connectionId} ${trackId}`;
  if (direction.startsWith("send")) devices.unsent.delete(key);
  else if (devices.unsent.size < maximumEntries) devices.unsent.add(key);
}

function applyChange(devices: Devices, at: number, data: JsonObject): void {
  devices.outputChangedAt = at;
  const added = kindsOf(data["added"]);
  const removed = kindsOf(data["removed"]);
  const compared = Array.isArray(data["added"]) && Array.isArray(data["removed"]);
  const { lastChange } = devices;
  if (lastChange === null || lastChange.told) {
    devices.lastChange = { from: at, at, added, removed, compared, told: false };
    return;
  }
  lastChange.at = Math.max(lastChange.at, at);
  lastChange.compared &&= compared;
  for (const kind of added) if (lastChange.added.length < maximumEntries) lastChange.added.push(kind);
  for (const kind of removed) if (lastChange.removed.length < maximumEntries) lastChange.removed.push(kind);
}

function applyCall(devices: Devices, data: JsonObject): void {
  const method = stringOf(data, "method") ?? "";
  const given = objectOf(data["arguments"]) ?? {};
  if (method.endsWith("applyConstraints")) {
    const trackId = stringOf(objectOf(given["track"]) ?? {}, "trackId");
    const callId = numberOf(data, "callId");
    if (trackId !== null && callId !== null) remember(devices.constrained, callId, trackId);
  } else if (method.endsWith("setParameters") || method.endsWith("addTransceiver")) {
    for (const argument of Object.values(given)) {
      const { encodings, sendEncodings } = objectOf(argument) ?? {};
      if (limitsFrameRate(encodings) || limitsFrameRate(sendEncodings)) devices.frameRateLimited = true;
    }
  }
}

function applyOutcome(devices: Devices, at: number, data: JsonObject): void {
  const method = stringOf(data, "method") ?? "";
  if (method.endsWith("setSinkId")) devices.outputChangedAt = at;
  if (!method.endsWith("applyConstraints")) return;
  const callId = numberOf(data, "callId");
  const trackId = callId === null ? undefined : devices.constrained.get(callId);
  if (callId === null || trackId === undefined) return;
  devices.constrained.delete(callId);
  const settings = objectOf(data["result"]);
  if (settings === null) return;
  remember(devices.settings, trackId, readSettings(settings));
  devices.settingsChangedAt ??= at;
}

function limitsFrameRate(encodings: JsonValue | undefined): boolean {
  if (!Array.isArray(encodings)) return false;
  return encodings.some((encoding) => numberOf(objectOf(encoding) ?? {}, "maxFramerate") !== null);
}

function readSettings(settings: JsonObject): CaptureSettings {
  return {
    frameRate: numberOf(settings, "frameRate"),
    echoCancellation: switchOf(settings, "echoCancellation"),
    noiseSuppression: switchOf(settings, "noiseSuppression"),
    autoGainControl: switchOf(settings, "autoGainControl"),
  };
}

/** Chromium 141 and later name what cancels the echo, "all" or "remote-only", where others say true. */
function switchOf(settings: JsonObject, member: string): boolean | null {
  return typeof settings[member] === "string" ? true : booleanOf(settings, member);
}

/** "audioinput (usb)" of each device. */
function kindsOf(list: JsonValue | undefined): string[] {
  if (!Array.isArray(list)) return [];
  return list.slice(0, 50).flatMap((entry) => {
    const device = objectOf(entry) ?? {};
    const kind = stringOf(device, "kind");
    const type = stringOf(device, "type");
    if (kind === null) return [];
    return [type === null || type === "unknown" ? kind : `${kind} (${type})`];
  });
}

/** Only the device that the system prefers says where the sound goes. */
function noteHeadset(devices: Devices, list: JsonValue | undefined): void {
  if (!Array.isArray(list)) return;
  devices.headset = null;
  for (const entry of list) {
    const device = objectOf(entry) ?? {};
    if (device["kind"] !== "audiooutput" || device["role"] !== "default") continue;
    const type = stringOf(device, "type");
    devices.headset = type === null || type === "unknown" ? null : type === "headset" || type === "bluetooth";
  }
}

function remember<Key extends string | number, Value>(
  map: SmallMap<Key, Value>,
  key: Key,
  value: Value,
): void {
  if (map.has(key) || map.size < maximumEntries) map.set(key, value);
}
