import type { ImpossibleValue } from "../model/impossible-values.ts";
import { selectedPair } from "../model/selected-pair.ts";
import type {
  InboundStats,
  OutboundStats,
  PairStats,
  PlayoutStats,
  Report,
  SourceStats,
} from "../model/report.ts";
import { difference, growth, secondsBetween, wentBackwards } from "./delta.ts";

/*
 * The difference of two reports of one connection as typed plain data. The same function serves charts and score (two
 * samples in a row) and the detectors (two samples an evaluation step apart). Counters are growth over the interval; null
 * where the browser did not report them or where a new stats id, SSRC, codec or a counter that went backwards starts a new
 * baseline. Units are those of the W3C members.
 */

/** One received stream between two reports. */
export interface InboundInterval {
  readonly id: string;
  readonly seconds: number;
  readonly now: InboundStats;
  readonly packetsReceived: number | null;
  /** May be negative: late packets are taken back. */
  readonly packetsLost: number | null;
  readonly packetsDiscarded: number | null;
  readonly bytesReceived: number | null;
  readonly retransmittedBytesReceived: number | null;
  readonly jitterBufferDelay: number | null;
  readonly jitterBufferEmittedCount: number | null;
  readonly jitterBufferTargetDelay: number | null;
  readonly jitterBufferMinimumDelay: number | null;
  readonly totalSamplesReceived: number | null;
  readonly insertedSamplesForDeceleration: number | null;
  readonly removedSamplesForAcceleration: number | null;
  readonly concealedSamples: number | null;
  readonly silentConcealedSamples: number | null;
  readonly concealmentEvents: number | null;
  readonly totalAudioEnergy: number | null;
  readonly totalSamplesDuration: number | null;
  readonly framesReceived: number | null;
  readonly framesDecoded: number | null;
  readonly framesDropped: number | null;
  readonly totalDecodeTime: number | null;
  readonly framesRendered: number | null;
  readonly totalInterFrameDelay: number | null;
  readonly totalSquaredInterFrameDelay: number | null;
  readonly freezeCount: number | null;
  readonly totalFreezesDuration: number | null;
  readonly pauseCount: number | null;
  readonly totalPausesDuration: number | null;
  readonly pliCount: number | null;
  readonly firCount: number | null;
  readonly nackCount: number | null;
}

/** A local source between two reports. */
export interface SourceInterval {
  readonly now: SourceStats;
  readonly seconds: number;
  readonly totalAudioEnergy: number | null;
  readonly totalSamplesDuration: number | null;
  readonly frames: number | null;
}

/** One sent stream between two reports. */
export interface OutboundInterval {
  readonly id: string;
  readonly seconds: number;
  readonly now: OutboundStats;
  readonly packetsSent: number | null;
  readonly bytesSent: number | null;
  readonly retransmittedBytesSent: number | null;
  readonly retransmittedPacketsSent: number | null;
  readonly totalPacketSendDelay: number | null;
  readonly nackCount: number | null;
  readonly framesEncoded: number | null;
  readonly qpSum: number | null;
  readonly hugeFramesSent: number | null;
  readonly totalEncodeTime: number | null;
  /** Seconds limited by bandwidth, and by the processor, in the interval. */
  readonly limitedByBandwidth: number | null;
  readonly limitedByCpu: number | null;
  readonly source: SourceInterval | null;
}

/** The path below, between two reports. */
export interface PathInterval {
  readonly pair: PairStats;
  readonly seconds: number;
  /** False over a change of the pair: no deltas. */
  readonly samePair: boolean;
  readonly bytesReceived: number | null;
  readonly bytesSent: number | null;
  readonly requestsSent: number | null;
  readonly responsesReceived: number | null;
  readonly totalRoundTripTime: number | null;
}

/** Everything of one connection between two reports. */
export interface ConnectionInterval {
  readonly from: number;
  readonly to: number;
  readonly inbound: readonly InboundInterval[];
  readonly outbound: readonly OutboundInterval[];
  readonly path: PathInterval | null;
  /** Milliseconds, average of media-playout over the interval. */
  readonly playoutDelayMs: number | null;
  readonly report: Report;
  /** Counters that went backwards while id and SSRC stayed: that cannot be. Mostly none. */
  readonly backwards: readonly ImpossibleValue[];
}

const nothingBackwards: readonly ImpossibleValue[] = [];

