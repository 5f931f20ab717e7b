import type { OutboundInterval } from "../../derive/outbound-interval.ts";
import { sourceAdvances } from "../../derive/track-streams.ts";
import type { Connection } from "../../model/connection.ts";
import { baselineMs, latestMs } from "../../model/round-trips.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { isChangingPath, isReordering, isReplacingTrack } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

const thresholds = {
  /** Share of what is wanted that the estimate must cover. Catalogue. */
  estimateCoversShare: 0.8,
  /** Share of what is wanted below which the estimate is so small that a step counts twice. Ours: half of what it must cover. */
  farTooSmallShare: 0.4,
  /** Sent height below which it is major. Catalogue. */
  smallHeight: 360,
  rampUpSeconds: 15,
  /** Steps in a row with a sufficient estimate that end the ramp-up early. Ours. */
  coveredSteps: 2,
  /** Share of its highest target below which audio is affected. Ours: Opus is heard to change at half its rate. */
  affectedAudioShare: 0.5,
  /** Where the browser names neither: share of what was sent before below which it collapsed. Ours. */
  collapsedShare: 0.5,
  /** Longer round trip, ms, and loss on the way out, %, that show a full queue. Ours: the clear value of bufferbloat, and loss. */
  queueMs: 75,
  queueLossPercent: 1,
  /** Growth of the estimate since the way was too narrow from which the browser only works its way up again. Ours. */
  widenedFactor: 1.5,
  /** Of the estimate before, below which it fell: the way is as narrow as that. Ours; libwebrtc falls to 85 %. */
  fellShare: 0.95,
  /** An estimate this many times above what is sent and aimed at limits nothing. Ours. */
  amplyAboveUse: 1.5,
};

/** Steps whose sent rate tells what the application wants to send: half a minute. Ours. */
const wantedSteps = 15;

export const definition: ObservationDefinition = {
  id: "uplink-bandwidth-limited",
  category: "network-uplink",
  tier: "A",
  title: "Path too narrow for what is sent",
  meaning:
    "The way out has less capacity than the application wants to use. Between two browsers this is the whole path, not one end of it.",
  domainHint: "publisher-uplink",
  effect: false,
  severities: ["minor", "major"],
  unit: "%",
  levels: [{ severity: "minor", on: 50, clear: 20 }],
  on: { rule: "share", need: 3, of: 5 },
  clearSeconds: 8,
  onText:
    "limited by bandwidth more than 50 % of the step, or the estimate below 80 % of what was sent before (below 40 % it counts twice), in 3 of 5 steps after the ramp-up; major when the sent height is below 360, or audio has less than half of its highest target. A browser that names neither: less than half of what was sent before goes out, with a longer round trip and loss",
  clearText:
    "limited less than 20 % of the time, with a sufficient estimate, for 8 s; or the estimate is one and a half times all that it was forced down to, for as long: the browser only works its way up again",
  evidence: [
    "outbound-rtp.qualityLimitationDurations.bandwidth",
    "candidate-pair.availableOutgoingBitrate",
    "outbound-rtp.targetBitrate",
    "outbound-rtp.bytesSent",
    "outbound-rtp.frameHeight",
    "derived.wantedBitrate",
    "derived.roundTripTime",
    "derived.baselineRoundTripTime",
    "remote-inbound-rtp.packetsLost",
  ],
  exceptions: [
    { guard: "G9", when: "the estimate is still ramping up" },
    { when: "the browser calls it bandwidth while it raises the resolution step by step" },
    { when: "a cap of the app is reached: the estimate is ample" },
    { guard: "G6", when: "the track is being replaced" },
    { guard: "G7", when: "the path changed a moment ago" },
  ],
  blindIn:
    "Firefox reports neither an estimate nor a reason: only a line so narrow that packets queue and get lost is seen there.",
  thresholds,
};

