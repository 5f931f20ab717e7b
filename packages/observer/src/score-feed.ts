import { topologyOf } from "./attribute/topology.ts";
import type { InboundInterval } from "./derive/inbound-interval.ts";
import type { ConnectionInterval } from "./derive/interval.ts";
import { milliseconds, ratio } from "./derive/delta.ts";
import { endIsIntended, isRampingUp, isScreenShare, isSwitchingLayer } from "./detect/guards.ts";
import type { Connection } from "./model/connection.ts";
import { shownBy, shownPixels } from "./model/media-elements.ts";
import type { SessionModel } from "./model/session.ts";
import type { InboundStream } from "./model/streams.ts";
import type {
  Expectation,
  ScoreCollector,
  ScoreInterval,
  SettledWindow,
  SettledWindows,
} from "./score/inputs.ts";
import { speechActiveMs } from "./score/speech.ts";

/** What is known about the way on which everything of one connection comes. */
type Way = Pick<ScoreInterval, "rttMs" | "path">;

/** Hands every received track of one interval to the score, with what is known about whether media was expected. */
export function feedScore(
  model: SessionModel,
  connection: Connection,
  interval: ConnectionInterval,
  score: ScoreCollector,
): void {
  const way: Way = {
    rttMs: roundTrip(interval),
    // A direct call cannot be told from here: to one side, a server with one other person behind it looks the same.
    path: topologyOf(model) === "server" ? "server" : null,
  };
  for (const inbound of interval.inbound) {
    const { stream } = inbound;
    const trackId = trackIdOf(stream);
    if (stream.lastPacketAt !== null) score.joined(stream.joinedAt ?? stream.lastPacketAt);
    score.push(scoreInterval(model, connection, interval, inbound, stream, way));
    confirmSender(connection, stream, trackId, interval, score);
  }
}

/** The id under which a stream is scored: its track, or its statistics object when the browser names no track. */
export function trackIdOf(stream: InboundStream): string {
  return stream.subject.scope.trackId ?? stream.latest.id;
}

/** Windows of one stream that wait to be looked at: a minute. Ours, for when nobody looks. */
const waitingWindows = 6;

/** Hands settled windows of sound back to the streams that they are about. */
export class ScoreWindowKeeper implements SettledWindows {
  private readonly model: SessionModel;

  constructor(model: SessionModel) {
    this.model = model;
  }

  keep(window: SettledWindow): void {
    if (window.kind !== "audio") return;
    for (const stream of this.model.connections.get(window.pcId)?.inbound.values() ?? []) {
      if (stream.kind !== "audio" || trackIdOf(stream) !== window.trackId) continue;
      const { media } = stream;
      media.scoreWindows = media.scoreWindows.concat([window]).slice(-waitingWindows);
      return;
    }
  }
}

/** What is learnt about a gap while it lasts or after it. */
function confirmSender(
  connection: Connection,
  stream: InboundStream,
  trackId: string,
  interval: ConnectionInterval,
  score: ScoreCollector,
): void {
  const pcId = connection.id;
  const { confirmedGap, lastPacketAt } = stream;
  if (confirmedGap !== null) {
    const { from, to, sending } = confirmedGap;
    score.senderConfirmed({ pcId, trackId, from, to, sending });
  } else if (stream.senderEvidence !== null && lastPacketAt !== null) {
    score.senderConfirmed({ pcId, trackId, from: lastPacketAt, to: interval.to, sending: true });
  }
}