export function deriveInterval(before: Report, now: Report): ConnectionInterval {
  let backwards = nothingBackwards;
  const inbound: InboundInterval[] = [];
  for (const stats of now.inbound.values()) {
    const old = before.inbound.get(stats.id);
    const interval = inboundInterval(old, stats);
    if (interval !== null) inbound.push(interval);
    else if (old !== undefined && old.ssrc === stats.ssrc) {
      backwards = [...backwards, ...shrunk("inbound-rtp", inboundCounters, old, stats)];
    }
  }
  const outbound: OutboundInterval[] = [];
  for (const stats of now.outbound.values()) {
    const interval = outboundInterval(before, now, stats);
    const old = before.outbound.get(stats.id);
    if (interval !== null) outbound.push(interval);
    else if (old !== undefined && old.ssrc === stats.ssrc) {
      backwards = [...backwards, ...shrunk("outbound-rtp", outboundCounters, old, stats)];
    }
  }
  return {
    from: before.at,
    to: now.at,
    inbound,
    outbound,
    path: pathInterval(before, now),
    playoutDelayMs: playoutDelay(before.playout, now.playout),
    report: now,
    backwards,
  };
}

const inboundCounters = [
  "packetsReceived",
  "bytesReceived",
  "framesDecoded",
  "totalSamplesReceived",
] as const;
const outboundCounters = ["packetsSent", "bytesSent"] as const;

function shrunk<Name extends string>(
  stat: string,
  names: readonly Name[],
  before: { readonly [name in Name]: number | null },
  now: { readonly [name in Name]: number | null },
): ImpossibleValue[] {
  return names.flatMap((field) => {
    const value = now[field];
    return value !== null && wentBackwards(before[field], value) ? [{ stat, field, value }] : [];
  });
}

function inboundInterval(before: InboundStats | undefined, now: InboundStats): InboundInterval | null {
  if (before === undefined || before.ssrc !== now.ssrc || codecChanged(before, now)) return null;
  const seconds = secondsBetween(before.timestamp, now.timestamp);
  if (seconds === null) return null;
  if (
    wentBackwards(before.packetsReceived, now.packetsReceived) ||
    wentBackwards(before.bytesReceived, now.bytesReceived) ||
    wentBackwards(before.framesDecoded, now.framesDecoded) ||
    wentBackwards(before.totalSamplesReceived, now.totalSamplesReceived)
  ) {
    return null;
  }
  return {
    id: now.id,
    seconds,
    now,
    packetsReceived: growth(before.packetsReceived, now.packetsReceived),
    packetsLost: difference(before.packetsLost, now.packetsLost),
    packetsDiscarded: growth(before.packetsDiscarded, now.packetsDiscarded),
    bytesReceived: growth(before.bytesReceived, now.bytesReceived),
    retransmittedBytesReceived: growth(before.retransmittedBytesReceived, now.retransmittedBytesReceived),
    jitterBufferDelay: growth(before.jitterBufferDelay, now.jitterBufferDelay),
    jitterBufferEmittedCount: growth(before.jitterBufferEmittedCount, now.jitterBufferEmittedCount),
    jitterBufferTargetDelay: growth(before.jitterBufferTargetDelay, now.jitterBufferTargetDelay),
    jitterBufferMinimumDelay: growth(before.jitterBufferMinimumDelay, now.jitterBufferMinimumDelay),
    totalSamplesReceived: growth(before.totalSamplesReceived, now.totalSamplesReceived),
    insertedSamplesForDeceleration: growth(
      before.insertedSamplesForDeceleration,
      now.insertedSamplesForDeceleration,
    ),
    removedSamplesForAcceleration: growth(
      before.removedSamplesForAcceleration,
      now.removedSamplesForAcceleration,
    ),
    concealedSamples: growth(before.concealedSamples, now.concealedSamples),
    silentConcealedSamples: growth(before.silentConcealedSamples, now.silentConcealedSamples),
    concealmentEvents: growth(before.concealmentEvents, now.concealmentEvents),
    totalAudioEnergy: growth(before.totalAudioEnergy, now.totalAudioEnergy),
    totalSamplesDuration: growth(before.totalSamplesDuration, now.totalSamplesDuration),
    framesReceived: growth(before.framesReceived, now.framesReceived),
    framesDecoded: growth(before.framesDecoded, now.framesDecoded),
    framesDropped: growth(before.framesDropped, now.framesDropped),
    totalDecodeTime: growth(before.totalDecodeTime, now.totalDecodeTime),
    framesRendered: growth(before.framesRendered, now.framesRendered),
    totalInterFrameDelay: growth(before.totalInterFrameDelay, now.totalInterFrameDelay),
    totalSquaredInterFrameDelay: growth(before.totalSquaredInterFrameDelay, now.totalSquaredInterFrameDelay),
    freezeCount: growth(before.freezeCount, now.freezeCount),
    totalFreezesDuration: growth(before.totalFreezesDuration, now.totalFreezesDuration),
    pauseCount: growth(before.pauseCount, now.pauseCount),
    totalPausesDuration: growth(before.totalPausesDuration, now.totalPausesDuration),
    pliCount: growth(before.pliCount, now.pliCount),
    firCount: growth(before.firCount, now.firCount),
    nackCount: growth(before.nackCount, now.nackCount),
  };
}

