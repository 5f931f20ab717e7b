import type { Connection } from "../model/connection.ts";
import type { MediaElement } from "../model/media-elements.ts";
import type { SessionModel, Track } from "../model/session.ts";
import type { InboundStream, OutboundStream } from "../model/streams.ts";
import type { InboundInterval } from "../derive/inbound-interval.ts";
import type { OutboundInterval } from "../derive/outbound-interval.ts";

/*
 * Expected states that must never raise anything: guards G1 to G18 of the observation catalogue, as far as they concern the
 * observations that exist. G8 (suspend), G10 (baselines) and G11 (stale reports) are handled where intervals
 * are derived; G13 (member absent) is `Board.unknown` and `Board.absent`.
 */

/** An evaluation step of the catalogue, ms. */
export const stepMs = 2000;

/** Steps after a layer switch, a replaced source or an ICE restart that are not judged (G5, G6, G7). */
const settlingMs = 3 * stepMs;

/** Steps after the page is shown again that are not judged (G2). */
const returnedMs = 2 * stepMs;

/** Ramp-up after join, unmute, layer or codec change (G9). */
const rampUpMs = 15_000;

/** Fewest packets in a step for a statement about a received audio or video stream (G12). */
const minimumPackets = 50;
const minimumFrames = 10;

/** Packets per second of 20 ms audio; below 80 % of it without loss the sender uses DTX (G3). */
const nominalAudioPacketRate = 50;
const dtxShare = 0.8;

function within(since: number | null, at: number, lengthMs: number): boolean {
  return since !== null && at - since < lengthMs && at >= since;
}

/** G1: the local track is known to be muted, switched off or over. Null when nothing is known about it. */
export function sourceIsOff(model: SessionModel, trackId: string | null | undefined): boolean | null {
  const track = localTrack(model, trackId);
  if (track === null) return null;
  return !track.enabled || track.muted || track.ended;
}

/** The local track behind a source or stream, when its events were recorded. */
export function localTrack(model: SessionModel, trackId: string | null | undefined): Track | null {
  if (trackId === null || trackId === undefined) return null;
  const track = model.tracks.get(trackId);
  return track === undefined || track.direction !== "local" ? null : track;
}

/** G2: the page is hidden, or was until two steps ago: rendering stops and timers are throttled. */
export function pageIsHidden(model: SessionModel, at: number): boolean {
  return !model.visible || within(model.shownAt, at, returnedMs);
}

/** G3: audio comes with gaps by design. */
export function usesDtx(stream: InboundStream, inbound: InboundInterval): boolean {
  if (stream.kind !== "audio" || inbound.packetsReceived === null) return false;
  const lost = Math.max(0, inbound.packetsLost ?? 0);
  const rate = (inbound.packetsReceived + lost) / inbound.seconds;
  return rate < nominalAudioPacketRate * dtxShare && lost === 0;
}

/** G4: a screen share stands still legitimately. */
export function isScreenShare(model: SessionModel, stream: InboundStream | OutboundStream): boolean {
  if (stream.latest.screenShare) return true;
  const { trackId } = stream.subject.scope;
  return trackId !== undefined && model.tracks.get(trackId)?.source === "screen";
}

/** G5: a layer, resolution or SSRC change is settling. */
export function isSwitchingLayer(stream: InboundStream | OutboundStream, at: number): boolean {
  return within(stream.changedAt, at, settlingMs);
}

/** The page shows it at another size since a moment ago: a layer that fits takes its time. Ours, as for G5. */
export function justSized({ sizedAt }: MediaElement, at: number): boolean {
  return within(sizedAt, at, settlingMs);
}

/** G6: the sender's track was replaced a moment ago. */
export function isReplacingTrack(connection: Connection, kind: "audio" | "video", at: number): boolean {
  return within(connection.replacedAt[kind], at, settlingMs);
}

/** G7: the path changed or ICE restarted a moment ago. */
export function isChangingPath(connection: Connection, at: number): boolean {
  return within(connection.pathChangedAt, at, settlingMs);
}

/** G9: the first 15 s of a stream, or after it came back, unless it has been steady for three steps. */
export function isRampingUp(
  model: SessionModel,
  connection: Connection,
  stream: InboundStream,
  at: number,
): boolean {
  // Steadiness is lost by the very freeze that is to be judged: what was steady once has ramped up.
  return !stream.wasSteady && at - startOf(model, connection, stream) < rampUpMs;
}

/** G9 by time alone, for what settles later than the media looks steady: receive buffers and their corrections, the playout clocks. */
export function isSettling(
  model: SessionModel,
  connection: Connection,
  stream: InboundStream,
  at: number,
): boolean {
  const start = startOf(model, connection, stream);
  return at - Math.max(start, stream.joinedAt ?? start) < rampUpMs;
}