/** Way out too small for what the application wants to send. */
export const uplinkBandwidthLimited: Detector = {
  definition,
  onStep({ connection, interval, board }: View): void {
    const { from, to } = interval;
    if (interval.outbound.length === 0) return;
    const videos = interval.outbound.filter(({ now }) => now.kind === "video" && now.active !== false);
    const limitedShare = worstLimited(videos);
    const estimate = interval.path?.pair.availableOutgoingBitrate ?? null;
    const { thresholds: limits, levels } = board.inForce(definition);
    const sent = sentRate(interval.outbound);
    if (limitedShare === null && (estimate === null || estimate === 0)) {
      board.absent(definition, "outbound-rtp.qualityLimitationDurations");
      board.absent(definition, "candidate-pair.availableOutgoingBitrate");
      judgeByQueue({ connection, interval, board }, videos, sent, limits);
      return;
    }
    if (connection.state !== "connected" || videos.length === 0) return;
    const coversShare = limits["estimateCoversShare"] ?? 0;
    const raisedShare = (levels[0]?.on ?? 0) / 100;
    const wanted = median(connection.wantedRates);
    const target = targetRate(videos);
    const short =
      estimate !== null &&
      estimate > 0 &&
      wanted !== null &&
      estimate < coversShare * wanted &&
      // The encoder was told to stay below it: an estimate that nobody uses limits nothing.
      (target === null || target < coversShare * wanted);
    // Chromium 156 says "bandwidth" while it raises the resolution step by step with an estimate far above the target, and when
    // a cap of the application is reached (cpu-throttle capture): the path covers what is wanted then.
    const used = Math.max(sent ?? 0, target ?? 0);
    const ample = isAmple(estimate, wanted, used, limits["amplyAboveUse"] ?? 1);
    const limited = limitedShare !== null && limitedShare > raisedShare && !ample;
    rememberWanted(connection, sent, !short && !limited, estimate);
    const since = connection.lastConnectedAt ?? connection.firstSeenAt;
    const rampingUp =
      connection.coveredSteps < (limits["coveredSteps"] ?? 0) &&
      to - since < 1000 * (limits["rampUpSeconds"] ?? 0);
    const silent = connection.transportSilentSince !== null;
    const excluded =
      rampingUp || silent || isChangingPath(connection, to) || isReplacingTrack(connection, "video", to);
    const share = Math.max(limitedShare === null || ample ? 0 : 100 * limitedShare, short ? 100 : 0);
    const isOpen = board.open(definition, connection.outboundSubject) !== null;
    const widened = hasWidened(connection, estimate, { isOpen, isLimited: short || limited }, limits);
    const value = excluded ? null : widened ? 0 : Math.min(100, share);
    const isStrong =
      short && estimate < (limits["farTooSmallShare"] ?? 0) * wanted && !isNew(connection, to, limits);
    const change = board.vote(definition, connection.outboundSubject, from, to, value, { isStrong });
    const record = board.open(definition, connection.outboundSubject);
    const height = tallest(videos);
    const audioTarget = affectedAudio(interval.outbound, limits["affectedAudioShare"] ?? 0);
    if (record !== null && record.severity === "minor" && share > 100 * raisedShare) {
      const smallHeight = limits["smallHeight"] ?? 0;
      if (height !== null && height < smallHeight) {
        record.severity = "major";
        record.peakEvidence = [evidence("outbound-rtp", "frameHeight", height, "px", from, to, smallHeight)];
      } else if (audioTarget !== null) {
        record.severity = "major";
        record.peakEvidence = [
          evidence("outbound-rtp", "targetBitrate", audioTarget.now, "bit/s", from, to, audioTarget.limit),
        ];
      }
    }
    if (change === null || (change.kind === "peak" && change.record.peakEvidence.length > 0)) return;
    attach(change, [
      ...known(
        "outbound-rtp",
        "qualityLimitationDurations.bandwidth",
        limitedShare === null ? null : 100 * limitedShare,
        "%",
        from,
        to,
      ),
      ...known("candidate-pair", "availableOutgoingBitrate", estimate, "bit/s", from, to),
      ...known("outbound-rtp", "targetBitrate", target, "bit/s", from, to),
      ...known("outbound-rtp", "bytesSent", sent, "bit/s", from, to),
      ...known("outbound-rtp", "frameHeight", height, "px", from, to),
      ...known("derived", "wantedBitrate", wanted, "bit/s", from, to),
    ]);
  },
};

/**
 * Is the way wide again while the browser still works its way up? Chromium 156 takes half a minute and more to believe in a line again: then
 * its estimate has grown far beyond all that it was forced down to.
 */
function hasWidened(
  connection: Connection,
  estimate: number | null,
  { isOpen, isLimited }: { readonly isOpen: boolean; readonly isLimited: boolean },
  limits: { readonly [name: string]: number },
): boolean {
  const before = connection.estimateBps;
  connection.estimateBps = estimate;
  if (estimate === null || !isLimited) {
    connection.narrowBps = null;
    return false;
  }
  const fell = before !== null && estimate < (limits["fellShare"] ?? 1) * before;
  if (connection.narrowBps === null) connection.narrowBps = isOpen ? estimate : null;
  else if (fell) connection.narrowBps = Math.max(connection.narrowBps, estimate);
  return connection.narrowBps !== null && estimate >= (limits["widenedFactor"] ?? 1) * connection.narrowBps;
}

/** After a new path or another track the estimate grows from below: nothing is believed sooner then. */
function isNew(
  { pathChangedAt, replacedAt }: Connection,
  at: number,
  limits: { readonly [name: string]: number },
): boolean {
  const changedAt = Math.max(pathChangedAt ?? 0, replacedAt.video ?? 0);
  return at - changedAt < 1000 * (limits["rampUpSeconds"] ?? 0);
}

