import { followSources } from "../model/captured-sources.ts";
import type { Connection } from "../model/connection.ts";
import { impliedState } from "../model/selected-pair.ts";
import type { Report } from "../model/report.ts";
import {
  type InboundStream,
  type OutboundStream,
  type Subject,
  noteLatestInbound,
  noteLatestOutbound,
  openInboundStream,
  openOutboundStream,
} from "../model/streams.ts";
import { growth } from "./delta.ts";
import type { InboundInterval } from "./inbound-interval.ts";
import type { ConnectionInterval, PathInterval } from "./interval.ts";
import { type OutboundInterval, sourceOf } from "./outbound-interval.ts";
import { secondsOverdue, trackReportDistance } from "./receiver-reports.ts";
import { trackFrameRate } from "./track-frame-rate.ts";
import { steadyAfterMs, trackFreezes } from "./track-freezes.ts";
import { trackLoss, trackReportedLoss } from "./track-loss.ts";
import { trackReceivedMedia } from "./track-received-media.ts";

/** Streams of one connection that are tracked at once; more than any conference shows. Ours. */
const maximumStreams = 2000;

/**
 * Opens streams that are new in the report and drops those that left it. RTP statistics objects are deleted when the SSRC changes,
 * a layer is dropped or the stream stops (w3c webrtc-stats). Returns the subjects that are gone.
 */
export function followStreams(connection: Connection, report: Report): Subject[] {
  const gone: Subject[] = [];
  // Both mostly have the same order.
  let place = 0;
  for (const stream of connection.inbound.values()) {
    const { id } = stream.latest;
    const now = report.inbound.getNear(id, place);
    place += 1;
    if (now !== undefined && now.ssrc === stream.latest.ssrc) continue;
    connection.inbound.delete(id);
    if (stream.lastPacketAt !== null && connection.formerInbound.length < maximumStreams) {
      const { ssrc } = stream.latest;
      connection.formerInbound.push({ ssrc, from: stream.firstSeenAt, to: stream.lastPacketAt });
    }
    gone.push(stream.subject);
  }
  place = 0;
  for (const stream of connection.outbound.values()) {
    const { id } = stream.latest;
    const now = report.outbound.getNear(id, place);
    place += 1;
    if (now !== undefined && now.ssrc === stream.latest.ssrc) continue;
    connection.outbound.delete(id);
    gone.push(stream.subject);
  }
  place = 0;
  for (const stats of report.inbound.values()) {
    const { id } = stats;
    const known = connection.inbound.getNear(id, place);
    place += 1;
    if (known === undefined) {
      if (connection.inbound.size < maximumStreams) {
        connection.inbound.set(id, openInboundStream(connection.id, stats, report.at));
      }
      continue;
    }
    const size = known.latest.frameHeight;
    if (size !== null && stats.frameHeight !== null && size !== stats.frameHeight) {
      known.changedAt = report.at;
    }
    noteLatestInbound(known, stats);
  }
  place = 0;
  for (const stats of report.outbound.values()) {
    const { id } = stats;
    const known = connection.outbound.getNear(id, place);
    place += 1;
    if (known === undefined) {
      if (connection.outbound.size < maximumStreams) {
        const trackId = sourceOf(report, stats)?.trackId ?? null;
        connection.outbound.set(id, openOutboundStream(connection.id, stats, trackId, report.at));
      }
      continue;
    }
    if (known.latest.active !== stats.active && known.latest.active !== null) {
      known.changedAt = report.at;
    }
    noteLatestOutbound(known, stats);
  }
  followSources(connection.sources, connection.id, report, gone);
  noteShape(connection);
  return gone;
}

/** What tells a media server from another browser, over the whole life of the connection. */
function noteShape({ inbound, outbound, seen }: Connection): void {
  let audio = 0;
  for (const { kind } of inbound.values()) if (kind === "audio") audio += 1;
  let layers = 0;
  for (const { latest } of outbound.values()) if (latest.rid !== null) layers += 1;
  seen.audioIn = Math.max(seen.audioIn, audio);
  seen.layersOut = Math.max(seen.layersOut, layers);
  seen.sent ||= outbound.size > 0;
  seen.received ||= inbound.size > 0;
}

