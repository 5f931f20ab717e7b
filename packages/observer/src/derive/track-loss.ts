import type { Connection } from "../model/connection.ts";
import type { InboundStream, OutboundStream, RecentLoss } from "../model/streams.ts";
import type { InboundInterval } from "./inbound-interval.ts";
import type { ConnectionInterval } from "./interval.ts";

/** How long late packets are waited for while packets overtake one another. Ours: in the lab's calls they came within 3 s. */
const lateMs = 4000;

/** How long after packets overtook one another, or were lost, that is still taken to happen. Ours, as for jitter. */
const reorderingMs = 10_000;

/** Jitter from which packets may overtake one another, s: the distance of two packets of sound; pictures come in bursts. Ours. */
const overtakingJitterS = { audio: 0.02, video: 0.04 };

/** Samples whose loss is waited for at once; more is a hostile log. Ours. */
const maximumWaiting = 100;

const nothingWaits: RecentLoss["waiting"] = [];

/** Loss that came to stay in one interval. */
export interface StayingLoss {
  readonly packets: number;
  /** Start of the first interval in which it was seen, Unix ms; null without loss. */
  readonly from: number | null;
}

/**
 * Loss that stays: packetsLost above its highest value so far. Packets that overtake one another move the counter up and down;
 * while they do, only what is still lost four seconds later counts.
 */
export function trackLoss(
  connection: Connection,
  stream: InboundStream,
  inbound: InboundInterval,
  { from, to }: ConnectionInterval,
): StayingLoss {
  const lost = inbound.now.packetsLost;
  if (lost === null) return { packets: 0, from: null };
  // Audio is not retransmitted: a falling counter means that packets overtook one another.
  if (stream.kind === "audio" && (inbound.packetsLost ?? 0) < 0) connection.reorderedAt = to;
  noteGrowth(stream.recentLoss, inbound.packetsLost ?? 0, to);
  if (stream.highestLost === null) {
    stream.highestLost = lost;
    return { packets: 0, from: null };
  }
  const loss = settle(stream, { from, to, lost }, mayOvertake(connection, to) ? lateMs : 0);
  if (loss.packets > 0) {
    stream.sinceStep.newlyLost += loss.packets;
    stream.sinceStep.lostFrom ??= loss.from;
  }
  return loss;
}

/** The same for the loss that the far end reports of what is sent. */
export function trackReportedLoss(
  connection: Connection,
  stream: OutboundStream,
  lost: number,
  { from, to, report }: ConnectionInterval,
): void {
  noteGrowth(stream.recentLoss, lost - (stream.lastReport?.packetsLost ?? lost), to);
  if (stream.highestLost === null) {
    stream.highestLost = lost;
    return;
  }
  let isUneven = false;
  for (const { kind, latest } of connection.outbound.values())
    isUneven ||= (report.remoteInbound.get(latest.id)?.jitter ?? 0) >= overtakingJitterS[kind];
  const waits =
    isRecent(connection.reorderedOutAt, to) ||
    (isUneven && !hasLossThatStays(connection.outbound.values(), to));
  settle(stream, { from, to, lost }, waits ? lateMs : 0);
}

/** Raises the highest loss of a stream by what is still lost after the wait. */
function settle(
  stream: Pick<InboundStream, "highestLost" | "recentLoss">,
  now: RecentLoss["waiting"][number],
  waitMs: number,
): StayingLoss {
  const { waiting } = stream.recentLoss;
  if (waiting.length === 0 && waitMs === 0) {
    // Nothing is waited for, as on most ways: no list is made.
    const more = now.lost - (stream.highestLost ?? now.lost);
    if (more <= 0) return { packets: 0, from: null };
    stream.highestLost = now.lost;
    return { packets: more, from: now.from };
  }
  let packets = 0;
  let from: number | null = null;
  let rest: RecentLoss["waiting"] = [...waiting, now];
  for (
    let oldest = rest[0];
    oldest !== undefined && (now.to - oldest.to >= waitMs || rest.length > maximumWaiting);
    oldest = rest[0]
  ) {
    const stays = rest.reduce((least, { lost }) => Math.min(least, lost), oldest.lost);
    const more = stays - (stream.highestLost ?? stays);
    if (more > 0) {
      packets += more;
      from ??= oldest.from;
      stream.highestLost = stays;
    }
    rest = rest.slice(1);
  }
  stream.recentLoss.waiting = rest.length === 0 ? nothingWaits : rest;
  return { packets, from };
}

/** Do packets overtake one another, or arrive so unevenly that they may? Sound tells it better than the bursts of pictures. */
function mayOvertake({ reorderedAt, inbound }: Connection, at: number): boolean {
  if (isRecent(reorderedAt, at)) return true;
  let isUneven = false;
  for (const { kind, latest } of inbound.values())
    isUneven ||= kind === "audio" && (latest.jitter ?? 0) >= overtakingJitterS.audio;
  return isUneven && !hasLossThatStays(inbound.values(), at);
}

function noteGrowth(recent: RecentLoss, growth: number, at: number): void {
  if (growth < 0 || !isRecent(recent.grewAt, at)) recent.growsSince = null;
  if (growth <= 0) return;
  recent.growsSince ??= at;
  recent.grewAt = at;
}

/** Packets went missing for longer than late ones take, and none of them came: on this way they are lost. */
function hasLossThatStays(streams: Iterable<Pick<InboundStream, "recentLoss">>, at: number): boolean {
  for (const { recentLoss } of streams)
    if (recentLoss.growsSince !== null && at - recentLoss.growsSince >= lateMs) return true;
  return false;
}

function isRecent(since: number | null, at: number): boolean {
  return since !== null && at - since <= reorderingMs;
}
