import { type CountedAt, markColumn, type ReceivedMedia } from "../model/received-media.ts";
import type { InboundStream } from "../model/streams.ts";
import type { RowQueue } from "../pack/row-queue.ts";
import type { InboundInterval } from "./inbound-interval.ts";
import type { ConnectionInterval } from "./interval.ts";
import type { StayingLoss } from "./track-loss.ts";

/** How long requests for a whole picture are remembered. Catalogue, keyframe-storm. */
export const keyFrameWindowMs = 30_000;

/** How long bursts are remembered, and the window of the average beside them. Catalogue, downlink-loss-burst. */
export const burstWindowMs = 60_000;

/** A burst is this share of one second. Catalogue, downlink-loss-burst. */
const burstShare = 0.3;

/** Samples further apart do not show what happened within a second: one second, and the jitter of sampling timers (ours). */
export const burstIntervalMs = 1500;

/** Fewest packets of an interval in which a share of them means something. Ours: 200 ms of sound. */
const burstPackets = 10;

/** How often totals are noted. Ours. */
const markEveryMs = 5000;

/** Bursts and requests that are kept at once; more is a broken counter. Ours. */
const maximumKept = 200;

/** Brings the recent past of a stream up to the end of the interval. `loss`: what came to stay in it, late packets left out. */
export function trackReceivedMedia(
  stream: InboundStream,
  inbound: InboundInterval,
  interval: ConnectionInterval,
  loss: StayingLoss,
): void {
  const { media } = stream;
  if (stream.kind === "video") {
    trackUndecoded(media, inbound, interval.from, loss.packets);
    const requests = (inbound.pliCount ?? 0) + (inbound.firCount ?? 0);
    if (requests > 0 && media.keyFrameRequests.length < maximumKept) {
      media.keyFrameRequests = media.keyFrameRequests.concat([{ at: interval.to, count: requests }]);
    }
    media.keyFrameRequests = since(media.keyFrameRequests, interval.to - keyFrameWindowMs);
  }
  trackBursts(stream, inbound, interval, loss);
}

function trackUndecoded(media: ReceivedMedia, inbound: InboundInterval, from: number, lost: number): void {
  const { framesDecoded, bytesReceived } = inbound;
  if (framesDecoded === null || bytesReceived === null) return;
  // Nothing arrives: that is a pause of the sender or an outage, not a stall.
  if (framesDecoded > 0 || bytesReceived === 0) {
    media.undecoded = null;
    return;
  }
  media.undecoded ??= {
    since: from,
    bytes: 0,
    framesReceived: 0,
    keyFrameRequests: 0,
    retransmissionRequests: 0,
    packetsLost: 0,
  };
  const { undecoded } = media;
  undecoded.bytes += bytesReceived;
  undecoded.framesReceived =
    inbound.framesReceived === null || undecoded.framesReceived === null
      ? null
      : undecoded.framesReceived + inbound.framesReceived;
  undecoded.keyFrameRequests += (inbound.pliCount ?? 0) + (inbound.firCount ?? 0);
  undecoded.retransmissionRequests += inbound.nackCount ?? 0;
  undecoded.packetsLost += lost;
}

function trackBursts(
  stream: InboundStream,
  inbound: InboundInterval,
  { from, to }: ConnectionInterval,
  { packets: lost, from: lostFrom }: StayingLoss,
): void {
  const { media } = stream;
  const { bursts, marks } = media;
  const total = inbound.now.packetsReceived;
  const { highestLost } = stream;
  if (total === null || highestLost === null) return;
  const isDue = marks.length === 0 || to - marks.get(marks.length - 1, markColumn.at) >= markEveryMs;
  if (isDue) note(marks, to, total, highestLost);
  const first = bursts[0];
  if (first !== undefined && first.to <= to - burstWindowMs) media.bursts = bursts.slice(1);
  if (lost === 0 || to - from > burstIntervalMs || media.bursts.length >= maximumKept) return;
  const expected = lost + (inbound.packetsReceived ?? 0);
  if (expected < burstPackets || lost < burstShare * expected) return;
  // What a gap swallowed is counted as lost when packets come back: that is an outage.
  if (stream.gapEndedAt !== null && stream.gapEndedAt >= (lostFrom ?? from)) return;
  media.bursts = media.bursts.concat([{ from, to, lost, expected }]);
}

function note(marks: RowQueue, now: number, total: number, totalLost: number): void {
  const row = marks.add();
  const { numbers } = marks;
  numbers[row + markColumn.at] = now;
  numbers[row + markColumn.received] = total;
  numbers[row + markColumn.lost] = totalLost;
  // The oldest one is kept until a younger one is a minute old too.
  let over = 0;
  while (over + 1 < marks.length && marks.get(over + 1, markColumn.at) <= now - burstWindowMs) over += 1;
  marks.drop(over);
}

/** Lost share (%) since the oldest mark, a minute at most; null without packets. */
export function recentLossPercent({ latest, highestLost, media }: InboundStream): number | null {
  const { marks } = media;
  if (marks.length === 0) return null;
  const received = marks.get(0, markColumn.received);
  const lost = marks.get(0, markColumn.lost);
  if (latest.packetsReceived === null || highestLost === null) return null;
  const newlyLost = Math.max(0, highestLost - lost);
  const expected = latest.packetsReceived - received + newlyLost;
  return expected > 0 ? (100 * newlyLost) / expected : null;
}

function since(list: readonly CountedAt[], start: number): readonly CountedAt[] {
  let over = 0;
  while (over < list.length && (list[over]?.at ?? start) <= start) over += 1;
  return over === 0 ? list : list.slice(over);
}
