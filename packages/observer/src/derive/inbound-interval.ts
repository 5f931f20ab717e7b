import type { ImpossibleValue } from "../model/impossible-values.ts";
import { inboundColumn, type KeptReport, pictureColumn, soundColumn } from "../model/kept-report.ts";
import type { InboundStats, RemoteOutboundStats } from "../model/report.ts";
import type { InboundStream } from "../model/streams.ts";
import { noNumbers } from "../pack/numbers.ts";
import { change, codecChanged, grown, isBelow, secondsSince, shrunk } from "./delta.ts";

/** One received stream between two reports; interval.ts says what its numbers are. */
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

/** A row in which nothing was kept. */
const nothingKept: readonly number[] = noNumbers(pictureColumn.firCount + 1);

/** Null where a new baseline starts. `row`: where that of the stream begins in what was kept. */
export function inboundInterval(
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

/** Counters that went backwards of a stream that has no interval. */
export function shrunkInbound(kept: readonly number[], row: number, now: InboundStats): ImpossibleValue[] {
  const isSound = kept[row + inboundColumn.isSound] === 1;
  const framesDecoded = isSound ? undefined : kept[row + pictureColumn.framesDecoded];
  const samplesReceived = isSound ? kept[row + soundColumn.totalSamplesReceived] : undefined;
  const { packetsReceived, bytesReceived } = inboundColumn;
  return [
    ...shrunk("inbound-rtp", "packetsReceived", kept[row + packetsReceived], now.packetsReceived),
    ...shrunk("inbound-rtp", "bytesReceived", kept[row + bytesReceived], now.bytesReceived),
    ...shrunk("inbound-rtp", "framesDecoded", framesDecoded, now.framesDecoded),
    ...shrunk("inbound-rtp", "totalSamplesReceived", samplesReceived, now.totalSamplesReceived),
  ];
}
