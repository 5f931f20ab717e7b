import { noNumbers } from "../pack/numbers.ts";
import { SmallMap } from "../pack/small-map.ts";
import type { InboundStats, OutboundStats, PairStats, Report, SourceStats } from "./report.ts";
import { selectedPair } from "./selected-pair.ts";

/*
 * What is kept of a report until the next one comes: the counters of which differences are made, as rows of numbers that are written
 * over with each report. Whole reports took 8 kB each, and what lives from one report to the next is moved around in memory by every
 * collection of garbage: with thousands of clients that took longer than the analysis.
 */

/** Columns of a received stream: those of every one, then those of a sound or of a picture, in the same places. */
export const inboundColumn = {
  timestamp: 0,
  ssrc: 1,
  packetsReceived: 2,
  packetsLost: 3,
  packetsDiscarded: 4,
  bytesReceived: 5,
  retransmittedBytesReceived: 6,
  jitterBufferDelay: 7,
  jitterBufferEmittedCount: 8,
  jitterBufferTargetDelay: 9,
  jitterBufferMinimumDelay: 10,
  nackCount: 11,
  /** 1 or 0: which of the following columns are meant. */
  isSound: 12,
} as const;

/** Columns of a sound. */
export const soundColumn = {
  totalSamplesReceived: 13,
  insertedSamplesForDeceleration: 14,
  removedSamplesForAcceleration: 15,
  concealedSamples: 16,
  silentConcealedSamples: 17,
  concealmentEvents: 18,
  totalAudioEnergy: 19,
  totalSamplesDuration: 20,
} as const;

/** Columns of a picture. */
export const pictureColumn = {
  framesReceived: 13,
  framesDecoded: 14,
  framesDropped: 15,
  totalDecodeTime: 16,
  framesRendered: 17,
  totalInterFrameDelay: 18,
  totalSquaredInterFrameDelay: 19,
  freezeCount: 20,
  totalFreezesDuration: 21,
  pauseCount: 22,
  totalPausesDuration: 23,
  pliCount: 24,
  firCount: 25,
} as const;

/** Columns of a sent stream. */
export const outboundColumn = {
  timestamp: 0,
  ssrc: 1,
  packetsSent: 2,
  bytesSent: 3,
  retransmittedBytesSent: 4,
  retransmittedPacketsSent: 5,
  totalPacketSendDelay: 6,
  nackCount: 7,
  framesEncoded: 8,
  qpSum: 9,
  hugeFramesSent: 10,
  totalEncodeTime: 11,
  limitedByBandwidth: 12,
  limitedByCpu: 13,
} as const;

/** Columns of a source. */
export const sourceColumn = {
  timestamp: 0,
  totalAudioEnergy: 1,
  totalSamplesDuration: 2,
  frames: 3,
} as const;

/** Columns of the selected pair. */
export const pairColumn = {
  timestamp: 0,
  bytesReceived: 1,
  bytesSent: 2,
  requestsSent: 3,
  responsesReceived: 4,
  totalRoundTripTime: 5,
  currentRoundTripTime: 6,
} as const;

/** Statistics objects of one type: rows in the order of the report. */
export class KeptObjects {
  private readonly width: number;
  private ids: string[] = [];
  /** Of each row the codec of the stream, or the track of the source. */
  private owners: (string | null)[] = [];
  /** Places by id, made when an object is not where it is looked for first. */
  private places: SmallMap<string, number> | null = null;
  /** NaN where the browser reported nothing. */
  numbers: number[] = [];

  /** `width`: columns. */
  constructor(width: number) {
    this.width = width;
  }

  /** Where the row of an object begins in `numbers`; -1 when it was not in the report. `near`: its likely place. */
  rowOf(id: string, near: number): number {
    const ids = this.ids;
    if (ids[near] === id) return near * this.width;
    if (ids.length === 0) return -1;
    this.places ??= placesOf(ids);
    const place = this.places.get(id);
    return place === undefined ? -1 : place * this.width;
  }

  /** What the object of a row belongs to. */
  ownerOf(row: number): string | null {
    return this.owners[row / this.width] ?? null;
  }

  /** Begins to write a report with so many objects. */
  resize(rows: number): void {
    if (this.ids.length === rows) return;
    this.places = null;
    this.ids = Array.from({ length: rows }, () => "");
    this.owners = this.ids.map(() => null);
    this.numbers = noNumbers(rows * this.width);
  }

  /** Begins to write the row of a place; returns where it is in `numbers`. */
  write(place: number, id: string, owner: string | null): number {
    if (this.ids[place] !== id) {
      this.ids[place] = id;
      this.places = null;
    }
    this.owners[place] = owner;
    return place * this.width;
  }
}

function placesOf(ids: readonly string[]): SmallMap<string, number> {
  const places = new SmallMap<string, number>();
  for (const [place, id] of ids.entries()) places.put(id, place);
  return places;
}

/** The states of a path that are looked at between two reports. */
interface KeptPath {
  pairState: string | null;
  dtlsState: string | null;
  dtlsRole: string | null;
  tlsVersion: string | null;
}

