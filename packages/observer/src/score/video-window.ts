import { scoreConstants as constants } from "./constants.ts";
import { clamp, type Percent, type Seconds } from "./units.ts";
import {
  isCount,
  unscored,
  type NullReason,
  type ScoreFlag,
  type ScoreTerm,
  type WindowResult,
  type WindowTerm,
} from "./window-result.ts";
import { exponential, ln, power } from "./real-functions.ts";

/** About ten seconds of one received video track in which video was expected. */
export interface VideoWindowInput {
  readonly duration: Seconds;
  /** Time without a new frame that counts as frozen, pauses and running freezes included. */
  readonly frozen: Seconds;
  /** Part of `frozen` in which no packet came although the sender sent. */
  readonly blackout: Seconds;
  readonly freezeCount: number;
  /** Frames shown (rendered, else decoded); null: not reported. */
  readonly frames: number | null;
  /** Payload bytes without retransmissions; null: not reported. */
  readonly payloadBytes: number | null;
  readonly width: number | null;
  readonly height: number | null;
  /** Pixels the page shows; null: unknown, no resolution penalty. */
  readonly neededPixels: number | null;
  readonly mimeType: string | null;
  /** Packet loss, percent; counts only where nothing repairs it. */
  readonly loss: Percent | null;
  readonly repairable: boolean;
  readonly screenShare: boolean;
}

/** The factors of the video model, each 0..1. */
export interface VideoFactors {
  readonly compression: number;
  readonly frameRate: number;
  readonly resolution: number;
  readonly freeze: number;
  readonly loss: number;
}

/** The video model's result with its factors. */
export interface VideoWindowResult extends WindowResult {
  readonly factors: VideoFactors | null;
}

const noVideo = (reason: NullReason): VideoWindowResult => ({ ...unscored(reason), factors: null });

/** Saturating exponential through (0, 0) and (1, 1): the common form of the Q-STAR factors. */
const saturate = (exponent: number, value: number): number =>
  (1 - exponential(-exponent * value)) / (1 - exponential(-exponent));

/** How many bits of VP8 one bit of this codec is worth. */
export function codecEfficiency(mimeType: string | null): number {
  switch (mimeType?.toLowerCase()) {
    case "video/vp9":
      return constants.kappaVp9.value;
    case "video/av1":
    case "video/av1x":
      return constants.kappaAv1.value;
    case "video/h265":
      return constants.kappaH265.value;
    case "video/h264":
      return constants.kappaH264.value;
    default:
      return constants.kappaVp8.value;
  }
}

/** MOS that compression alone allows, from bits per pixel per frame (VP8 equivalent). */
export function compressionMos(bitsPerPixelPerFrame: number): number {
  if (bitsPerPixelPerFrame <= 0) return 1;
  const { compressionOffset: offset, compressionSlope: slope, videoMosMaximum: maximum } = constants;
  const logit = (ln(bitsPerPixelPerFrame) + offset.value) / slope.value;
  return 1 + (maximum.value - 1) / (1 + exponential(-logit));
}

/** Frame-rate factor against the reference rate. */
export function frameRateFactor(fps: number): number {
  const reference = constants.frameRateReference.value;
  return saturate(constants.frameRateExponent.value, Math.min(fps, reference) / reference);
}

/** Resolution factor for the share of needed pixels that is delivered. */
export const resolutionFactor = (pixelShare: number): number =>
  saturate(constants.resolutionExponent.value, clamp(pixelShare, 0, 1) ** constants.resolutionPower.value);

/** Freeze factor for a number of freezes and their seconds in a window of `duration` seconds. */
export function freezeFactor(count: number, frozen: number, duration: number): number {
  const share = clamp(frozen / duration, 0, 1);
  const perTenSeconds = (count * constants.windowLength.value) / duration;
  return (
    power(1 - share, constants.freezePower.value) *
    exponential(-perTenSeconds / constants.freezeCountDivisor.value)
  );
}

/** Factor for loss that nothing repairs, percent. */
export const videoLossFactor = (loss: Percent): number => 1 / (1 + loss / constants.videoLossDivisor.value);