/** Without estimate and reason: what is sent collapses while packets wait in a queue, and some find no room in it. */
function judgeByQueue(
  { connection, interval, board }: Pick<View, "connection" | "interval" | "board">,
  videos: readonly OutboundInterval[],
  sent: number | null,
  limits: { readonly [name: string]: number },
): void {
  const { from, to } = interval;
  const { roundTrips, outboundSubject } = connection;
  const latest = latestMs(roundTrips);
  if (sent === null || latest === null || videos.length === 0) {
    board.unknown(definition, outboundSubject, from, to);
    return;
  }
  const wanted = median(connection.wantedRates);
  const baseline = baselineMs(roundTrips);
  let lossPercent = 0;
  for (const { reportedLossRatio } of connection.outbound.values())
    lossPercent = Math.max(lossPercent, 100 * (reportedLossRatio ?? 0));
  const isQueued = latest - baseline > (limits["queueMs"] ?? 0);
  const isCollapsed = wanted !== null && sent < (limits["collapsedShare"] ?? 0) * wanted;
  const isShort = isQueued && isCollapsed && lossPercent > (limits["queueLossPercent"] ?? 0);
  // What is sent in the queue, and right after it, is not what is wanted.
  rememberWanted(connection, sent, !isQueued && !isCollapsed, null);
  const excluded =
    isReordering(connection, to) ||
    isChangingPath(connection, to) ||
    isReplacingTrack(connection, "video", to) ||
    // Without frames of the source nobody knows whether there is anything to send.
    !videos.some(sourceAdvances);
  // Without an estimate no step is known to be well; once short, one that is not ends it.
  const good = board.open(definition, outboundSubject) === null ? null : 0;
  const value = excluded ? null : isShort ? 100 : good;
  const change = board.vote(definition, outboundSubject, from, to, value);
  if (change === null) return;
  attach(change, [
    evidence("outbound-rtp", "bytesSent", sent, "bit/s", from, to),
    ...known("derived", "wantedBitrate", wanted, "bit/s", from, to),
    evidence("derived", "roundTripTime", latest, "ms", from, to),
    evidence("derived", "baselineRoundTripTime", baseline, "ms", from, to),
    evidence("remote-inbound-rtp", "packetsLost", lossPercent, "%", from, to),
  ]);
}

/** Does the estimate cover what is wanted? While nobody knows what is wanted it must exceed by far what is used. */
function isAmple(estimate: number | null, wanted: number | null, used: number, factor: number): boolean {
  if (estimate === null) return false;
  return wanted === null ? estimate > 0 && estimate >= factor * used : estimate >= wanted;
}

/** Audio that has to do with much less than it had: its target, and what it should be above, bit/s. */
function affectedAudio(
  outbound: readonly OutboundInterval[],
  share: number,
): { now: number; limit: number } | null {
  for (const { now, stream } of outbound) {
    const { targetBitrate } = now;
    if (now.kind !== "audio" || targetBitrate === null) continue;
    stream.highestTargetBps = Math.max(stream.highestTargetBps ?? 0, targetBitrate);
    const limit = share * stream.highestTargetBps;
    if (now.active !== false && targetBitrate < limit) return { now: targetBitrate, limit };
  }
  return null;
}

/** Largest share of the step that a video spent limited by bandwidth; null when no browser counter says so. */
function worstLimited(videos: readonly OutboundInterval[]): number | null {
  let worst: number | null = null;
  for (const { limitedByBandwidth, seconds } of videos) {
    if (limitedByBandwidth === null) continue;
    worst = Math.max(worst ?? 0, Math.min(1, limitedByBandwidth / seconds));
  }
  return worst;
}

/** Media sent, bit/s, without retransmissions (guard G18). */
function sentRate(outbound: readonly OutboundInterval[]): number | null {
  let rate: number | null = null;
  for (const { bytesSent, retransmittedBytesSent, seconds } of outbound) {
    if (bytesSent === null) continue;
    rate = (rate ?? 0) + (8 * Math.max(0, bytesSent - (retransmittedBytesSent ?? 0))) / seconds;
  }
  return rate;
}

function targetRate(videos: readonly OutboundInterval[]): number | null {
  let rate: number | null = null;
  for (const { now } of videos) if (now.targetBitrate !== null) rate = (rate ?? 0) + now.targetBitrate;
  return rate;
}

function tallest(videos: readonly OutboundInterval[]): number | null {
  let height: number | null = null;
  for (const { now } of videos) {
    if (now.frameHeight !== null) height = Math.max(height ?? 0, now.frameHeight);
  }
  return height;
}

/** Unlimited steps teach what the application wants to send, and whether the estimate has caught up with it. */
function rememberWanted(
  connection: Connection,
  sent: number | null,
  unlimited: boolean,
  estimate: number | null,
): void {
  if (!unlimited) return;
  if (sent !== null && sent > 0) {
    // Not pushed: that would keep room for sixteen more.
    connection.wantedRates = connection.wantedRates.slice(1 - wantedSteps).concat([sent]);
  }
  const covered = estimate === null || sent === null || estimate >= sent;
  connection.coveredSteps = covered ? connection.coveredSteps + 1 : 0;
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  // By insertion: of a few dozen values, and without a call for each comparison.
  const sorted: number[] = [];
  for (const value of values) {
    let place = sorted.length;
    sorted.push(value);
    for (let below = sorted[place - 1]; below !== undefined && below > value; below = sorted[place - 1]) {
      sorted[place] = below;
      place -= 1;
    }
    sorted[place] = value;
  }
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
