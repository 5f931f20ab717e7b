import type {
  EventData,
  EventName,
  EventRecord,
  JsonObject,
  JsonValue,
  SampleRecord,
  SessionContext,
  SessionRecord,
} from "@peerscope/schema";
import type { LabEvent } from "./lab-events.ts";

/** Who a participant of a recorded call is. */
export interface LabParticipant {
  readonly peer: string;
  readonly userId: string;
  readonly callId: string;
}

const stateEvents: { readonly [event: string]: EventName } = {
  connectionState: "connection-state-changed",
  iceConnectionState: "ice-connection-state-changed",
  iceGatheringState: "ice-gathering-state-changed",
  signalingState: "signaling-state-changed",
};

/**
 * Turns what the lab recorded of one participant into the records that the SDK would have sent: context,
 * events and samples in the order of time, from the first call of getUserMedia to the end of the session.
 * What the lab did not record (candidates, descriptions) is not invented.
 */
export function toRecords(
  participant: LabParticipant,
  samples: readonly SampleRecord[],
  labEvents: readonly LabEvent[],
): SessionRecord[] {
  const own = labEvents.filter(({ peer }) => peer === participant.peer);
  const events = own.flatMap((event) => translate(event, labEvents, samples));
  events.push(...connectionsCreated(own));
  const endedAt = endOf(own, labEvents, samples);
  const before = events.filter(({ at }) => endedAt === null || at <= endedAt);
  if (endedAt !== null) before.push(...ending(own, endedAt));
  const timed: (EventRecord | SampleRecord)[] = [...before, ...samples];
  timed.sort((a, b) => a.at - b.at || rank(a) - rank(b));
  const start = timed[0]?.at ?? own[0]?.at ?? 0;
  return [{ kind: "context", at: start, context: contextOf(participant, own) }, ...timed];
}

/** Order of what has the same millisecond: a connection exists before its states, and nothing follows the end. */
function rank(record: EventRecord | SampleRecord): number {
  if (record.kind === "sample") return 2;
  if (record.name === "session-ended") return 4;
  if (record.name === "connection-closed") return 3;
  return record.name === "connection-created" ? 0 : 1;
}

function contextOf({ userId, callId }: LabParticipant, own: readonly LabEvent[]): SessionContext {
  const browser = own.find(({ event }) => event === "page")?.members["browser"];
  const [name, version] = typeof browser === "string" ? browser.split("/") : [];
  return {
    userId,
    callId,
    tags: { capture: callId },
    sdkName: "peerscope-lab",
    ...(name === undefined ? {} : { browserName: name === "firefox" ? "Firefox" : "Chromium" }),
    ...(version === undefined ? {} : { browserVersion: version }),
    osName: "Linux",
  };
}

/** The lab notes no constructor calls: a connection exists from the first thing heard of it. */
function connectionsCreated(own: readonly LabEvent[]): EventRecord[] {
  const first = new Map<string, number>();
  for (const { pc, at } of own) if (pc !== null && !first.has(pc)) first.set(pc, at);
  return [...first].map(([pc, at]) => record("connection-created", at, { name: pc }, pc));
}

/**
 * When the participant hung up, null when the recording stops before. The lab notes it (older recordings write their
 * CPU figures there), closes the connections, which ends the remote tracks, and then tears the browser down, which no
 * app would see.
 */
function endOf(
  own: readonly LabEvent[],
  all: readonly LabEvent[],
  samples: readonly SampleRecord[],
): number | null {
  const hangup = all.find(({ event }) => event === "hangup" || event === "cpu")?.at;
  if (hangup === undefined) return null;
  const closed = own.find(({ event, at }) => event === "remoteTrack.ended" && at >= hangup)?.at ?? hangup;
  return Math.max(closed, ...samples.map(({ at }) => at));
}

function ending(own: readonly LabEvent[], at: number): EventRecord[] {
  const connections = new Set(own.flatMap(({ pc }) => (pc === null ? [] : [pc])));
  return [
    ...[...connections].map((pc) => record("connection-closed", at, {}, pc)),
    record("session-ended", at, { reason: "stopped" }),
  ];
}

function record<Name extends EventName>(
  name: Name,
  at: number,
  data: EventData[Name] & JsonObject,
  connectionId?: string | null,
): EventRecord {
  return { kind: "event", at, name, ...(typeof connectionId === "string" ? { connectionId } : {}), data };
}

function translate(
  { at, event, pc, members }: LabEvent,
  all: readonly LabEvent[],
  samples: readonly SampleRecord[],
): EventRecord[] {
  const state = stateEvents[event];
  if (state !== undefined) {
    const value = text(members["value"]);
    return [
      {
        kind: "event",
        at,
        name: state,
        ...(pc === null ? {} : { connectionId: pc }),
        data: { state: value },
      },
    ];
  }
  switch (event) {
    case "gum.ok":
      return mediaGranted(at, members, samples);
    case "gum.fail":
      return mediaRefused(at, members, all);
    case "mic.enabled":
      return localTrack(at, "audio", samples, { enabled: members["value"] === true });
    case "camera.stop":
      return localTrack(at, "video", samples, { readyState: "ended", stoppedByApp: true });
    case "track":
      return [record("track-state-changed", at, { ...trackOf(members), direction: "local" })];
    case "sender.replaced":
      return [
        record(
          "sender-track-replaced",
          at,
          {
            from: idOrNull(members["from"]),
            to: idOrNull(members["to"]),
            kind: kindOf(members),
          },
          pc,
        ),
      ];
    case "localTrack.ended":
      return localTrack(at, kindOf(members), samples, { readyState: "ended" });
    case "localTrack.mute":
    case "localTrack.unmute":
      return localTrack(at, kindOf(members), samples, { muted: event.endsWith(".mute") });
    case "remoteTrack.mute":
    case "remoteTrack.unmute":
    case "remoteTrack.ended":
      return remoteTrack(at, event, pc, kindOf(members), samples);
    case "icecandidateerror":
      return [
        record(
          "ice-candidate-failed",
          at,
          {
            errorCode: Number(members["code"]),
            errorText: text(members["text"]),
            url: text(members["url"]),
          },
          pc,
        ),
      ];
    case "visibility":
      return [record("page-visibility-changed", at, { visible: members["value"] === "visible" })];
    default:
      return appEvent(at, event, members);
  }
}

