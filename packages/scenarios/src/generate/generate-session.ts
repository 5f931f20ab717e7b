import type {
  EventData,
  EventName,
  EventRecord,
  JsonObject,
  SampleRecord,
  SessionRecord,
} from "@peerscope/schema";
import { createRandom, type Random } from "../random.ts";
import { conditionsAt, troubleFrom, troubleTo, type SessionKind } from "./conditions.ts";
import { writeReport, type FarEnd, type ReportState } from "./report.ts";
import {
  advanceAudio,
  advanceVideo,
  createAudioCounters,
  createVideoCounters,
  type StreamCounters,
} from "./streams.ts";

export interface GenerateOptions {
  /** The same options give the same records, on every machine. */
  readonly seed: number;
  /** From the connection to the end. */
  readonly durationSeconds: number;
  readonly kind: SessionKind;
  /** Unix ms of the first record. */
  readonly startAt: number;
  readonly userId?: string;
  readonly callId?: string;
}

export interface GeneratedSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly callId: string;
  readonly records: readonly SessionRecord[];
}

const connectionId = "pc-1";
/** From the call of getUserMedia to a connected path. */
const setupMs = 600;
/** ICE gives up after this long without an answer (measured, Chromium 156). */
const iceFailureMs = 15_000;

/**
 * A synthetic session of one side of a two-party audio and video call: whole getStats reports every second in
 * Chromium's shape, whose cumulative counters agree with each other, and the events around them. In the middle of
 * the call lasts the trouble that `kind` names. For tests and load; it proves nothing about browsers.
 */
export function generateSession(options: GenerateOptions): GeneratedSession {
  const { seed, durationSeconds, kind, startAt } = options;
  const random = createRandom(seed);
  const userId = options.userId ?? `user-${seed}`;
  const callId = options.callId ?? `call-${seed}`;
  const state = createState(kind, random);
  const connectedAt = startAt + setupMs;
  const records: SessionRecord[] = [
    {
      kind: "context",
      at: startAt,
      context: {
        userId,
        callId,
        tags: { generated: kind },
        sdkName: "peerscope-generator",
        browserName: "Chromium",
        browserVersion: "156.0.8078.79",
        osName: "Linux",
      },
    },
    ...setupEvents(state, kind, startAt),
  ];
  for (let second = 1; second <= durationSeconds; second += 1) {
    const at = connectedAt + second * 1000 + Math.round(random() * 8);
    advance(state, kind, second, durationSeconds, at, random);
    records.push(...eventsDuring(state, kind, second, durationSeconds, connectedAt));
    const sample: SampleRecord = {
      kind: "sample",
      at,
      connectionId,
      stats: writeReport(state, at),
      durationMs: Math.round(20 + random() * 30) / 10,
    };
    records.push(sample);
  }
  const end = connectedAt + durationSeconds * 1000 + 20;
  records.push(
    event("connection-closed", end, {}, connectionId),
    event("session-ended", end, { reason: "stopped" }),
  );
  return { sessionId: `generated-${kind}-${seed}`, userId, callId, records };
}

type MutableState = { -readonly [Member in keyof ReportState]: ReportState[Member] };

function createState(kind: SessionKind, random: Random): MutableState {
  const id = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  const ssrc = (): number => 1 + Math.floor(random() * (2 ** 32 - 2));
  const unheard: FarEnd = { packetsLost: 0, fractionLost: 0, packetsReceived: 0 };
  return {
    audioOut: createAudioCounters(),
    audioIn: createAudioCounters(),
    videoOut: createVideoCounters(),
    videoIn: createVideoCounters(),
    tracks: {
      audioOut: `track-${id()}`,
      audioIn: `track-${id()}`,
      videoOut: `track-${id()}`,
      videoIn: `track-${id()}`,
    },
    ssrcs: { audioOut: ssrc(), audioIn: ssrc(), videoOut: ssrc(), videoIn: ssrc() },
    connected: kind !== "ice-failure",
    listensOnly: kind === "permission-denied",
    checksSent: 0,
    checksAnswered: 0,
    totalRoundTripTimeMs: 0,
    reportedAt: null,
    reports: 0,
    reported: { audio: unheard, video: unheard },
    conditions: conditionsAt(kind, 0, 1),
  };
}

