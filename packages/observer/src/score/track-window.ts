import { type Accumulator, type Span, withSpan } from "./accumulator.ts";
import { audioWindow } from "./audio-window.ts";
import { scoreConstants as constants } from "./constants.ts";
import { fraction, milliseconds, percent, seconds, toSeconds } from "./units.ts";
import { videoWindow } from "./video-window.ts";
import { unscored, type ScoreFlag, type WindowResult } from "./window-result.ts";

/** One window of one track, evaluated. */
export interface EvaluatedWindow {
  /** False: less than five seconds of it were expected; it does not exist for the score. */
  readonly expected: boolean;
  /** Video within the ramp-up: shown, not pooled. */
  readonly rampUp: boolean;
  readonly result: WindowResult;
  /** Weight among tracks of the same kind; null unknown. */
  readonly weight: number | null;
}

const average = (sum: number, ms: number): number | null => (ms > 0 ? sum / ms : null);

const typed = <T>(value: number | null, tag: (value: number) => T): T | null =>
  value === null ? null : tag(value);

/** What the gaps of a window come to, as far as they are decided. */
interface Gaps {
  readonly blackout: readonly Span[];
  readonly blackoutMs: number;
  readonly notSendingMs: number;
  readonly undecided: boolean;
  /** Samples of stretches too short to count as a gap. */
  readonly samples: number;
  readonly concealed: number;
  readonly silent: number;
}

/** Long enough to count as a gap. */
const counts = (gap: Span): boolean => gap.to - gap.from >= constants.blackoutMinimum.value;

/** Does the window hold a gap about whose sender nothing is known yet? */
export const hasUndecidedGap = (of: Accumulator): boolean =>
  of.gaps.some((slice) => slice.sending === null && counts(slice.gap));

function readGaps(of: Accumulator): Gaps {
  let blackout: readonly Span[] = [];
  let blackoutMs = 0;
  let notSendingMs = 0;
  let samples = 0;
  let concealed = 0;
  let silent = 0;
  for (const slice of of.gaps) {
    const ms = slice.to - slice.from;
    if (!counts(slice.gap)) {
      samples += slice.samples;
      concealed += slice.concealed;
      silent += slice.silent;
    } else if (slice.sending === true) {
      blackout = withSpan(blackout, slice.from, slice.to);
      blackoutMs += ms;
    } else if (slice.sending === false) {
      notSendingMs += ms;
    }
  }
  return { blackout, blackoutMs, notSendingMs, undecided: hasUndecidedGap(of), samples, concealed, silent };
}

/**
 * Payload bitrate while somebody spoke, kbit/s, else that of an earlier window; null when there was none. Silence is coded with
 * next to nothing, with DTX or without, and says nothing about the codec.
 */
export function speechKbps(of: Accumulator): number | null {
  const { speechBytes: bytes, speechPackets: packets, spokenMs: ms } = of;
  const held = of.heldKbps;
  const enough = constants.nominalPacketRate.value * constants.packetRateShare.value;
  if (ms <= 0 || (packets * 1000) / ms < enough) return held;
  const kbps = (8 * bytes) / ms;
  // The interval in which somebody falls silent has the level of speech and half the bytes: alone it says nothing either.
  const unclear = of.speechMs === null || ms < constants.windowMinimum.value * 1000;
  const doubtful = unclear && held !== null && kbps < held * constants.silenceShare.value;
  return doubtful ? held : kbps;
}

function evaluateAudio(of: Accumulator, gaps: Gaps, measuredMs: number, broadcast: boolean): WindowResult {
  const known = of.totalSamples !== null || gaps.samples > 0;
  return audioWindow({
    totalSamples: known ? (of.totalSamples ?? 0) + gaps.samples : null,
    concealedSamples: known ? (of.concealedSamples ?? 0) + gaps.concealed : null,
    silentConcealedSamples: known ? (of.silentSamples ?? 0) + gaps.silent : null,
    concealmentEvents: of.concealmentEvents,
    packetsLost: of.packetsLost,
    packetsReceived: of.packetsReceived,
    packetsDiscarded: of.packetsDiscarded,
    blackoutShare: fraction(Math.min(1, gaps.blackoutMs / measuredMs)),
    jitterBufferDelay: typed(
      average(of.jitterBufferSum, of.jitterBufferMs) ?? of.heldJitterBufferMs,
      milliseconds,
    ),
    playoutDelay: typed(average(of.playoutSum, of.playoutMs), milliseconds),
    rtt: typed(average(of.rttSum, of.rttMs), milliseconds),
    senderRtt: typed(average(of.senderRttSum, of.senderRttMs), milliseconds),
    path: of.path,
    speechKbps: speechKbps(of),
    mimeType: of.mimeType,
    fmtp: of.fmtp,
    clockRate: of.clockRate,
    broadcast,
  });
}

function evaluateVideo(of: Accumulator, gaps: Gaps, measuredMs: number): WindowResult {
  let frozen = gaps.blackout;
  for (const span of of.frozen) frozen = withSpan(frozen, span.from, span.to);
  const frozenMs = frozen.reduce((sum, span) => sum + span.to - span.from, 0);
  const counted = (of.packetsLost ?? 0) + (of.packetsReceived ?? 0);
  return videoWindow({
    duration: toSeconds(milliseconds(measuredMs)),
    frozen: toSeconds(milliseconds(Math.min(frozenMs, measuredMs))),
    blackout: toSeconds(milliseconds(Math.min(gaps.blackoutMs, frozenMs, measuredMs))),
    // A freeze across a border or still running is booked by the browser elsewhere, or not yet.
    freezeCount: Math.max(of.freezeCount, frozen.length),
    frames: of.frames,
    payloadBytes: of.bytes,
    width: of.width,
    height: of.height,
    neededPixels: of.neededPixels,
    mimeType: of.mimeType,
    loss: counted > 0 ? percent((100 * (of.packetsLost ?? 0)) / counted) : null,
    repairable: of.repairable ?? true,
    screenShare: of.screenMs * 2 > of.measuredMs,
  });
}

/** Turns the sums of one window of one track into its estimated MOS. Pure. */
export function evaluateTrackWindow(
  of: Accumulator,
  kind: "audio" | "video",
  broadcast: boolean,
): EvaluatedWindow {
  const gaps = readGaps(of);
  const minimumMs = constants.windowMinimum.value * 1000;
  const expectedMs = of.expectedMs - gaps.notSendingMs;
  const measuredMs = of.measuredMs - gaps.notSendingMs;
  const pixels = of.neededPixels ?? (of.width !== null && of.height !== null ? of.width * of.height : null);
  const common = {
    expected: expectedMs >= minimumMs,
    rampUp: kind === "video" && of.rampUpMs >= of.expectedMs * constants.rampUpShare.value,
    weight: kind === "audio" ? of.speechMs : pixels,
  };
  if (!common.expected) return { ...common, result: unscored("too-short") };
  if (gaps.undecided) return { ...common, result: unscored("sender-unknown") };
  if (measuredMs < minimumMs) {
    return { ...common, result: unscored(of.invalid ? "invalid-input" : "no-stats") };
  }
  const result =
    kind === "audio" ? evaluateAudio(of, gaps, measuredMs, broadcast) : evaluateVideo(of, gaps, measuredMs);
  const whole = toSeconds(milliseconds(measuredMs)) >= seconds(constants.windowLength.value) * 0.95;
  const flags: readonly ScoreFlag[] = whole ? result.flags : [...result.flags, "short_window"];
  return { ...common, result: { ...result, flags } };
}
