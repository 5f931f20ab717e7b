import { scoreConstants as constants } from "./constants.ts";
import type { ScoreInterval } from "./inputs.ts";

/** A stretch without packets; grows while it lasts, so a border between windows does not hide its length. */
export interface Gap {
  readonly from: number;
  to: number;
}

/** The part of a gap inside one window, with the audio samples played meanwhile. */
export interface GapSlice {
  readonly gap: Gap;
  readonly from: number;
  to: number;
  /** The sender sent (true), was silent (false), or nobody knows yet (null). */
  sending: boolean | null;
  samples: number;
  concealed: number;
  silent: number;
}

/** Unix ms range. */
export interface Span {
  from: number;
  to: number;
}

/**
 * What one track delivered in one window: sums only, so memory does not depend on the sampling rate. One flat object: every
 * received track of every client has two of them.
 */
export interface Accumulator {
  /** Number of the window. */
  readonly index: number;
  /** Time in which media was expected, and the part of it for which counters exist. */
  expectedMs: number;
  measuredMs: number;
  rampUpMs: number;
  screenMs: number;
  /** A counter was not a usable number; that interval was left out. */
  invalid: boolean;
  totalSamples: number | null;
  concealedSamples: number | null;
  silentSamples: number | null;
  concealmentEvents: number | null;
  packetsLost: number | null;
  packetsReceived: number | null;
  packetsDiscarded: number | null;
  bytes: number | null;
  /** Payload bytes and packets of the time in which somebody spoke or nobody knows; the codec's rate is taken from it. */
  speechBytes: number;
  speechPackets: number;
  /** Milliseconds of that time. */
  spokenMs: number;
  /** Time in which somebody spoke; null where the browser does not tell. */
  speechMs: number | null;
  /** Averages in the making: value times milliseconds, and those milliseconds. */
  jitterBufferSum: number;
  jitterBufferMs: number;
  playoutSum: number;
  playoutMs: number;
  rttSum: number;
  rttMs: number;
  senderRttSum: number;
  senderRttMs: number;
  frames: number | null;
  freezeCount: number;
  /** Disjoint and sorted. */
  frozen: readonly Span[];
  gaps: readonly GapSlice[];
  /** Last known in the window, or carried from the one before. */
  path: ScoreInterval["path"];
  mimeType: string | null;
  fmtp: string | null;
  clockRate: number | null;
  width: number | null;
  height: number | null;
  neededPixels: number | null;
  repairable: boolean | null;
  /** Values to fall back to: bitrate while speaking, and a jitter buffer delay that is still fresh. */
  heldKbps: number | null;
  heldJitterBufferMs: number | null;
}

const noSpans: readonly Span[] = [];
const noGaps: readonly GapSlice[] = [];

/** An empty window that starts with what the track's last window knew. */
export function createAccumulator(index: number, before: Accumulator | null): Accumulator {
  return {
    index,
    expectedMs: 0,
    measuredMs: 0,
    rampUpMs: 0,
    screenMs: 0,
    invalid: false,
    totalSamples: null,
    concealedSamples: null,
    silentSamples: null,
    concealmentEvents: null,
    packetsLost: null,
    packetsReceived: null,
    packetsDiscarded: null,
    bytes: null,
    speechBytes: 0,
    speechPackets: 0,
    spokenMs: 0,
    speechMs: null,
    jitterBufferSum: 0,
    jitterBufferMs: 0,
    playoutSum: 0,
    playoutMs: 0,
    rttSum: 0,
    rttMs: 0,
    senderRttSum: 0,
    senderRttMs: 0,
    frames: null,
    freezeCount: 0,
    frozen: noSpans,
    gaps: noGaps,
    path: before?.path ?? null,
    mimeType: before?.mimeType ?? null,
    fmtp: before?.fmtp ?? null,
    clockRate: before?.clockRate ?? null,
    width: before?.width ?? null,
    height: before?.height ?? null,
    neededPixels: before?.neededPixels ?? null,
    repairable: before?.repairable ?? null,
    heldKbps: null,
    heldJitterBufferMs: null,
  };
}

const plus = (sum: number | null, value: number | null): number | null =>
  value === null ? sum : (sum ?? 0) + value;

const scaled = (value: number | null, share: number): number | null =>
  value === null ? null : value * share;

/** Bytes that carry media: without retransmissions where the browser tells them. */
const payloadBytes = (interval: ScoreInterval): number | null =>
  interval.bytesReceived === null
    ? null
    : Math.max(0, interval.bytesReceived - (interval.retransmittedBytesReceived ?? 0));

/** Frames of an interval: rendered where the browser tells, else decoded. */
export const framesOf = (interval: ScoreInterval): number | null =>
  interval.framesRendered ?? interval.framesDecoded;

/** Do the interval's counters allow its time to count? */
export function isMeasured(interval: ScoreInterval): boolean {
  if (interval.kind === "audio") {
    const samples = interval.totalSamplesReceived !== null && interval.concealedSamples !== null;
    return samples || (interval.packetsLost !== null && interval.packetsReceived !== null);
  }
  if (interval.screenShare) return interval.packetsReceived !== null || framesOf(interval) !== null;
  return framesOf(interval) !== null && interval.bytesReceived !== null;
}

/** Is the interval's rate that of speech? By the level where it is known, else by what no speech is coded below. */
function isSpeech(interval: ScoreInterval, bytes: number): boolean {
  const ms = interval.to - interval.from;
  if (interval.speechActiveMs !== null) return interval.speechActiveMs * 2 >= ms;
  return (8 * bytes) / ms >= constants.opusBitrateMinimum.value;
}

