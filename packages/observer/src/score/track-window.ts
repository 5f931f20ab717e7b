import {
  type Accumulator,
  ofPicture,
  ofSound,
  ofWindow,
  type Span,
  sumOf,
  told,
  withSpan,
} from "./accumulator.ts";
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

function average(of: Accumulator, sumAt: number, msAt: number): number | null {
  const ms = sumOf(of, msAt);
  return ms > 0 ? sumOf(of, sumAt) / ms : null;
}

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
export function hasUndecidedGap({ gaps }: Accumulator): boolean {
  for (const { sending, gap } of gaps) if (sending === null && counts(gap)) return true;
  return false;
}

const noGaps: Gaps = {
  blackout: [],
  blackoutMs: 0,
  notSendingMs: 0,
  undecided: false,
  samples: 0,
  concealed: 0,
  silent: 0,
};

function readGaps(of: Accumulator): Gaps {
  if (of.gaps.length === 0) return noGaps;
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
  const ms = sumOf(of, ofSound.spokenMs);
  const held = told(of, ofSound.heldKbps);
  const enough = constants.nominalPacketRate.value * constants.packetRateShare.value;
  if (ms <= 0 || (sumOf(of, ofSound.speechPackets) * 1000) / ms < enough) return held;
  const kbps = (8 * sumOf(of, ofSound.speechBytes)) / ms;
  // The interval in which somebody falls silent has the level of speech and half the bytes: alone it says nothing either.
  const unclear = told(of, ofSound.speechMs) === null || ms < constants.windowMinimum.value * 1000;
  const doubtful = unclear && held !== null && kbps < held * constants.silenceShare.value;
  return doubtful ? held : kbps;
}

function evaluateAudio(of: Accumulator, gaps: Gaps, measuredMs: number, broadcast: boolean): WindowResult {
  const samples = told(of, ofSound.totalSamples);
  const known = samples !== null || gaps.samples > 0;
  return audioWindow({
    totalSamples: known ? (samples ?? 0) + gaps.samples : null,
    concealedSamples: known ? sumOf(of, ofSound.concealedSamples) + gaps.concealed : null,
    silentConcealedSamples: known ? sumOf(of, ofSound.silentSamples) + gaps.silent : null,
    concealmentEvents: told(of, ofSound.concealmentEvents),
    packetsLost: told(of, ofWindow.packetsLost),
    packetsReceived: told(of, ofWindow.packetsReceived),
    packetsDiscarded: told(of, ofSound.packetsDiscarded),
    blackoutShare: fraction(Math.min(1, gaps.blackoutMs / measuredMs)),
    jitterBufferDelay: typed(
      average(of, ofSound.jitterBufferSum, ofSound.jitterBufferMs) ?? told(of, ofSound.heldJitterBufferMs),
      milliseconds,
    ),
    playoutDelay: typed(average(of, ofSound.playoutSum, ofSound.playoutMs), milliseconds),
    rtt: typed(average(of, ofSound.rttSum, ofSound.rttMs), milliseconds),
    senderRtt: typed(average(of, ofSound.senderRttSum, ofSound.senderRttMs), milliseconds),
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
  let frozenMs = 0;
  for (const span of frozen) frozenMs = frozenMs + span.to - span.from;
  const lost = sumOf(of, ofWindow.packetsLost);
  const counted = lost + sumOf(of, ofWindow.packetsReceived);
  return videoWindow({
    duration: toSeconds(milliseconds(measuredMs)),
    frozen: toSeconds(milliseconds(Math.min(frozenMs, measuredMs))),
    blackout: toSeconds(milliseconds(Math.min(gaps.blackoutMs, frozenMs, measuredMs))),
    // A freeze across a border or still running is booked by the browser elsewhere, or not yet.
    freezeCount: Math.max(sumOf(of, ofPicture.freezeCount), frozen.length),
    frames: told(of, ofPicture.frames),
    payloadBytes: told(of, ofPicture.bytes),
    width: of.width,
    height: of.height,
    neededPixels: of.neededPixels,
    mimeType: of.mimeType,
    loss: counted > 0 ? percent((100 * lost) / counted) : null,
    repairable: of.repairable ?? true,
    screenShare: sumOf(of, ofPicture.screenMs) * 2 > sumOf(of, ofWindow.measuredMs),
  });
}

/** Turns the sums of one window of one track into its estimated MOS. Pure. */
export function evaluateTrackWindow(of: Accumulator, broadcast: boolean): EvaluatedWindow {
  const { kind } = of;
  const gaps = readGaps(of);
  const minimumMs = constants.windowMinimum.value * 1000;
  const allMs = sumOf(of, ofWindow.expectedMs);
  const expectedMs = allMs - gaps.notSendingMs;
  const measuredMs = sumOf(of, ofWindow.measuredMs) - gaps.notSendingMs;
  const pixels = of.neededPixels ?? (of.width !== null && of.height !== null ? of.width * of.height : null);
  const expected = expectedMs >= minimumMs;
  const rampUp = kind === "video" && sumOf(of, ofPicture.rampUpMs) >= allMs * constants.rampUpShare.value;
  const weight = kind === "audio" ? told(of, ofSound.speechMs) : pixels;
  if (!expected) return { expected, rampUp, result: unscored("too-short"), weight };
  if (gaps.undecided) return { expected, rampUp, result: unscored("sender-unknown"), weight };
  if (measuredMs < minimumMs) {
    const reason = of.invalid ? "invalid-input" : "no-stats";
    return { expected, rampUp, result: unscored(reason), weight };
  }
  const result =
    kind === "audio" ? evaluateAudio(of, gaps, measuredMs, broadcast) : evaluateVideo(of, gaps, measuredMs);
  const whole = toSeconds(milliseconds(measuredMs)) >= seconds(constants.windowLength.value) * 0.95;
  const { mos, reason, terms } = result;
  const flags: readonly ScoreFlag[] = whole ? result.flags : [...result.flags, "short_window"];
  return { expected, rampUp, result: { mos, reason, flags, terms }, weight };
}