/** A report as far as the next ones need it. */
export class KeptReport {
  /** Unix ms. */
  at = 0;
  readonly inbound: KeptObjects = new KeptObjects(pictureColumn.firCount + 1);
  readonly outbound: KeptObjects = new KeptObjects(outboundColumn.limitedByCpu + 1);
  readonly sources: KeptObjects = new KeptObjects(sourceColumn.frames + 1);
  /** The selected pair; null without one. */
  pairId: string | null = null;
  /** Its numbers. */
  readonly pair: number[] = noNumbers(pairColumn.currentRoundTripTime + 1);
  /** Of the selected pair, and of the first transport. */
  readonly path: KeptPath = { pairState: null, dtlsState: null, dtlsRole: null, tlsVersion: null };
  /** media-playout: its id, milliseconds times samples, and samples; null without it. */
  playout: { readonly id: string; delay: number | null; samples: number | null } | null = null;

  /** Forgets what was kept and keeps this report. */
  keep(report: Report): void {
    this.at = report.at;
    keepInbound(this.inbound, report);
    keepOutbound(this.outbound, report);
    keepSources(this.sources, report);
    this.keepPath(report);
    this.keepPlayout(report);
  }

  /** A number of the selected pair. */
  ofPair(member: keyof typeof pairColumn): number | null {
    return this.pairId === null ? null : numberAt(this.pair, pairColumn[member]);
  }

  private keepPath(report: Report): void {
    const pair = selectedPair(report);
    const { path } = this;
    this.pairId = pair?.id ?? null;
    path.pairState = pair?.state ?? null;
    if (pair !== null) keepPair(this.pair, pair);
    const [transport] = report.transports.values();
    path.dtlsState = transport?.dtlsState ?? null;
    path.dtlsRole = transport?.dtlsRole ?? null;
    path.tlsVersion = transport?.tlsVersion ?? null;
  }

  private keepPlayout({ playout }: Report): void {
    if (playout === null) this.playout = null;
    else {
      const { id, totalPlayoutDelay: delay, totalSamplesCount: samples } = playout;
      this.playout = { id, delay, samples };
    }
  }
}

/** A number that was kept; null where the browser reported nothing. */
export function numberAt(numbers: readonly number[], at: number): number | null {
  const value = numbers[at] ?? Number.NaN;
  return Number.isNaN(value) ? null : value;
}

function keepInbound(kept: KeptObjects, { inbound }: Report): void {
  kept.resize(inbound.size);
  let place = 0;
  for (const stats of inbound.values()) {
    writeInbound(kept.numbers, kept.write(place, stats.id, stats.codecId), stats);
    place += 1;
  }
}

function keepOutbound(kept: KeptObjects, { outbound }: Report): void {
  kept.resize(outbound.size);
  let place = 0;
  for (const stats of outbound.values()) {
    writeOutbound(kept.numbers, kept.write(place, stats.id, stats.codecId), stats);
    place += 1;
  }
}

function keepSources(kept: KeptObjects, { sources }: Report): void {
  kept.resize(sources.size);
  let place = 0;
  for (const stats of sources.values()) {
    writeSource(kept.numbers, kept.write(place, stats.id, stats.trackId), stats);
    place += 1;
  }
}

/* Written out, because it is done with every report. */

