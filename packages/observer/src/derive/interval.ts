import type { ImpossibleValue } from "../model/impossible-values.ts";
import {
  inboundColumn,
  type KeptObjects,
  type KeptReport,
  outboundColumn,
  pairColumn,
  pictureColumn,
  soundColumn,
  sourceColumn,
} from "../model/kept-report.ts";
import { noNumbers } from "../pack/numbers.ts";
import { selectedPair } from "../model/selected-pair.ts";
import type {
  InboundStats,
  OutboundStats,
  PairStats,
  PlayoutStats,
  RemoteInboundStats,
  RemoteOutboundStats,
  Report,
  SourceStats,
} from "../model/report.ts";
import type { Connection } from "../model/connection.ts";
import type { InboundStream, OutboundStream } from "../model/streams.ts";
import { change, grown, growth, isBelow, secondsBetween } from "./delta.ts";

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
  readonly stream: InboundStream;
  /** What the far end last told of it; undefined when it told nothing. */
  readonly remote: RemoteOutboundStats | undefined;
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
  readonly stream: OutboundStream;
  /** What the far end last told of it; undefined when it told nothing. */
  readonly remote: RemoteInboundStats | undefined;
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

/** `connection`: whose streams were brought up to the report before. */
export function deriveInterval(before: KeptReport, now: Report, connection: Connection): ConnectionInterval {
  let backwards = nothingBackwards;
  const inbound: InboundInterval[] = [];
  let place = 0;
  for (const stats of now.inbound.values()) {
    const near = place;
    const old = before.inbound.rowOf(stats.id, near);
    place += 1;
    if (old < 0 || !isSameSsrc(before.inbound.numbers[old + inboundColumn.ssrc], stats.ssrc)) continue;
    const stream = connection.inbound.getNear(stats.id, near);
    // More streams than are followed.
    if (stream === undefined) continue;
    const remote = now.remoteOutbound.get(stats.id);
    const interval = inboundInterval(before, old, { now: stats, stream, remote });
    if (interval !== null) inbound.push(interval);
    else {
      const kept = before.inbound.numbers;
      const isSound = kept[old + inboundColumn.isSound] === 1;
      const found = [
        ...shrunk(
          "inbound-rtp",
          "packetsReceived",
          kept[old + inboundColumn.packetsReceived],
          stats.packetsReceived,
        ),
        ...shrunk(
          "inbound-rtp",
          "bytesReceived",
          kept[old + inboundColumn.bytesReceived],
          stats.bytesReceived,
        ),
        ...shrunk(
          "inbound-rtp",
          "framesDecoded",
          isSound ? undefined : kept[old + pictureColumn.framesDecoded],
          stats.framesDecoded,
        ),
        ...shrunk(
          "inbound-rtp",
          "totalSamplesReceived",
          isSound ? kept[old + soundColumn.totalSamplesReceived] : undefined,
          stats.totalSamplesReceived,
        ),
      ];
      backwards = [...backwards, ...found];
    }
  }
  const outbound: OutboundInterval[] = [];
  place = 0;
  for (const stats of now.outbound.values()) {
    const near = place;
    const old = before.outbound.rowOf(stats.id, near);
    place += 1;
    if (old < 0 || !isSameSsrc(before.outbound.numbers[old + outboundColumn.ssrc], stats.ssrc)) continue;
    const stream = connection.outbound.getNear(stats.id, near);
    if (stream === undefined) continue;
    const remote = now.remoteInbound.getNear(stats.id, near);
    // Sources mostly come in the order of what is sent of them.
    const interval = outboundInterval(before, old, { near, report: now, now: stats, stream, remote });
    if (interval !== null) outbound.push(interval);
    else {
      const { numbers } = before.outbound;
      const found = outboundCounters.flatMap((name) =>
        shrunk("outbound-rtp", name, numbers[old + outboundColumn[name]], stats[name]),
      );
      backwards = [...backwards, ...found];
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

const outboundCounters = ["packetsSent", "bytesSent"] as const;

/** Kept numbers are NaN where there was none. */
function isSameSsrc(before: number | undefined, now: number | null): boolean {
  return Object.is(before, now ?? Number.NaN);
}

function shrunk(
  stat: string,
  field: string,
  before: number | undefined,
  value: number | null,
): ImpossibleValue[] {
  return value !== null && before !== undefined && value < before ? [{ stat, field, value }] : [];
}

/** A row in which nothing was kept. */
const nothingKept: readonly number[] = noNumbers(pictureColumn.firCount + 1);

function inboundInterval(
  before: KeptReport,
  row: number,
  { now, stream, remote }: Pick<InboundInterval, "now" | "stream" | "remote">,
): InboundInterval | null {
  if (codecChanged(before.inbound.ownerOf(row), now.codecId)) return null;
  const { numbers } = before.inbound;
  // The same places mean one thing of a sound and another of a picture: of the other kind nothing was kept.
  const isSound = numbers[row + inboundColumn.isSound] === 1;
  const sound = isSound ? numbers : nothingKept;
  const soundRow = isSound ? row : 0;
  const picture = isSound ? nothingKept : numbers;
  const pictureRow = isSound ? 0 : row;
  const seconds = secondsSince(numbers, row, now.timestamp);
  if (seconds === null) return null;
  if (
    isBelow(now.packetsReceived, numbers[row + inboundColumn.packetsReceived]) ||
    isBelow(now.bytesReceived, numbers[row + inboundColumn.bytesReceived]) ||
    isBelow(now.framesDecoded, picture[pictureRow + pictureColumn.framesDecoded]) ||
    isBelow(now.totalSamplesReceived, sound[soundRow + soundColumn.totalSamplesReceived])
  ) {
    return null;
  }
  return {
    id: now.id,
    seconds,
    now,
    stream,
    remote,
    packetsReceived: grown(numbers[row + inboundColumn.packetsReceived], now.packetsReceived),
    packetsLost: change(numbers[row + inboundColumn.packetsLost], now.packetsLost),
    packetsDiscarded: grown(numbers[row + inboundColumn.packetsDiscarded], now.packetsDiscarded),
    bytesReceived: grown(numbers[row + inboundColumn.bytesReceived], now.bytesReceived),
    retransmittedBytesReceived: grown(
      numbers[row + inboundColumn.retransmittedBytesReceived],
      now.retransmittedBytesReceived,
    ),
    jitterBufferDelay: grown(numbers[row + inboundColumn.jitterBufferDelay], now.jitterBufferDelay),
    jitterBufferEmittedCount: grown(
      numbers[row + inboundColumn.jitterBufferEmittedCount],
      now.jitterBufferEmittedCount,
    ),
    jitterBufferTargetDelay: grown(
      numbers[row + inboundColumn.jitterBufferTargetDelay],
      now.jitterBufferTargetDelay,
    ),
    jitterBufferMinimumDelay: grown(
      numbers[row + inboundColumn.jitterBufferMinimumDelay],
      now.jitterBufferMinimumDelay,
    ),
    totalSamplesReceived: grown(sound[soundRow + soundColumn.totalSamplesReceived], now.totalSamplesReceived),
    insertedSamplesForDeceleration: grown(
      sound[soundRow + soundColumn.insertedSamplesForDeceleration],
      now.insertedSamplesForDeceleration,
    ),
    removedSamplesForAcceleration: grown(
      sound[soundRow + soundColumn.removedSamplesForAcceleration],
      now.removedSamplesForAcceleration,
    ),
    concealedSamples: grown(sound[soundRow + soundColumn.concealedSamples], now.concealedSamples),
    silentConcealedSamples: grown(
      sound[soundRow + soundColumn.silentConcealedSamples],
      now.silentConcealedSamples,
    ),
    concealmentEvents: grown(sound[soundRow + soundColumn.concealmentEvents], now.concealmentEvents),
    totalAudioEnergy: grown(sound[soundRow + soundColumn.totalAudioEnergy], now.totalAudioEnergy),
    totalSamplesDuration: grown(sound[soundRow + soundColumn.totalSamplesDuration], now.totalSamplesDuration),
    framesReceived: grown(picture[pictureRow + pictureColumn.framesReceived], now.framesReceived),
    framesDecoded: grown(picture[pictureRow + pictureColumn.framesDecoded], now.framesDecoded),
    framesDropped: grown(picture[pictureRow + pictureColumn.framesDropped], now.framesDropped),
    totalDecodeTime: grown(picture[pictureRow + pictureColumn.totalDecodeTime], now.totalDecodeTime),
    framesRendered: grown(picture[pictureRow + pictureColumn.framesRendered], now.framesRendered),
    totalInterFrameDelay: grown(
      picture[pictureRow + pictureColumn.totalInterFrameDelay],
      now.totalInterFrameDelay,
    ),
    totalSquaredInterFrameDelay: grown(
      picture[pictureRow + pictureColumn.totalSquaredInterFrameDelay],
      now.totalSquaredInterFrameDelay,
    ),
    freezeCount: grown(picture[pictureRow + pictureColumn.freezeCount], now.freezeCount),
    totalFreezesDuration: grown(
      picture[pictureRow + pictureColumn.totalFreezesDuration],
      now.totalFreezesDuration,
    ),
    pauseCount: grown(picture[pictureRow + pictureColumn.pauseCount], now.pauseCount),
    totalPausesDuration: grown(
      picture[pictureRow + pictureColumn.totalPausesDuration],
      now.totalPausesDuration,
    ),
    pliCount: grown(picture[pictureRow + pictureColumn.pliCount], now.pliCount),
    firCount: grown(picture[pictureRow + pictureColumn.firCount], now.firCount),
    nackCount: grown(numbers[row + inboundColumn.nackCount], now.nackCount),
  };
}

function outboundInterval(
  before: KeptReport,
  row: number,
  {
    near,
    report,
    now,
    stream,
    remote,
  }: Pick<OutboundInterval, "now" | "stream" | "remote"> & {
    readonly near: number;
    readonly report: Report;
  },
): OutboundInterval | null {
  if (codecChanged(before.outbound.ownerOf(row), now.codecId)) return null;
  const { numbers } = before.outbound;
  const seconds = secondsSince(numbers, row, now.timestamp);
  if (seconds === null) return null;
  if (
    isBelow(now.packetsSent, numbers[row + outboundColumn.packetsSent]) ||
    isBelow(now.bytesSent, numbers[row + outboundColumn.bytesSent])
  ) {
    return null;
  }
  const source = sourceOf(report, now);
  return {
    id: now.id,
    seconds,
    now,
    stream,
    remote,
    packetsSent: grown(numbers[row + outboundColumn.packetsSent], now.packetsSent),
    bytesSent: grown(numbers[row + outboundColumn.bytesSent], now.bytesSent),
    retransmittedBytesSent: grown(
      numbers[row + outboundColumn.retransmittedBytesSent],
      now.retransmittedBytesSent,
    ),
    retransmittedPacketsSent: grown(
      numbers[row + outboundColumn.retransmittedPacketsSent],
      now.retransmittedPacketsSent,
    ),
    totalPacketSendDelay: grown(numbers[row + outboundColumn.totalPacketSendDelay], now.totalPacketSendDelay),
    nackCount: grown(numbers[row + outboundColumn.nackCount], now.nackCount),
    framesEncoded: grown(numbers[row + outboundColumn.framesEncoded], now.framesEncoded),
    qpSum: grown(numbers[row + outboundColumn.qpSum], now.qpSum),
    hugeFramesSent: grown(numbers[row + outboundColumn.hugeFramesSent], now.hugeFramesSent),
    totalEncodeTime: grown(numbers[row + outboundColumn.totalEncodeTime], now.totalEncodeTime),
    limitedByBandwidth: grown(numbers[row + outboundColumn.limitedByBandwidth], now.limitedByBandwidth),
    limitedByCpu: grown(numbers[row + outboundColumn.limitedByCpu], now.limitedByCpu),
    source: source === null ? null : sourceInterval(before.sources, near, source),
  };
}

/** The timestamp is the first number of every row. */
function secondsSince(numbers: readonly number[], row: number, now: number): number | null {
  return secondsBetween(numbers[row] ?? Number.NaN, now);
}

/** The codec counts as changed only when both sides name one. */
function codecChanged(before: string | null, now: string | null): boolean {
  return before !== null && now !== null && before !== now;
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

function sourceInterval(kept: KeptObjects, near: number, now: SourceStats): SourceInterval | null {
  const row = kept.rowOf(now.id, near);
  if (row < 0 || kept.ownerOf(row) !== now.trackId) return null;
  const { numbers } = kept;
  const seconds = secondsSince(numbers, row, now.timestamp);
  if (seconds === null) return null;
  return {
    now,
    seconds,
    totalAudioEnergy: grown(numbers[row + sourceColumn.totalAudioEnergy], now.totalAudioEnergy),
    totalSamplesDuration: grown(numbers[row + sourceColumn.totalSamplesDuration], now.totalSamplesDuration),
    frames: grown(numbers[row + sourceColumn.frames], now.frames),
  };
}

function pathInterval(before: KeptReport, now: Report): PathInterval | null {
  const pair = selectedPair(now);
  if (pair === null) return null;
  const old = before.pair;
  const seconds = before.pairId === pair.id ? secondsSince(old, 0, pair.timestamp) : null;
  if (seconds === null) {
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
    bytesReceived: grown(old[pairColumn.bytesReceived], pair.bytesReceived),
    bytesSent: grown(old[pairColumn.bytesSent], pair.bytesSent),
    requestsSent: grown(old[pairColumn.requestsSent], pair.requestsSent),
    responsesReceived: grown(old[pairColumn.responsesReceived], pair.responsesReceived),
    totalRoundTripTime: grown(old[pairColumn.totalRoundTripTime], pair.totalRoundTripTime),
  };
}

function playoutDelay(before: KeptReport["playout"], now: PlayoutStats | null): number | null {
  if (before === null || now === null || before.id !== now.id) return null;
  const delay = growth(before.delay, now.totalPlayoutDelay);
  const samples = growth(before.samples, now.totalSamplesCount);
  if (delay === null || samples === null || samples <= 0) return null;
  return (1000 * delay) / samples;
}