function outboundInterval(before: Report, now: Report, stats: OutboundStats): OutboundInterval | null {
  const old = before.outbound.get(stats.id);
  if (old === undefined || old.ssrc !== stats.ssrc || codecChanged(old, stats)) return null;
  const seconds = secondsBetween(old.timestamp, stats.timestamp);
  if (seconds === null) return null;
  if (wentBackwards(old.packetsSent, stats.packetsSent) || wentBackwards(old.bytesSent, stats.bytesSent)) {
    return null;
  }
  const source = sourceOf(now, stats);
  return {
    id: stats.id,
    seconds,
    now: stats,
    packetsSent: growth(old.packetsSent, stats.packetsSent),
    bytesSent: growth(old.bytesSent, stats.bytesSent),
    retransmittedBytesSent: growth(old.retransmittedBytesSent, stats.retransmittedBytesSent),
    retransmittedPacketsSent: growth(old.retransmittedPacketsSent, stats.retransmittedPacketsSent),
    totalPacketSendDelay: growth(old.totalPacketSendDelay, stats.totalPacketSendDelay),
    nackCount: growth(old.nackCount, stats.nackCount),
    framesEncoded: growth(old.framesEncoded, stats.framesEncoded),
    qpSum: growth(old.qpSum, stats.qpSum),
    hugeFramesSent: growth(old.hugeFramesSent, stats.hugeFramesSent),
    totalEncodeTime: growth(old.totalEncodeTime, stats.totalEncodeTime),
    limitedByBandwidth: growth(old.limitedByBandwidth, stats.limitedByBandwidth),
    limitedByCpu: growth(old.limitedByCpu, stats.limitedByCpu),
    source: source === null ? null : sourceInterval(before.sources.get(source.id), source),
  };
}

/** The codec counts as changed only when both sides name one. */
function codecChanged(
  before: { readonly codecId: string | null },
  now: { readonly codecId: string | null },
): boolean {
  return before.codecId !== null && now.codecId !== null && before.codecId !== now.codecId;
}

/**
 * The media source behind a sent stream: by mediaSourceId; Firefox 153 has none on outbound-rtp, there the only source of that
 * kind is taken.
 */
export function sourceOf(report: Report, stats: OutboundStats): SourceStats | null {
  if (stats.mediaSourceId !== null) return report.sources.get(stats.mediaSourceId) ?? null;
  let only: SourceStats | null = null;
  for (const source of report.sources.values()) {
    if (source.kind !== stats.kind) continue;
    if (only !== null) return null;
    only = source;
  }
  return only;
}

function sourceInterval(before: SourceStats | undefined, now: SourceStats): SourceInterval | null {
  if (before === undefined || before.trackId !== now.trackId) return null;
  const seconds = secondsBetween(before.timestamp, now.timestamp);
  if (seconds === null) return null;
  return {
    now,
    seconds,
    totalAudioEnergy: growth(before.totalAudioEnergy, now.totalAudioEnergy),
    totalSamplesDuration: growth(before.totalSamplesDuration, now.totalSamplesDuration),
    frames: growth(before.frames, now.frames),
  };
}

function pathInterval(before: Report, now: Report): PathInterval | null {
  const pair = selectedPair(now);
  if (pair === null) return null;
  const old = before.pairs.get(pair.id);
  const seconds = old === undefined ? null : secondsBetween(old.timestamp, pair.timestamp);
  if (old === undefined || seconds === null || selectedPair(before)?.id !== pair.id) {
    return {
      pair,
      seconds: 0,
      samePair: false,
      bytesReceived: null,
      bytesSent: null,
      requestsSent: null,
      responsesReceived: null,
      totalRoundTripTime: null,
    };
  }
  return {
    pair,
    seconds,
    samePair: true,
    bytesReceived: growth(old.bytesReceived, pair.bytesReceived),
    bytesSent: growth(old.bytesSent, pair.bytesSent),
    requestsSent: growth(old.requestsSent, pair.requestsSent),
    responsesReceived: growth(old.responsesReceived, pair.responsesReceived),
    totalRoundTripTime: growth(old.totalRoundTripTime, pair.totalRoundTripTime),
  };
}

function playoutDelay(before: PlayoutStats | null, now: PlayoutStats | null): number | null {
  if (before === null || now === null || before.id !== now.id) return null;
  const delay = growth(before.totalPlayoutDelay, now.totalPlayoutDelay);
  const samples = growth(before.totalSamplesCount, now.totalSamplesCount);
  if (delay === null || samples === null || samples <= 0) return null;
  return (1000 * delay) / samples;
}