function addDelays(into: Accumulator, interval: ScoreInterval, ms: number): void {
  const { jitterBufferDelayMs, playoutDelayMs, rttMs, senderRttMs } = interval;
  if (jitterBufferDelayMs !== null) {
    into.jitterBufferSum += jitterBufferDelayMs * ms;
    into.jitterBufferMs += ms;
  }
  if (playoutDelayMs !== null) {
    into.playoutSum += playoutDelayMs * ms;
    into.playoutMs += ms;
  }
  // 0 is what some browsers report before they know.
  if (rttMs !== null && rttMs !== 0) {
    into.rttSum += rttMs * ms;
    into.rttMs += ms;
  }
  if (senderRttMs !== null && senderRttMs !== 0) {
    into.senderRttSum += senderRttMs * ms;
    into.senderRttMs += ms;
  }
}

/** Adds the counters of `share` (0..1, by time) of an interval. Samples of gaps are kept aside with their gap. */
export function addCounters(
  into: Accumulator,
  interval: ScoreInterval,
  share: number,
  gap: GapSlice | null,
): void {
  const ms = (interval.to - interval.from) * share;
  const { totalSamplesReceived: n, concealedSamples: c, silentConcealedSamples: s } = interval;
  if (n !== null && c !== null) {
    if (gap !== null) {
      gap.samples += n * share;
      gap.concealed += c * share;
      gap.silent += (s ?? 0) * share;
    } else {
      into.totalSamples = plus(into.totalSamples, n * share);
      into.concealedSamples = plus(into.concealedSamples, c * share);
      into.silentSamples = plus(into.silentSamples, (s ?? 0) * share);
    }
    into.concealmentEvents = plus(into.concealmentEvents, scaled(interval.concealmentEvents, share));
  }
  if (interval.packetsLost !== null && interval.packetsReceived !== null) {
    into.packetsLost = plus(into.packetsLost, Math.max(0, interval.packetsLost) * share);
    into.packetsReceived = plus(into.packetsReceived, interval.packetsReceived * share);
    into.packetsDiscarded = plus(into.packetsDiscarded, scaled(interval.packetsDiscarded, share));
  }
  const bytes = payloadBytes(interval);
  into.bytes = plus(into.bytes, scaled(bytes, share));
  if (bytes !== null && interval.packetsReceived !== null && isSpeech(interval, bytes)) {
    into.speechBytes += bytes * share;
    into.speechPackets += interval.packetsReceived * share;
    into.spokenMs += ms;
  }
  into.speechMs = plus(into.speechMs, scaled(interval.speechActiveMs, share));
  addDelays(into, interval, ms);
  into.frames = plus(into.frames, scaled(framesOf(interval), share));
  into.path = interval.path ?? into.path;
  into.mimeType = interval.mimeType ?? into.mimeType;
  into.fmtp = interval.fmtp ?? into.fmtp;
  into.clockRate = interval.clockRate ?? into.clockRate;
  into.width = interval.frameWidth ?? into.width;
  into.height = interval.frameHeight ?? into.height;
  into.neededPixels = interval.neededPixels ?? into.neededPixels;
  into.repairable = interval.repairable ?? into.repairable;
}

/** Disjoint sorted ranges with another one. */
export function withSpan(spans: readonly Span[], from: number, to: number): readonly Span[] {
  if (!(to > from)) return spans;
  const added: Span = { from, to };
  const kept: Span[] = [];
  for (const span of spans) {
    if (span.to < added.from || span.from > added.to) kept.push(span);
    else {
      added.from = Math.min(added.from, span.from);
      added.to = Math.max(added.to, span.to);
    }
  }
  kept.push(added);
  return kept.sort((a, b) => a.from - b.from);
}

/** One window out of two adjacent ones; the later one's last known values win. Changes neither. */
export function mergeAccumulators(a: Accumulator, b: Accumulator): Accumulator {
  let { frozen } = a;
  for (const span of b.frozen) frozen = withSpan(frozen, span.from, span.to);
  return {
    ...b,
    expectedMs: a.expectedMs + b.expectedMs,
    measuredMs: a.measuredMs + b.measuredMs,
    rampUpMs: a.rampUpMs + b.rampUpMs,
    screenMs: a.screenMs + b.screenMs,
    invalid: a.invalid || b.invalid,
    totalSamples: plus(a.totalSamples, b.totalSamples),
    concealedSamples: plus(a.concealedSamples, b.concealedSamples),
    silentSamples: plus(a.silentSamples, b.silentSamples),
    concealmentEvents: plus(a.concealmentEvents, b.concealmentEvents),
    packetsLost: plus(a.packetsLost, b.packetsLost),
    packetsReceived: plus(a.packetsReceived, b.packetsReceived),
    packetsDiscarded: plus(a.packetsDiscarded, b.packetsDiscarded),
    bytes: plus(a.bytes, b.bytes),
    speechBytes: a.speechBytes + b.speechBytes,
    speechPackets: a.speechPackets + b.speechPackets,
    spokenMs: a.spokenMs + b.spokenMs,
    speechMs: plus(a.speechMs, b.speechMs),
    jitterBufferSum: a.jitterBufferSum + b.jitterBufferSum,
    jitterBufferMs: a.jitterBufferMs + b.jitterBufferMs,
    playoutSum: a.playoutSum + b.playoutSum,
    playoutMs: a.playoutMs + b.playoutMs,
    rttSum: a.rttSum + b.rttSum,
    rttMs: a.rttMs + b.rttMs,
    senderRttSum: a.senderRttSum + b.senderRttSum,
    senderRttMs: a.senderRttMs + b.senderRttMs,
    frames: plus(a.frames, b.frames),
    freezeCount: a.freezeCount + b.freezeCount,
    frozen,
    gaps: [...a.gaps, ...b.gaps],
    heldKbps: a.heldKbps,
    heldJitterBufferMs: a.heldJitterBufferMs,
  };
}