/** Brings the running knowledge of every stream up to the end of the interval between two samples. */
export function trackStreams(connection: Connection, interval: ConnectionInterval): void {
  if (interval.path !== null) trackPath(connection, interval.path, interval);
  for (const inbound of interval.inbound) {
    const { stream } = inbound;
    trackSilence(connection, stream, inbound, interval);
    const loss = trackLoss(connection, stream, inbound, interval);
    trackReceivedMedia(stream, inbound, interval, loss);
    if (stream.kind === "video") {
      trackFrameRate(stream, inbound);
      trackFreezes(stream, inbound, interval);
    } else trackSettling(stream, inbound, interval);
  }
  for (const outbound of interval.outbound) {
    const { stream } = outbound;
    trackStall(stream, outbound, interval);
    trackReports(connection, stream, outbound, interval);
  }
}

/** Has the transport fallen silent, and do STUN requests (consent, RFC 7675) go unanswered? */
function trackPath(
  connection: Connection,
  path: PathInterval,
  { from, to, report }: ConnectionInterval,
): void {
  if (!path.samePair) {
    connection.unansweredSince = null;
    connection.unansweredRequests = 0;
    connection.transportSilentSince = null;
    return;
  }
  if (path.bytesReceived !== null) {
    if (path.bytesReceived > 0) {
      connection.everReceivedBytes = true;
      connection.transportSilentSince = null;
    } else connection.transportSilentSince ??= from;
  }
  if (path.responsesReceived !== null && path.responsesReceived > 0) {
    connection.unansweredSince = null;
    connection.unansweredRequests = 0;
  } else if (path.requestsSent !== null && path.requestsSent > 0) {
    connection.unansweredSince ??= to;
    connection.unansweredRequests += path.requestsSent;
  }
  // A close alert of the far end is an intended end (G14), not an outage.
  if (impliedState(report) === "closed") {
    connection.transportSilentSince = null;
    connection.unansweredSince = null;
    connection.unansweredRequests = 0;
  }
}

/** A sender report may overtake the last packets before it by this much. Ours. */
const reportMarginMs = 200;

/** Requests must have waited this long before they count as unanswered: longer than any usual round trip. Ours. */
const unansweredAfterMs = 800;

/** Gaps shorter than this are left to concealment and freezes. Catalogue, downlink-outage. */
export const shortestGapMs = 1000;

function trackSilence(
  connection: Connection,
  stream: InboundStream,
  inbound: InboundInterval,
  interval: ConnectionInterval,
): void {
  const received = inbound.packetsReceived;
  if (received === null) return;
  const { remote } = inbound;
  if (received > 0) {
    const rate = received / inbound.seconds;
    resolveGap(stream, inbound, remote);
    if (stream.silentMs >= shortestGapMs && stream.lastPacketAt !== null) {
      closeGap(stream, inbound, interval.from, interval.to);
    }
    stream.usualPacketRate =
      stream.usualPacketRate === null ? rate : stream.usualPacketRate * 0.8 + rate * 0.2;
    stream.lastPacketAt = lastPacketTime(inbound, interval);
    stream.joinedAt ??= interval.to;
    stream.silentMs = 0;
    stream.senderEvidence = null;
    stream.reportInGap = null;
    noteFlowing(stream, inbound, remote, rate);
    return;
  }
  if (stream.lastPacketAt === null) return;
  stream.silentMs = Math.max(0, interval.to - stream.lastPacketAt);
  if (stream.silentMs < shortestGapMs) return;
  stream.senderEvidence = senderEvidence(connection, stream, remote, interval);
  if (stream.senderEvidence !== null) {
    stream.sinceStep.blackoutMs += interval.to - Math.max(interval.from, stream.lastPacketAt);
  }
}

/** Pairs what the far end had sent with what had arrived when its report came. */
function noteFlowing(
  stream: InboundStream,
  inbound: InboundInterval,
  remote: RemoteReport,
  rate: number,
): void {
  const received = receivedAt(inbound, remote, rate);
  if (remote === undefined || remote.packetsSent === null || received === null) return;
  if (stream.flowing !== null && stream.flowing.reportAt === remote.timestamp) return;
  stream.flowing = { reportAt: remote.timestamp, packetsSent: remote.packetsSent, packetsReceived: received };
}

