import { topologyOf } from "../../attribute/topology.ts";
import type { InboundInterval } from "../../derive/inbound-interval.ts";
import type { Connection } from "../../model/connection.ts";
import type { Sync } from "../../model/received-media.ts";
import { shareStream } from "../../model/remote-tracks.ts";
import type { SessionModel } from "../../model/session.ts";
import type { InboundStream } from "../../model/streams.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import {
  endIsIntended,
  isChangingPath,
  isReplacingTrack,
  isScreenShare,
  isSettling,
  pageIsHidden,
} from "../guards.ts";
import { evidence } from "../open-record.ts";
import { isQuiet } from "../quiet.ts";
import type { Detector, View } from "../view.ts";

const thresholds = {
  /** Limits of ITU-R BT.1359 for sound before and after the picture, and where it is let go. */
  earlyMs: 90,
  earlyClearMs: 45,
  lateMs: 185,
  lateClearMs: 125,
  /** The mean over this long is judged. */
  meanSeconds: 10,
};

/** Where a mean between a clear value and its limit lies, as a level. */
const clearLevel = 0.5;

export const definition: ObservationDefinition = {
  id: "av-desync",
  category: "av-sync",
  tier: "A",
  title: "Sound and picture apart",
  meaning: "Sound and picture of the same person were not played at the same time.",
  domainHint: "unknown",
  effect: false,
  severities: ["minor", "major"],
  unit: "",
  levels: [
    { severity: "minor", on: 1, clear: clearLevel },
    { severity: "major", on: 2, clear: 1.6 },
  ],
  on: { rule: "share", need: 3, of: 5 },
  clearSeconds: 10,
  onText:
    "the mean lead of the sound over 10 s beyond +90 ms or -185 ms (major: beyond twice that) in 3 of 5 steps; levels are multiples of these limits",
  clearText: "inside +45 and -125 ms for 10 s",
  evidence: [
    "derived.audioLead",
    "inbound-rtp.estimatedPlayoutTimestamp",
    "derived.audioDelay",
    "derived.videoDelay",
  ],
  exceptions: [
    { when: "sound and picture belong to different streams" },
    { when: "the picture is a shared screen" },
    { guard: "G9", when: "one of both began less than 15 s ago" },
    { guard: "G2", when: "the page is hidden" },
    { guard: "G6", when: "a track was replaced a moment ago" },
    { guard: "G7", when: "the path changed a moment ago" },
    { when: "no frame or no sound came in the step: there is nothing to compare" },
  ],
  blindIn:
    "Not computable where the browser reports no estimatedPlayoutTimestamp, before the far end's first sender reports, and where nothing says which sound belongs to which picture.",
  thresholds,
};

/** Sound and picture apart, by their playout clocks alone: never by what the buffer inserted or removed. */
export const avDesync: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    const inForce = board.inForce(definition);
    const limits = board.thresholds(definition, thresholds);
    for (const video of interval.inbound) {
      if (video.now.kind !== "video") continue;
      const { stream } = video;
      if (isScreenShare(model, stream)) continue;
      const sync = syncOf(model, connection, stream, { to, board });
      if (sync === null) continue;
      const audio = interval.inbound.find(({ id }) => id === sync.audioId);
      const audioStream = connection.inbound.get(sync.audioId);
      if (audio === undefined || audioStream === undefined) continue;
      const leadMs = leadOf(audio, video);
      if (leadMs === null) {
        board.absent(definition, "inbound-rtp.estimatedPlayoutTimestamp");
        board.unknown(definition, sync.subject, from, to);
        continue;
      }
      const nothingCame = (video.framesDecoded ?? 0) === 0 || (audio.packetsReceived ?? 0) === 0;
      const anew =
        isSettling(model, connection, stream, to) ||
        isSettling(model, connection, audioStream, to) ||
        pageIsHidden(model, to) ||
        isReplacingTrack(connection, "audio", to) ||
        isReplacingTrack(connection, "video", to) ||
        isChangingPath(connection, to) ||
        endIsIntended(model, connection, stream);
      if (anew) forget(sync);
      const meanMs = anew || nothingCame ? null : meanLead(sync, to, leadMs, limits.meanSeconds * 1000);
      const value = meanMs === null ? null : timesLimit(meanMs, limits);
      if (isQuiet(board, inForce, stream.media, value)) continue;
      const change = board.vote(definition, sync.subject, from, to, value);
      if (change === null || meanMs === null) continue;
      const since = sync.at[0] ?? from;
      attach(change, [
        evidence(
          "derived",
          "audioLead",
          meanMs,
          "ms",
          since,
          to,
          meanMs > 0 ? limits.earlyMs : -limits.lateMs,
        ),
        evidence("inbound-rtp", "estimatedPlayoutTimestamp", leadMs, "ms", to, to),
        ...delayOf("audioDelay", audio, from, to),
        ...delayOf("videoDelay", video, from, to),
      ]);
    }
  },
};

