import { noNumbers } from "../pack/numbers.ts";
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

/** Sums of every window. */
export const ofWindow = { expectedMs: 0, measuredMs: 1, packetsLost: 2, packetsReceived: 3 } as const;

/** Further sums of a picture. */
export const ofPicture = { rampUpMs: 4, screenMs: 5, bytes: 6, frames: 7, freezeCount: 8 } as const;

/** Further sums of a sound. */
export const ofSound = {
  totalSamples: 4,
  concealedSamples: 5,
  silentSamples: 6,
  concealmentEvents: 7,
  packetsDiscarded: 8,
  /** Payload bytes and packets of the time in which somebody spoke or nobody knows; the codec's rate is taken from it. */
  speechBytes: 9,
  speechPackets: 10,
  /** Milliseconds of that time. */
  spokenMs: 11,
  /** Time in which somebody spoke; none where the browser does not tell. */
  speechMs: 12,
  /** Averages in the making: value times milliseconds, and those milliseconds. */
  jitterBufferSum: 13,
  jitterBufferMs: 14,
  playoutSum: 15,
  playoutMs: 16,
  rttSum: 17,
  rttMs: 18,
  senderRttSum: 19,
  senderRttMs: 20,
  /** Values to fall back to: bitrate while speaking, and a jitter buffer delay that is still fresh. */
  heldKbps: 21,
  heldJitterBufferMs: 22,
} as const;

const lengths = { audio: ofSound.heldJitterBufferMs + 1, video: ofPicture.freezeCount + 1 };

/**
 * What one track delivered in one window: sums only, so memory does not depend on the sampling rate. Every received track of every
 * client has two of them, so the sums are a row of numbers.
 */
export interface Accumulator {
  /** Number of the window. */
  readonly index: number;
  readonly kind: "audio" | "video";
  /**
   * By `ofWindow`, and by `ofSound` or `ofPicture`; NaN where nothing was told. `expectedMs` is time in which media was expected,
   * `measuredMs` the part of it for which counters exist.
   */
  readonly sums: number[];
  /** A counter was not a usable number; that interval was left out. */
  invalid: boolean;
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
}

const noSpans: readonly Span[] = [];
const noGaps: readonly GapSlice[] = [];

/** An empty window that starts with what the track's last window knew. */
export function createAccumulator(
  kind: "audio" | "video",
  index: number,
  before: Accumulator | null,
): Accumulator {
  return {
    index,
    kind,
    sums: noNumbers(lengths[kind]),
    invalid: false,
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
  };
}

/** A sum; null where nothing was told. */
export function told({ sums }: Accumulator, at: number): number | null {
  const sum = sums[at] ?? Number.NaN;
  return Number.isNaN(sum) ? null : sum;
}

/** A sum; 0 where nothing was added. */
export function sumOf({ sums }: Accumulator, at: number): number {
  const sum = sums[at] ?? Number.NaN;
  return Number.isNaN(sum) ? 0 : sum;
}

/** Adds to a sum; null adds nothing. */
export function add(to: Accumulator, at: number, value: number | null): void {
  if (value !== null) to.sums[at] = sumOf(to, at) + value;
}

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
    add(into, ofSound.jitterBufferSum, jitterBufferDelayMs * ms);
    add(into, ofSound.jitterBufferMs, ms);
  }
  if (playoutDelayMs !== null) {
    add(into, ofSound.playoutSum, playoutDelayMs * ms);
    add(into, ofSound.playoutMs, ms);
  }
  // 0 is what some browsers report before they know.
  if (rttMs !== null && rttMs !== 0) {
    add(into, ofSound.rttSum, rttMs * ms);
    add(into, ofSound.rttMs, ms);
  }
  if (senderRttMs !== null && senderRttMs !== 0) {
    add(into, ofSound.senderRttSum, senderRttMs * ms);
    add(into, ofSound.senderRttMs, ms);
  }
}

/** Adds the counters of `share` (0..1, by time) of an interval. Samples of gaps are kept aside with their gap. */
export function addCounters(
  into: Accumulator,
  interval: ScoreInterval,
  share: number,
  gap: GapSlice | null,
): void {
  const { packetsLost, packetsReceived } = interval;
  const arePacketsCounted = packetsLost !== null && packetsReceived !== null;
  if (arePacketsCounted) {
    add(into, ofWindow.packetsLost, Math.max(0, packetsLost) * share);
    add(into, ofWindow.packetsReceived, packetsReceived * share);
  }
  const bytes = payloadBytes(interval);
  if (into.kind === "video") {
    add(into, ofPicture.bytes, scaled(bytes, share));
    add(into, ofPicture.frames, scaled(framesOf(interval), share));
  } else {
    const ms = (interval.to - interval.from) * share;
    addSamples(into, interval, share, gap);
    if (arePacketsCounted) add(into, ofSound.packetsDiscarded, scaled(interval.packetsDiscarded, share));
    if (bytes !== null && packetsReceived !== null && isSpeech(interval, bytes)) {
      add(into, ofSound.speechBytes, bytes * share);
      add(into, ofSound.speechPackets, packetsReceived * share);
      add(into, ofSound.spokenMs, ms);
    }
    add(into, ofSound.speechMs, scaled(interval.speechActiveMs, share));
    addDelays(into, interval, ms);
  }
  into.path = interval.path ?? into.path;
  into.mimeType = interval.mimeType ?? into.mimeType;
  into.fmtp = interval.fmtp ?? into.fmtp;
  into.clockRate = interval.clockRate ?? into.clockRate;
  into.width = interval.frameWidth ?? into.width;
  into.height = interval.frameHeight ?? into.height;
  into.neededPixels = interval.neededPixels ?? into.neededPixels;
  into.repairable = interval.repairable ?? into.repairable;
}

function addSamples(into: Accumulator, interval: ScoreInterval, share: number, gap: GapSlice | null): void {
  const { totalSamplesReceived: n, concealedSamples: c, silentConcealedSamples: s } = interval;
  if (n === null || c === null) return;
  if (gap === null) {
    add(into, ofSound.totalSamples, n * share);
    add(into, ofSound.concealedSamples, c * share);
    add(into, ofSound.silentSamples, (s ?? 0) * share);
  } else {
    gap.samples += n * share;
    gap.concealed += c * share;
    gap.silent += (s ?? 0) * share;
  }
  add(into, ofSound.concealmentEvents, scaled(interval.concealmentEvents, share));
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
  const sums = a.sums.map((sum, at) => {
    const isHeld = a.kind === "audio" && (at === ofSound.heldKbps || at === ofSound.heldJitterBufferMs);
    const other = b.sums[at] ?? Number.NaN;
    if (isHeld || Number.isNaN(other)) return sum;
    return Number.isNaN(sum) ? other : sum + other;
  });
  return { ...b, sums, invalid: a.invalid || b.invalid, frozen, gaps: [...a.gaps, ...b.gaps] };
}