type RemoteReport = { readonly timestamp: number; readonly packetsSent: number | null } | undefined;

/** Packets received when the report arrived: the counter of the sample, less what came after the report. */
function receivedAt(inbound: InboundInterval, remote: RemoteReport, rate: number): number | null {
  const { packetsReceived, timestamp } = inbound.now;
  if (remote === undefined || packetsReceived === null) return null;
  const age = Math.max(0, timestamp - remote.timestamp) / 1000;
  return packetsReceived - Math.min(inbound.packetsReceived ?? 0, rate * age);
}

function senderEvidence(
  connection: Connection,
  stream: InboundStream,
  remote: RemoteReport,
  interval: ConnectionInterval,
): InboundStream["senderEvidence"] {
  const { to } = interval;
  if (remote !== undefined && remote.packetsSent !== null && stream.lastPacketAt !== null) {
    const arrivedAt = to - Math.max(0, stream.latest.timestamp - remote.timestamp);
    // Two sender reports inside the gap that differ: media was sent between them, and none of it arrived.
    if (arrivedAt > stream.lastPacketAt + reportMarginMs) {
      const before = stream.reportInGap;
      if (before === null) stream.reportInGap = { at: remote.timestamp, packetsSent: remote.packetsSent };
      else if (remote.timestamp > before.at) {
        const sent = remote.packetsSent - before.packetsSent;
        stream.isPausedBySender = sent <= 0;
        if (sent > 0) return { stat: "remote-outbound-rtp", field: "packetsSent", value: sent };
      }
    }
  }
  const silentSince = connection.transportSilentSince;
  if (
    connection.everReceivedBytes &&
    silentSince !== null &&
    connection.unansweredSince !== null &&
    to - connection.unansweredSince >= unansweredAfterMs
  ) {
    return {
      stat: "candidate-pair",
      field: "responsesReceived",
      value: connection.unansweredRequests,
    };
  }
  const overdue = secondsOverdue(connection, interval);
  if (overdue !== null) return { stat: "remote-inbound-rtp", field: "timestamp", value: overdue };
  return stream.senderEvidence;
}

/** When the last packet of the interval arrived, on the clock of the records. */
function lastPacketTime(inbound: InboundInterval, interval: ConnectionInterval): number {
  const stamp = inbound.now.lastPacketReceivedTimestamp;
  if (stamp === null) return interval.to;
  const age = inbound.now.timestamp - stamp;
  return age >= 0 && age <= interval.to - interval.from ? interval.to - age : interval.to;
}

/** Packets came back: the gap ends where the packets of this interval would have started at the usual rate. */
function closeGap(stream: InboundStream, inbound: InboundInterval, from: number, to: number): void {
  const { flowing, usualPacketRate, lastPacketAt } = stream;
  if (lastPacketAt === null) return;
  const arrived = inbound.packetsReceived ?? 0;
  const flowedMs = usualPacketRate === null || usualPacketRate <= 0 ? 0 : (1000 * arrived) / usualPacketRate;
  const end = Math.max(from, to - flowedMs);
  stream.gapEndedAt = end;
  if (flowing === null || usualPacketRate === null || stream.senderEvidence !== null) return;
  stream.pendingGap = {
    from: lastPacketAt,
    to: end,
    reportAt: flowing.reportAt,
    packetsSent: flowing.packetsSent,
    packetsReceivedBefore: flowing.packetsReceived,
    usualPacketRate,
  };
}