/** When the stream began, was connected again, or came back from a mute. Unix ms. */
function startOf(model: SessionModel, connection: Connection, stream: InboundStream): number {
  const { trackId } = stream.subject.scope;
  const track = trackId === undefined ? undefined : model.tracks.get(trackId);
  return Math.max(
    stream.firstSeenAt,
    connection.lastConnectedAt ?? stream.firstSeenAt,
    track?.unmutedAt ?? stream.firstSeenAt,
  );
}

/** How long after packets overtook one another that is still taken to happen. Ours, as for jitter. */
const reorderingMs = 10_000;

/** Packets overtake one another: a queue keeps their order, and what is asked for again comes by itself. */
export function isReordering({ reorderedAt, reorderedOutAt }: Connection, at: number): boolean {
  return within(reorderedAt, at, reorderingMs) || within(reorderedOutAt, at, reorderingMs);
}

/** G9 for what is sent: the first 15 s of a stream, of its connection, or after the track was unmuted. */
export function isSendingAnew(
  model: SessionModel,
  connection: Connection,
  stream: OutboundStream,
  at: number,
): boolean {
  const { firstSeenAt, subject } = stream;
  const unmutedAt = localTrack(model, subject.scope.trackId)?.unmutedAt ?? firstSeenAt;
  return at - Math.max(firstSeenAt, connection.lastConnectedAt ?? firstSeenAt, unmutedAt) < rampUpMs;
}

/** G12 for received media: enough packets or frames to say something about this step. */
export function hasEnough(inbound: InboundInterval): boolean {
  const packets = (inbound.packetsReceived ?? 0) + Math.max(0, inbound.packetsLost ?? 0);
  if (packets >= minimumPackets) return true;
  return inbound.now.kind === "video" && (inbound.framesDecoded ?? 0) >= minimumFrames;
}

/**
 * G12 for the jitter of video. All packets of a frame have one RTP timestamp, so with few large frames jitter is how the sender
 * spread each of them, not what the way did: a camera at 2 frames a second read 100 ms on one machine. Ours: 10 frames in a step.
 */
export function hasEnoughFrames(kind: "audio" | "video", frames: number | null, seconds: number): boolean {
  return kind === "audio" || frames === null || frames * stepMs >= minimumFrames * seconds * 1000;
}

/** Enough packets for a loss ratio; frames do not help there. */
export function hasEnoughPackets(packets: number): boolean {
  return packets >= minimumPackets;
}

/** G14: this end of media is intended: the connection is closed at one of its ends, or the far end's track ended. */
export function endIsIntended(
  model: SessionModel,
  connection: Connection,
  stream: InboundStream | OutboundStream,
): boolean {
  if (connection.state === "closed" || connection.closedAt !== null) return true;
  const { trackId } = stream.subject.scope;
  if (trackId !== undefined && model.tracks.get(trackId)?.ended === true) return true;
  return farEndIsClosed(model, connection, stream);
}

/** A page that calls itself holds both ends: the app closed the other one, and its goodbye may be lost on the way. */
function farEndIsClosed(
  model: SessionModel,
  connection: Connection,
  { latest }: InboundStream | OutboundStream,
): boolean {
  if (latest.ssrc === null || model.connections.size < 2) return false;
  for (const other of model.connections.values()) {
    if (other === connection || other.closedAt === null) continue;
    for (const streams of [other.outbound, other.inbound]) {
      for (const far of streams.values()) if (far.latest.ssrc === latest.ssrc) return true;
    }
  }
  return false;
}

/** G15: a layer that does not send while another layer of the same source does. */
export function isSpareLayer(outbound: OutboundInterval, all: readonly OutboundInterval[]): boolean {
  if (outbound.now.active === false) return true;
  if (outbound.now.rid === null) return false;
  for (const other of all) {
    if (other === outbound || other.now.mediaSourceId !== outbound.now.mediaSourceId) continue;
    if (other.now.rid !== null && (other.packetsSent ?? 0) > 0) return true;
  }
  return false;
}

/** A source with several layers is judged once, at the first of them. */
export function isFirstOfSource(outbound: OutboundInterval, all: readonly OutboundInterval[]): boolean {
  for (const other of all) {
    if (other === outbound) return true;
    if (other.source !== null && other.source.now.id === outbound.source?.now.id) return false;
  }
  return true;
}

/** G14: does the application want this source to be sent? Not on hold, and not when all of its encodings are switched off. */
export function isSentByDesign(
  model: SessionModel,
  connection: Connection,
  { source }: OutboundInterval,
  all: readonly OutboundInterval[],
): boolean {
  const trackId = source?.now.trackId ?? null;
  if (trackId !== null && model.capture.unsent.has(`${connection.id} ${trackId}`)) return false;
  for (const layer of all) {
    if (layer.source?.now.id === source?.now.id && layer.now.active !== false) return true;
  }
  return false;
}