function writeInbound(numbers: number[], row: number, stats: InboundStats): void {
  numbers[row + inboundColumn.timestamp] = stats.timestamp;
  numbers[row + inboundColumn.ssrc] = stats.ssrc ?? Number.NaN;
  numbers[row + inboundColumn.packetsReceived] = stats.packetsReceived ?? Number.NaN;
  numbers[row + inboundColumn.packetsLost] = stats.packetsLost ?? Number.NaN;
  numbers[row + inboundColumn.packetsDiscarded] = stats.packetsDiscarded ?? Number.NaN;
  numbers[row + inboundColumn.bytesReceived] = stats.bytesReceived ?? Number.NaN;
  numbers[row + inboundColumn.retransmittedBytesReceived] = stats.retransmittedBytesReceived ?? Number.NaN;
  numbers[row + inboundColumn.jitterBufferDelay] = stats.jitterBufferDelay ?? Number.NaN;
  numbers[row + inboundColumn.jitterBufferEmittedCount] = stats.jitterBufferEmittedCount ?? Number.NaN;
  numbers[row + inboundColumn.jitterBufferTargetDelay] = stats.jitterBufferTargetDelay ?? Number.NaN;
  numbers[row + inboundColumn.jitterBufferMinimumDelay] = stats.jitterBufferMinimumDelay ?? Number.NaN;
  numbers[row + inboundColumn.nackCount] = stats.nackCount ?? Number.NaN;
  const isSound = stats.kind === "audio";
  numbers[row + inboundColumn.isSound] = isSound ? 1 : 0;
  if (isSound) {
    numbers[row + soundColumn.totalSamplesReceived] = stats.totalSamplesReceived ?? Number.NaN;
    numbers[row + soundColumn.insertedSamplesForDeceleration] =
      stats.insertedSamplesForDeceleration ?? Number.NaN;
    numbers[row + soundColumn.removedSamplesForAcceleration] =
      stats.removedSamplesForAcceleration ?? Number.NaN;
    numbers[row + soundColumn.concealedSamples] = stats.concealedSamples ?? Number.NaN;
    numbers[row + soundColumn.silentConcealedSamples] = stats.silentConcealedSamples ?? Number.NaN;
    numbers[row + soundColumn.concealmentEvents] = stats.concealmentEvents ?? Number.NaN;
    numbers[row + soundColumn.totalAudioEnergy] = stats.totalAudioEnergy ?? Number.NaN;
    numbers[row + soundColumn.totalSamplesDuration] = stats.totalSamplesDuration ?? Number.NaN;
  } else {
    numbers[row + pictureColumn.framesReceived] = stats.framesReceived ?? Number.NaN;
    numbers[row + pictureColumn.framesDecoded] = stats.framesDecoded ?? Number.NaN;
    numbers[row + pictureColumn.framesDropped] = stats.framesDropped ?? Number.NaN;
    numbers[row + pictureColumn.totalDecodeTime] = stats.totalDecodeTime ?? Number.NaN;
    numbers[row + pictureColumn.framesRendered] = stats.framesRendered ?? Number.NaN;
    numbers[row + pictureColumn.totalInterFrameDelay] = stats.totalInterFrameDelay ?? Number.NaN;
    numbers[row + pictureColumn.totalSquaredInterFrameDelay] =
      stats.totalSquaredInterFrameDelay ?? Number.NaN;
    numbers[row + pictureColumn.freezeCount] = stats.freezeCount ?? Number.NaN;
    numbers[row + pictureColumn.totalFreezesDuration] = stats.totalFreezesDuration ?? Number.NaN;
    numbers[row + pictureColumn.pauseCount] = stats.pauseCount ?? Number.NaN;
    numbers[row + pictureColumn.totalPausesDuration] = stats.totalPausesDuration ?? Number.NaN;
    numbers[row + pictureColumn.pliCount] = stats.pliCount ?? Number.NaN;
    numbers[row + pictureColumn.firCount] = stats.firCount ?? Number.NaN;
  }
}

function writeOutbound(numbers: number[], row: number, stats: OutboundStats): void {
  numbers[row + outboundColumn.timestamp] = stats.timestamp;
  numbers[row + outboundColumn.ssrc] = stats.ssrc ?? Number.NaN;
  numbers[row + outboundColumn.packetsSent] = stats.packetsSent ?? Number.NaN;
  numbers[row + outboundColumn.bytesSent] = stats.bytesSent ?? Number.NaN;
  numbers[row + outboundColumn.retransmittedBytesSent] = stats.retransmittedBytesSent ?? Number.NaN;
  numbers[row + outboundColumn.retransmittedPacketsSent] = stats.retransmittedPacketsSent ?? Number.NaN;
  numbers[row + outboundColumn.totalPacketSendDelay] = stats.totalPacketSendDelay ?? Number.NaN;
  numbers[row + outboundColumn.nackCount] = stats.nackCount ?? Number.NaN;
  numbers[row + outboundColumn.framesEncoded] = stats.framesEncoded ?? Number.NaN;
  numbers[row + outboundColumn.qpSum] = stats.qpSum ?? Number.NaN;
  numbers[row + outboundColumn.hugeFramesSent] = stats.hugeFramesSent ?? Number.NaN;
  numbers[row + outboundColumn.totalEncodeTime] = stats.totalEncodeTime ?? Number.NaN;
  numbers[row + outboundColumn.limitedByBandwidth] = stats.limitedByBandwidth ?? Number.NaN;
  numbers[row + outboundColumn.limitedByCpu] = stats.limitedByCpu ?? Number.NaN;
}

function writeSource(numbers: number[], row: number, stats: SourceStats): void {
  numbers[row + sourceColumn.timestamp] = stats.timestamp;
  numbers[row + sourceColumn.totalAudioEnergy] = stats.totalAudioEnergy ?? Number.NaN;
  numbers[row + sourceColumn.totalSamplesDuration] = stats.totalSamplesDuration ?? Number.NaN;
  numbers[row + sourceColumn.frames] = stats.frames ?? Number.NaN;
}

function keepPair(numbers: number[], pair: PairStats): void {
  numbers[pairColumn.timestamp] = pair.timestamp;
  numbers[pairColumn.bytesReceived] = pair.bytesReceived ?? Number.NaN;
  numbers[pairColumn.bytesSent] = pair.bytesSent ?? Number.NaN;
  numbers[pairColumn.requestsSent] = pair.requestsSent ?? Number.NaN;
  numbers[pairColumn.responsesReceived] = pair.responsesReceived ?? Number.NaN;
  numbers[pairColumn.totalRoundTripTime] = pair.totalRoundTripTime ?? Number.NaN;
  numbers[pairColumn.currentRoundTripTime] = pair.currentRoundTripTime ?? Number.NaN;
}