/** Milliseconds by which the sound is ahead of the picture at the time of the report. */
function leadOf(audio: InboundInterval, video: InboundInterval): number | null {
  const heard = audio.now.estimatedPlayoutTimestamp;
  const seen = video.now.estimatedPlayoutTimestamp;
  if (heard === null || seen === null || heard === 0 || seen === 0) return null;
  // Both clocks go on between the timestamps of the two objects.
  return heard - audio.now.timestamp - (seen - video.now.timestamp);
}

/** The mean lead of the last seconds; null until they are full. */
function meanLead({ leadsMs, at }: Sync, to: number, leadMs: number, lengthMs: number): number | null {
  leadsMs.push(leadMs);
  at.push(to);
  while (at[1] !== undefined && at[1] <= to - lengthMs) {
    at.shift();
    leadsMs.shift();
  }
  const first = at[0];
  // Steps end a little earlier or later than every two seconds.
  if (first === undefined || to - first < lengthMs * 0.75) return null;
  let sum = 0;
  for (const lead of leadsMs) sum += lead;
  return sum / leadsMs.length;
}

function forget({ leadsMs, at }: Sync): void {
  leadsMs.length = 0;
  at.length = 0;
}

/** How far outside it is: 1 at either limit, `clearLevel` at either clear value. */
function timesLimit(meanMs: number, limits: typeof thresholds): number {
  return meanMs > 0
    ? scale(meanMs, limits.earlyMs, limits.earlyClearMs)
    : scale(-meanMs, limits.lateMs, limits.lateClearMs);
}

function scale(ms: number, limitMs: number, clearMs: number): number {
  if (ms >= limitMs) return ms / limitMs;
  if (ms < clearMs) return (clearLevel * ms) / clearMs;
  return clearLevel + ((1 - clearLevel) * (ms - clearMs)) / (limitMs - clearMs);
}

function delayOf(
  field: string,
  inbound: InboundInterval,
  from: number,
  to: number,
): ReturnType<typeof evidence>[] {
  const { jitterBufferDelay, jitterBufferEmittedCount } = inbound;
  if (jitterBufferDelay === null || jitterBufferEmittedCount === null || jitterBufferEmittedCount === 0)
    return [];
  return [evidence("derived", field, (1000 * jitterBufferDelay) / jitterBufferEmittedCount, "ms", from, to)];
}

/** The sound that is to be played with a picture; null when there is none, or nobody can tell. */
function syncOf(
  model: SessionModel,
  connection: Connection,
  stream: InboundStream,
  { to, board }: Pick<View, "board"> & { readonly to: number },
): Sync | null {
  const { media, subject } = stream;
  if (media.sync !== null) {
    if (connection.inbound.has(media.sync.audioId)) return media.sync;
    board.clear(definition, media.sync.subject, to, "subject-removed");
    media.sync = null;
  }
  const audio = soundOf(model, connection, stream);
  if (audio === null) return null;
  if (audio === "unknown") {
    board.absent(definition, "remote-track-added.streamIds");
    return null;
  }
  const { pcId } = subject.scope;
  media.sync = {
    audioId: audio.latest.id,
    // It is about two streams: neither kind nor SSRC belongs to its scope. The key ends with the picture.
    subject: {
      key: `${subject.key}/sync`,
      scope: { ...(pcId === undefined ? {} : { pcId }), direction: "inbound" },
    },
    leadsMs: [],
    at: [],
  };
  return media.sync;
}

/** By the stream that both belong to; without that, the only sound beside the only picture of a call without a server. */
function soundOf(
  model: SessionModel,
  connection: Connection,
  video: InboundStream,
): InboundStream | "unknown" | null {
  let only: InboundStream | null = null;
  let sounds = 0;
  let pictures = 0;
  let told = false;
  for (const other of connection.inbound.values()) {
    if (other.kind === "video") {
      pictures += 1;
      continue;
    }
    sounds += 1;
    only = other;
    const shared = shareStream(model.remoteTracks, video.subject.scope.trackId, other.subject.scope.trackId);
    if (shared === true) return other;
    if (shared === false) told = true;
  }
  if (sounds === 0 || told) return null;
  if (sounds > 1 || pictures > 1 || connection.seen.audioIn > 1) return "unknown";
  return topologyOf(model) === "server" ? "unknown" : only;
}