/** The first sender report after a gap says whether the far end went on sending in it. */
function resolveGap(stream: InboundStream, inbound: InboundInterval, remote: RemoteReport): void {
  stream.confirmedGap = null;
  const gap = stream.pendingGap;
  if (gap === null || remote === undefined || remote.timestamp <= gap.reportAt) return;
  // A report from inside the gap decides nothing.
  if (remote.timestamp <= gap.to) return;
  stream.pendingGap = null;
  const sent = growth(gap.packetsSent, remote.packetsSent);
  const received = receivedAt(inbound, remote, gap.usualPacketRate);
  if (sent === null || received === null) return;
  const missing = sent - (received - gap.packetsReceivedBefore);
  const usual = (gap.usualPacketRate * (gap.to - gap.from)) / 1000;
  // Half of what would usually have come: between a full outage and a pause of the sender. Ours.
  stream.confirmedGap = { from: gap.from, to: gap.to, sending: missing >= usual / 2, sent };
}

/** Audible concealment below this share of the samples counts as settled. Ours: a third of the mildest level. */
const settledShare = 0.01;

/** Audio has ramped up when it came without audible gaps for a while: buffers settle in the first seconds (guard G9). */
function trackSettling(
  stream: InboundStream,
  { totalSamplesReceived, concealedSamples, packetsReceived }: InboundInterval,
  { from, to }: ConnectionInterval,
): void {
  if (stream.wasSteady || packetsReceived === null || packetsReceived === 0) return;
  const concealed = (concealedSamples ?? 0) > settledShare * (totalSamplesReceived ?? 0);
  stream.steadyMs = concealed ? 0 : stream.steadyMs + (to - from);
  if (stream.steadyMs >= steadyAfterMs) stream.wasSteady = true;
}

function trackStall(stream: OutboundStream, outbound: OutboundInterval, interval: ConnectionInterval): void {
  const sent = outbound.packetsSent;
  if (sent === null) return;
  if (sent > 0) {
    stream.everSent = true;
    stream.stalledSince = null;
    return;
  }
  if (sourceAdvances(outbound)) stream.stalledSince ??= interval.from;
  else stream.stalledSince = null;
}

/** Does the source behind the stream deliver? Unknown counts as no: nothing is raised on it. */
export function sourceAdvances({ source }: OutboundInterval): boolean {
  if (source === null) return false;
  const amount = source.now.kind === "video" ? source.frames : source.totalSamplesDuration;
  return amount !== null && amount > 0;
}

/** Fewest packets between two receiver reports that make a loss ratio (guard G12). */
const minimumPackets = 50;

/** Uses each receiver report once (guard G11) and measures loss over at least 50 sent packets and two seconds. */
function trackReports(
  connection: Connection,
  stream: OutboundStream,
  outbound: OutboundInterval,
  interval: ConnectionInterval,
): void {
  const { remote } = outbound;
  const sent = outbound.now.packetsSent;
  stream.reportIsNew = false;
  if (remote === undefined) return;
  if (stream.reportAt !== null && remote.timestamp <= stream.reportAt) return;
  trackReportDistance(stream, remote.timestamp);
  stream.reportAt = remote.timestamp;
  stream.reportIsNew = true;
  const lost = remote.packetsLost;
  if (lost === null || sent === null) return;
  stream.reportedLossRatio = lossSince(stream.lastReport, sent, lost);
  if (stream.lastReport !== null && lost < stream.lastReport.packetsLost) {
    connection.reorderedOutAt = interval.to;
  }
  trackReportedLoss(connection, stream, lost, interval);
  stream.lastReport = { packetsSent: sent, packetsLost: lost };
  const highestLost = stream.highestLost ?? lost;
  const base = stream.lossBase;
  if (base === null || sent < base.packetsSent) {
    stream.lossBase = { at: interval.to, packetsSent: sent, highestLost };
    return;
  }
  const packets = sent - base.packetsSent;
  if (packets < minimumPackets || interval.to - base.at < 1750) return;
  stream.measuredLoss = {
    from: base.at,
    to: interval.to,
    sent: packets,
    lost: Math.min(packets, highestLost - base.highestLost),
  };
  stream.lossBase = { at: interval.to, packetsSent: sent, highestLost };
}

/** Lost share of what was sent since the report before; null for the first one and when nothing was sent. */
function lossSince(before: OutboundStream["lastReport"], sent: number, lost: number): number | null {
  if (before === null || sent <= before.packetsSent) return null;
  return Math.min(1, Math.max(0, lost - before.packetsLost) / (sent - before.packetsSent));
}