/** Lost MOS in proportion to the logarithm of each factor; a factor of 0 takes everything. */
function explain(lostMos: number, factors: readonly (readonly [ScoreTerm, number])[]): WindowTerm[] {
  let total = 0;
  for (const [term, value] of factors) {
    if (value <= 0) return [{ term, lostMos }];
    total += ln(value);
  }
  if (total >= 0 || lostMos <= 0) return [];
  const terms: WindowTerm[] = [];
  for (const [term, value] of factors) {
    if (value < 1) terms.push({ term, lostMos: (lostMos * ln(value)) / total });
  }
  return terms;
}

/** The frozen part, divided into what never arrived and what arrived but was not shown. */
function splitFreeze(terms: readonly WindowTerm[], input: VideoWindowInput): WindowTerm[] {
  const share = input.frozen > 0 ? clamp(input.blackout / input.frozen, 0, 1) : 0;
  if (share === 0) return [...terms];
  return terms.flatMap((term): WindowTerm[] => {
    if (term.term !== "freeze") return [term];
    const blackout: WindowTerm = { term: "blackout", lostMos: term.lostMos * share };
    return share === 1 ? [blackout] : [{ ...term, lostMos: term.lostMos * (1 - share) }, blackout];
  });
}

function checked(input: VideoWindowInput): NullReason | null {
  const counts = [
    input.frozen,
    input.blackout,
    input.freezeCount,
    input.frames,
    input.payloadBytes,
    input.width,
    input.height,
    input.neededPixels,
    input.loss,
  ];
  if (counts.some((value) => value !== null && !isCount(value))) return "invalid-input";
  if (!(Number.isFinite(input.duration) && input.duration > 0)) return "invalid-input";
  if (input.loss !== null && input.loss > 100) return "out-of-range";
  const fps = (input.frames ?? 0) / input.duration;
  return fps > constants.frameRateLimit.value ? "out-of-range" : null;
}

/**
 * Estimated MOS of one video window, 1..4.9: a product of factors for compression, frame rate, resolution, freezes and
 * unrepaired loss (form of Q-STAR, Ou, Xue, Wang, IEEE TIP 2014; constants ours). Screen share is judged by resolution and
 * freezes alone. Pure; null with a reason where the inputs do not allow a number.
 */
export function videoWindow(input: VideoWindowInput): VideoWindowResult {
  const invalid = checked(input);
  if (invalid !== null) return noVideo(invalid);
  const flags: ScoreFlag[] = [];
  const span = constants.videoMosMaximum.value - 1;
  const frozen = Math.min(input.frozen, input.duration);
  const freeze = freezeFactor(input.freezeCount, frozen, input.duration);
  const { frames, width, height } = input;

  const dead = freeze <= 0 || (frames === 0 && !input.screenShare);
  if (dead) {
    const terms = splitFreeze([{ term: "freeze", lostMos: span }], input);
    return { mos: 1, reason: null, flags, terms, factors: null };
  }
  if (width === null || height === null || width * height < 1) return noVideo("no-stats");
  const pixels = width * height;
  let resolution = 1;
  if (input.neededPixels !== null && input.neededPixels > 0) {
    resolution = resolutionFactor(pixels / input.neededPixels);
  } else {
    flags.push("no-display-size");
  }
  let compression = 1;
  let frameRate = 1;
  let loss = 1;
  if (!input.screenShare) {
    if (frames === null || input.payloadBytes === null) return noVideo("no-stats");
    const unfrozen = input.duration - frozen;
    // Bits per frame: frozen time is in neither, so it is not punished twice.
    const bits = 8 * input.payloadBytes * codecEfficiency(input.mimeType);
    compression = (compressionMos(bits / (pixels * frames)) - 1) / span;
    frameRate = frameRateFactor(frames / unfrozen);
    loss = input.repairable || input.loss === null ? 1 : videoLossFactor(input.loss);
  }
  const factors: VideoFactors = { compression, frameRate, resolution, freeze, loss };
  const mos = 1 + span * compression * frameRate * resolution * freeze * loss;
  const terms = explain(constants.videoMosMaximum.value - mos, [
    ["freeze", freeze],
    ["compression", compression],
    ["frame-rate", frameRate],
    ["resolution", resolution],
    ["loss", loss],
  ]);
  return { mos, reason: null, flags, terms: splitFreeze(terms, input), factors };
}
