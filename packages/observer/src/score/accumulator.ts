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

/** A time-weighted average in the making. */
export interface Average {
  sum: number;
  ms: number;
}

/** What one track delivered in one window: sums only, so memory does not depend on the sampling rate. */
export interface Accumulator {
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
  readonly speech: { bytes: number; packets: number; ms: number };
  /** Time in which somebody spoke; null where the browser does not tell. */
  speechMs: number | null;
  readonly jitterBuffer: Average;
  readonly playout: Average;
  readonly rtt: Average;
  readonly senderRtt: Average;
  frames: number | null;
  freezeCount: number;
  readonly frozen: Span[];
  readonly gaps: GapSlice[];
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

/** An empty window that starts with what the track's last window knew. */
export function createAccumulator(before: Accumulator | null): Accumulator {
  return {
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
    speech: { bytes: 0, packets: 0, ms: 0 },
    speechMs: null,
    jitterBuffer: { sum: 0, ms: 0 },
    playout: { sum: 0, ms: 0 },
    rtt: { sum: 0, ms: 0 },
    senderRtt: { sum: 0, ms: 0 },
    frames: null,
    freezeCount: 0,
    frozen: [],
    gaps: [],
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

function addAverage(average: Average, value: number | null, ms: number): void {
  if (value === null) return;
  average.sum += value * ms;
  average.ms += ms;
}

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
    into.speech.bytes += bytes * share;
    into.speech.packets += interval.packetsReceived * share;
    into.speech.ms += ms;
  }
  into.speechMs = plus(into.speechMs, scaled(interval.speechActiveMs, share));
  addAverage(into.jitterBuffer, interval.jitterBufferDelayMs, ms);
  addAverage(into.playout, interval.playoutDelayMs, ms);
  // 0 is what some browsers report before they know.
  addAverage(into.rtt, interval.rttMs === 0 ? null : interval.rttMs, ms);
  addAverage(into.senderRtt, interval.senderRttMs === 0 ? null : interval.senderRttMs, ms);
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

/** Adds a range to disjoint sorted ranges. */
export function addSpan(spans: Span[], from: number, to: number): void {
  if (!(to > from)) return;
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
  kept.sort((a, b) => a.from - b.from);
  spans.splice(0, spans.length, ...kept);
}

const mergeAverage = (a: Average, b: Average): Average => ({ sum: a.sum + b.sum, ms: a.ms + b.ms });

/** One window out of two adjacent ones; the later one's last known values win. Changes neither. */
export function mergeAccumulators(a: Accumulator, b: Accumulator): Accumulator {
  const frozen = a.frozen.map((span) => ({ ...span }));
  for (const span of b.frozen) addSpan(frozen, span.from, span.to);
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
    speech: {
      bytes: a.speech.bytes + b.speech.bytes,
      packets: a.speech.packets + b.speech.packets,
      ms: a.speech.ms + b.speech.ms,
    },
    speechMs: plus(a.speechMs, b.speechMs),
    jitterBuffer: mergeAverage(a.jitterBuffer, b.jitterBuffer),
    playout: mergeAverage(a.playout, b.playout),
    rtt: mergeAverage(a.rtt, b.rtt),
    senderRtt: mergeAverage(a.senderRtt, b.senderRtt),
    frames: plus(a.frames, b.frames),
    freezeCount: a.freezeCount + b.freezeCount,
    frozen,
    gaps: [...a.gaps, ...b.gaps],
    heldKbps: a.heldKbps,
    heldJitterBufferMs: a.heldJitterBufferMs,
  };
}
