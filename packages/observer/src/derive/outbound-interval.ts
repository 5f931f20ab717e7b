import type { ImpossibleValue } from "../model/impossible-values.ts";
import { type KeptObjects, type KeptReport, outboundColumn, sourceColumn } from "../model/kept-report.ts";
import type { OutboundStats, RemoteInboundStats, Report, SourceStats } from "../model/report.ts";
import type { OutboundStream } from "../model/streams.ts";
import { codecChanged, grown, isBelow, secondsSince, shrunk } from "./delta.ts";

/** A local source between two reports. */
export interface SourceInterval {
  readonly now: SourceStats;
  readonly seconds: number;
  readonly totalAudioEnergy: number | null;
  readonly totalSamplesDuration: number | null;
  readonly frames: number | null;
}

/** One sent stream between two reports; interval.ts says what its numbers are. */
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

/** Null where a new baseline starts. `row`: where that of the stream begins in what was kept. */
export function outboundInterval(
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

/** Counters that went backwards of a stream that has no interval. */
export function shrunkOutbound(kept: readonly number[], row: number, now: OutboundStats): ImpossibleValue[] {
  const { packetsSent, bytesSent } = outboundColumn;
  return [
    ...shrunk("outbound-rtp", "packetsSent", kept[row + packetsSent], now.packetsSent),
    ...shrunk("outbound-rtp", "bytesSent", kept[row + bytesSent], now.bytesSent),
  ];
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