/** What only the app knows: its signalling and its server. */
function appEvent(at: number, event: string, members: JsonObject): EventRecord[] {
  if (!/^(?:signalling|sfu|janus)\./.test(event)) return [];
  const plumbing = new Set(["t", "event", "peer", "pageT", "pc"]);
  const data = Object.fromEntries(Object.entries(members).filter(([member]) => !plumbing.has(member)));
  return [record("app-event", at, { name: event, data })];
}

/** The lab always asks for both kinds at once and numbers nothing: one call a session. */
const mediaCall = { callId: 1, method: "getUserMedia" } as const;
const mediaArguments = { constraints: { audio: true, video: true } };

function mediaGranted(at: number, members: JsonObject, samples: readonly SampleRecord[]): EventRecord[] {
  const durationMs = typeof members["ms"] === "number" ? members["ms"] : 0;
  const tracks = Array.isArray(members["tracks"]) ? members["tracks"] : [];
  const kinds = tracks.map((track) => (Array.isArray(track) && track[0] === "video" ? "video" : "audio"));
  return [
    record("api-called", at - durationMs, { ...mediaCall, arguments: mediaArguments }),
    record("api-settled", at, { ...mediaCall, outcome: "fulfilled", durationMs }),
    ...kinds.flatMap((kind) => localTrack(at, kind, samples, {})),
  ];
}

function mediaRefused(at: number, { name, message }: JsonObject, all: readonly LabEvent[]): EventRecord[] {
  // The lab notes no duration here; it asks for media right after its start.
  const calledAt = Math.min(at, all.find(({ event }) => event === "start")?.at ?? at);
  return [
    record("api-called", calledAt, { ...mediaCall, arguments: mediaArguments }),
    record("api-settled", at, {
      ...mediaCall,
      outcome: "rejected",
      durationMs: at - calledAt,
      error: { name: text(name), message: text(message) },
    }),
  ];
}

function localTrack(
  at: number,
  kind: "audio" | "video",
  samples: readonly SampleRecord[],
  change: Partial<EventData["track-state-changed"]>,
): EventRecord[] {
  const ids = trackIds(samples, "media-source", kind, null);
  return [
    record("track-state-changed", at, {
      trackId: ids[0] ?? `local-${kind}`,
      kind,
      direction: "local",
      enabled: true,
      muted: false,
      readyState: "live",
      source: kind === "audio" ? "microphone" : "camera",
      ...change,
    }),
  ];
}

/** The lab notes kind and connection only; where that names no single track, nothing can be said of it. */
function remoteTrack(
  at: number,
  event: string,
  pc: string | null,
  kind: "audio" | "video",
  samples: readonly SampleRecord[],
): EventRecord[] {
  const ids = trackIds(samples, "inbound-rtp", kind, pc);
  if (ids.length > 1) return [];
  return [
    record(
      "track-state-changed",
      at,
      {
        trackId: ids[0] ?? `remote-${kind}`,
        kind,
        direction: "remote",
        enabled: true,
        muted: event === "remoteTrack.mute",
        readyState: event === "remoteTrack.ended" ? "ended" : "live",
      },
      pc,
    ),
  ];
}

/** A local track as the page knows it: what the app did to it, with its own id. */
function trackOf(members: JsonObject): Omit<EventData["track-state-changed"], "direction"> {
  const { contentHint, source } = members;
  return {
    trackId: text(members["trackId"]),
    kind: kindOf(members),
    enabled: members["enabled"] !== false,
    muted: members["muted"] === true,
    readyState: members["readyState"] === "ended" ? "ended" : "live",
    ...(members["stoppedByApp"] === true ? { stoppedByApp: true } : {}),
    ...(typeof source === "string" ? { source } : {}),
    ...(typeof contentHint === "string" ? { contentHint } : {}),
  };
}

function idOrNull(value: JsonValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}

function text(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function kindOf(members: JsonObject): "audio" | "video" {
  return members["kind"] === "video" ? "video" : "audio";
}

function trackIds(
  samples: readonly SampleRecord[],
  type: string,
  kind: string,
  connectionId: string | null,
): string[] {
  const ids = new Set<string>();
  for (const sample of samples) {
    if (connectionId !== null && sample.connectionId !== connectionId) continue;
    for (const object of sample.stats)
      if (object.type === type && object["kind"] === kind && typeof object["trackIdentifier"] === "string")
        ids.add(object["trackIdentifier"]);
  }
  return [...ids];
}