function scoreInterval(
  model: SessionModel,
  connection: Connection,
  interval: ConnectionInterval,
  inbound: InboundInterval,
  stream: InboundStream,
  { rttMs, path }: Way,
): ScoreInterval {
  const { now } = inbound;
  const codec = now.codecId === null ? undefined : interval.report.codecs.get(now.codecId);
  return {
    from: interval.from,
    to: interval.to,
    pcId: connection.id,
    trackId: trackIdOf(stream),
    kind: stream.kind,
    expectation: expectation(model, connection, stream, inbound),
    senderSending: (inbound.packetsReceived ?? 0) > 0 || stream.senderEvidence !== null ? true : null,
    interrupted: isInterrupted(connection),
    rampUp:
      stream.kind === "video" &&
      (isRampingUp(model, connection, stream, interval.to) || isSwitchingLayer(stream, interval.to)),
    mimeType: codec?.mimeType ?? null,
    fmtp: codec?.fmtp ?? null,
    clockRate: codec?.clockRate ?? null,
    packetsReceived: inbound.packetsReceived,
    packetsLost: inbound.packetsLost,
    packetsDiscarded: inbound.packetsDiscarded,
    bytesReceived: inbound.bytesReceived,
    retransmittedBytesReceived: inbound.retransmittedBytesReceived,
    jitterBufferDelayMs: milliseconds(ratio(inbound.jitterBufferDelay, inbound.jitterBufferEmittedCount)),
    playoutDelayMs: interval.playoutDelayMs,
    rttMs,
    // Only the sender's own session knows it.
    senderRttMs: null,
    path,
    totalSamplesReceived: inbound.totalSamplesReceived,
    concealedSamples: inbound.concealedSamples,
    silentConcealedSamples: inbound.silentConcealedSamples,
    concealmentEvents: inbound.concealmentEvents,
    speechActiveMs:
      stream.kind === "audio"
        ? speechActiveMs(inbound.totalAudioEnergy, inbound.totalSamplesDuration, interval.to - interval.from)
        : null,
    framesDecoded: inbound.framesDecoded,
    framesRendered: inbound.framesRendered,
    freezeCount: inbound.freezeCount,
    pauseCount: inbound.pauseCount,
    freezesDurationMs: milliseconds(inbound.totalFreezesDuration),
    pausesDurationMs: milliseconds(inbound.totalPausesDuration),
    runningFreezeMs: null,
    frameWidth: now.frameWidth,
    frameHeight: now.frameHeight,
    neededPixels: neededPixels(model, stream),
    repairable: now.nackCount !== null,
    screenShare: isScreenShare(model, stream),
  };
}

/** Device pixels on which the page shows the picture; null when it does not say. Each track counts as large as it is shown largest. */
function neededPixels(
  { mediaElements }: SessionModel,
  { kind, latest, subject }: InboundStream,
): number | null {
  if (kind === "audio") return null;
  const element = shownBy(mediaElements, subject.scope.trackId);
  if (element === null || latest.frameWidth === null || latest.frameHeight === null) return null;
  const pixels = shownPixels(element, latest.frameWidth, latest.frameHeight);
  return pixels > 0 ? pixels : null;
}

function isInterrupted(connection: Connection): boolean {
  const broken = connection.state === "disconnected" || connection.state === "failed";
  return broken && connection.connectedAt !== null;
}

function expectation(
  model: SessionModel,
  connection: Connection,
  stream: InboundStream,
  inbound: InboundInterval,
): Expectation {
  if (connection.state === "closed") return { state: "not-expected", reason: "connection-closed" };
  if (endIsIntended(model, connection, stream)) return { state: "not-expected", reason: "track-ended" };
  if (stream.kind === "video" && !model.visible) return { state: "not-expected", reason: "tab-hidden" };
  if (stream.lastPacketAt === null) return { state: "not-expected", reason: "before-first-media" };
  if ((inbound.packetsReceived ?? 0) > 0) return { state: "expected" };
  if (stream.senderEvidence !== null || isInterrupted(connection)) return { state: "expected" };
  return { state: "unknown", reason: "sender-unknown" };
}

/** Round trip of the path in ms; 0 is what browsers report while they do not know it. */
function roundTrip({ path, outbound }: ConnectionInterval): number | null {
  for (const { now, remote } of outbound) {
    if (now.kind !== "audio") continue;
    const rtt = remote?.roundTripTime ?? null;
    if (rtt !== null && rtt > 0) return rtt * 1000;
  }
  const current = path?.pair.currentRoundTripTime ?? null;
  return current !== null && current > 0 ? current * 1000 : null;
}