function advance(
  state: MutableState,
  kind: SessionKind,
  second: number,
  duration: number,
  at: number,
  random: Random,
): void {
  const conditions = conditionsAt(kind, second - 1, duration);
  state.conditions = conditions;
  if (!state.connected && second * 1000 > iceFailureMs) return;
  state.checksSent += 1;
  if (conditions.alive) {
    state.checksAnswered += 1;
    state.totalRoundTripTimeMs += conditions.roundTripTimeMs;
  }
  if (!state.connected) return;
  const { uplinkLossRatio, downlinkLossRatio } = conditions;
  // The far end is healthy: its device and its uplink have none of our troubles but the path that we share.
  const far = { ...conditions, uplinkBps: 5_000_000, microphoneEnabled: true };
  advanceAudio(state.audioIn, 1, far, downlinkLossRatio, random);
  advanceVideo(state.videoIn, 1, far, downlinkLossRatio, random);
  if (state.listensOnly) return;
  advanceAudio(state.audioOut, 1, conditions, uplinkLossRatio, random);
  advanceVideo(state.videoOut, 1, conditions, uplinkLossRatio, random);
  if (!conditions.alive) return;
  state.reportedAt = at - 200;
  state.reports += 1;
  state.reported = { audio: seenByFarEnd(state.audioOut), video: seenByFarEnd(state.videoOut) };
}

function seenByFarEnd({ packetsLost, fractionLost, packetsReceived }: StreamCounters): FarEnd {
  return { packetsLost, fractionLost, packetsReceived };
}

function event<Name extends EventName>(
  name: Name,
  at: number,
  data: EventData[Name] & JsonObject,
  connectionId?: string,
): EventRecord {
  return { kind: "event", at, name, ...(connectionId === undefined ? {} : { connectionId }), data };
}

function setupEvents({ tracks }: ReportState, kind: SessionKind, startAt: number): EventRecord[] {
  const call = { callId: 1, method: "getUserMedia" };
  const denied = kind === "permission-denied";
  const settled = denied
    ? ({
        ...call,
        durationMs: 80,
        outcome: "rejected",
        error: { name: "NotAllowedError", message: "Permission denied" },
      } as const)
    : ({ ...call, durationMs: 80, outcome: "fulfilled" } as const);
  const connected = kind !== "ice-failure";
  return [
    event("api-called", startAt, { ...call, arguments: { constraints: { audio: true, video: true } } }),
    event("api-settled", startAt + 80, settled),
    ...(denied
      ? []
      : [
          localTrack(tracks.audioOut, "audio", startAt + 81),
          localTrack(tracks.videoOut, "video", startAt + 81),
        ]),
    event("connection-created", startAt + 100, { name: connectionId }, connectionId),
    event("signaling-state-changed", startAt + 150, { state: "have-local-offer" }, connectionId),
    event("signaling-state-changed", startAt + 250, { state: "stable" }, connectionId),
    event("ice-connection-state-changed", startAt + 260, { state: "checking" }, connectionId),
    event("connection-state-changed", startAt + 262, { state: "connecting" }, connectionId),
    ...(connected
      ? [
          event("ice-connection-state-changed", startAt + 400, { state: "connected" }, connectionId),
          event("connection-state-changed", startAt + setupMs, { state: "connected" }, connectionId),
        ]
      : []),
  ];
}

function localTrack(trackId: string, kind: "audio" | "video", at: number, enabled = true): EventRecord {
  return event("track-state-changed", at, {
    trackId,
    kind,
    direction: "local",
    enabled,
    muted: false,
    readyState: "live",
    source: kind === "audio" ? "microphone" : "camera",
  });
}

/** What happens in the second before sample number `second`. */
function eventsDuring(
  { tracks }: ReportState,
  kind: SessionKind,
  second: number,
  duration: number,
  connectedAt: number,
): EventRecord[] {
  // After the sample before it, which may be up to 8 ms late.
  const from = connectedAt + (second - 1) * 1000 + 10;
  const begins = (share: number): boolean => second - 1 === Math.ceil(share * duration);
  if (kind === "muted") {
    if (begins(troubleFrom)) return [localTrack(tracks.audioOut, "audio", from, false)];
    if (begins(troubleTo)) return [localTrack(tracks.audioOut, "audio", from, true)];
  }
  if (kind === "ice-failure" && second * 1000 === iceFailureMs)
    return [
      event("ice-connection-state-changed", from, { state: "disconnected" }, connectionId),
      event("connection-state-changed", from + 1, { state: "failed" }, connectionId),
    ];
  if (kind === "outage") {
    const start = Math.ceil(troubleFrom * duration);
    const end = Math.ceil(Math.min(troubleTo * duration, troubleFrom * duration + 10));
    const change = (state: string): EventRecord[] => [
      event("ice-connection-state-changed", from, { state }, connectionId),
      event("connection-state-changed", from + 1, { state }, connectionId),
    ];
    // ICE notices after 5 s (measured, Chromium 156).
    if (second - 1 === start + 5 && end > start + 5) return change("disconnected");
    if (second - 1 === end && end > start + 5) return change("connected");
  }
  return [];
}
