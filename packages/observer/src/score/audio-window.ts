import { scoreConstants as constants } from "./constants.ts";
import {
  burstRatio,
  delayImpairment,
  effectiveImpairment,
  fullband,
  mosFromR,
  narrowband,
  type Scale,
} from "./e-model.ts";
import { opusImpairment, opusPublishedFrom } from "./opus.ts";
import { clamp, fraction, milliseconds, toPercent, type Fraction, type Milliseconds } from "./units.ts";
import {
  isCount,
  unscored,
  type NullReason,
  type ScoreFlag,
  type ScoreTerm,
  type WindowResult,
  type WindowTerm,
} from "./window-result.ts";

/** Ten seconds of one received audio track; blacked-out time is already taken out of the sample counters. */
export interface AudioWindowInput {
  /** Samples, concealed ones included; null: not reported. */
  readonly totalSamples: number | null;
  readonly concealedSamples: number | null;
  readonly silentConcealedSamples: number | null;
  readonly concealmentEvents: number | null;
  readonly packetsLost: number | null;
  readonly packetsReceived: number | null;
  readonly packetsDiscarded: number | null;
  /** Share of the window without any packet while the sender sent. */
  readonly blackoutShare: Fraction;
  readonly jitterBufferDelay: Milliseconds | null;
  readonly playoutDelay: Milliseconds | null;
  /** 0 counts as unknown. */
  readonly rtt: Milliseconds | null;
  readonly senderRtt: Milliseconds | null;
  readonly path: "direct" | "server" | null;
  /** Payload bitrate while speaking, kbit/s; null: never seen, the fmtp line or the default decides. */
  readonly speechKbps: number | null;
  readonly mimeType: string | null;
  readonly fmtp: string | null;
  /** Hz of the sample counters; null: 48 000, or 8 000 for G.711. */
  readonly clockRate: number | null;
  /** One-way listening: delay is not scored. */
  readonly broadcast?: boolean;
}

/** The audio model's result with its intermediate values. */
export interface AudioWindowResult extends WindowResult {
  /** The value without delay: what a listener who never answers would say. */
  readonly listeningMos: number | null;
  readonly rating: number | null;
  /** Loss as the model took it, percent. */
  readonly lossPercent: number | null;
  /** Mouth to ear, ms. */
  readonly delayMs: number | null;
}

type Codec = "opus" | "g711";

const noAudio = (reason: NullReason): AudioWindowResult => ({
  ...unscored(reason),
  listeningMos: null,
  rating: null,
  lossPercent: null,
  delayMs: null,
});

/** The codec model that applies; RED carries Opus in WebRTC. Null: no published impairment. */
export function audioCodec(mimeType: string | null): Codec | null {
  switch (mimeType?.toLowerCase()) {
    case "audio/opus":
    case "audio/red":
      return "opus";
    case "audio/pcmu":
    case "audio/pcma":
      return "g711";
    default:
      return null;
  }
}

/** Value of one parameter of an sdpFmtpLine; null when absent. */
export function fmtpParameter(fmtp: string | null, name: string): string | null {
  for (const part of (fmtp ?? "").split(";")) {
    const [key, value] = part.split("=");
    if (key?.trim().toLowerCase() === name && value !== undefined) return value.trim();
  }
  return null;
}

interface LossInput {
  readonly concealment: Fraction;
  readonly fallback: boolean;
}

/** Counters up to this much beyond their whole are rounding of two clocks, more is a broken counter. Ours. */
const overshoot = 1.05;

/** Hz; no audio codec samples slower. Ours. */
const lowestClockRate = 1000;

/** Share of what was heard that had to be made up (section "loss" of docs/reference/scoring.md). */
function concealmentOf(input: AudioWindowInput): LossInput | NullReason {
  const { totalSamples: n, concealedSamples: c, packetsLost, packetsReceived } = input;
  const s = input.silentConcealedSamples ?? 0;
  const counted = packetsLost === null || packetsReceived === null ? 0 : packetsLost + packetsReceived;
  const missing = counted > 0 && packetsLost !== null ? packetsLost / counted : 0;
  if (n !== null && c !== null) {
    if (c > n * overshoot + 1 || s > c * overshoot + 1) return "out-of-range";
    const audible = clamp((c - s) / Math.max(n - s, 1), 0, 1);
    const all = n > 0 ? Math.min(1, c / n) : 0;
    return { concealment: fraction(Math.max(audible, Math.min(all, missing))), fallback: false };
  }
  if (packetsLost === null || packetsReceived === null || counted === 0) return "no-stats";
  const discarded = input.packetsDiscarded ?? 0;
  const late = packetsReceived > 0 ? discarded / packetsReceived : 0;
  if (late > overshoot) return "out-of-range";
  const repair =
    (fmtpParameter(input.fmtp, "useinbandfec") === "1" ? constants.fecFactor.value : 1) *
    (input.mimeType?.toLowerCase() === "audio/red" ? constants.redFactor.value : 1);
  const lost = 1 - (1 - missing) * (1 - Math.min(1, late));
  return { concealment: fraction(lost * repair), fallback: true };
}

/** Mean burst in 20 ms packets; 1 when no burst was counted. */
function meanBurst(input: AudioWindowInput, clockRate: number): number {
  const { concealedSamples: c, concealmentEvents: events } = input;
  if (c === null || events === null || events <= 0) return 1;
  const audible = Math.max(0, c - (input.silentConcealedSamples ?? 0));
  return audible / events / (clockRate * constants.packetDuration.value);
}

/** Mouth-to-ear delay from what is known; what is unknown is left out and flagged, never taken as zero silently. */
function delayOf(input: AudioWindowInput, codec: Codec, flags: ScoreFlag[]): Milliseconds {
  const known = (rtt: Milliseconds | null): number | null => (rtt !== null && rtt > 0 ? rtt / 2 : null);
  const own = known(input.rtt);
  const sender = known(input.senderRtt);
  if (own === null || input.path === null || (input.path === "server" && sender === null)) {
    flags.push("delay_partial");
  }
  const network = (own ?? 0) + (input.path === "server" ? (sender ?? 0) : 0);
  if (input.playoutDelay === null) flags.push("default_playout");
  return milliseconds(
    (codec === "opus" ? constants.codecDelay.value : constants.codecDelayG711.value) +
      constants.captureDelay.value +
      network +
      (input.jitterBufferDelay ?? constants.jitterBufferDefault.value) +
      (input.playoutDelay ?? constants.playoutDefault.value),
  );
}

/** Bitrate for the codec's impairment: measured speech, else the negotiated maximum, else the default. */
function opusKbps(input: AudioWindowInput, flags: ScoreFlag[]): number {
  if (input.speechKbps !== null) return input.speechKbps;
  flags.push("default_bitrate");
  const negotiated = Number(fmtpParameter(input.fmtp, "maxaveragebitrate"));
  return Number.isFinite(negotiated) && negotiated > 0
    ? negotiated / 1000
    : constants.opusBitrateDefault.value;
}

function checked(input: AudioWindowInput): NullReason | null {
  const counts = [
    input.totalSamples,
    input.concealedSamples,
    input.silentConcealedSamples,
    input.concealmentEvents,
    input.packetsLost,
    input.packetsReceived,
    input.packetsDiscarded,
    input.jitterBufferDelay,
    input.playoutDelay,
    input.rtt,
    input.senderRtt,
    input.speechKbps,
    input.blackoutShare,
  ];
  if (counts.some((value) => value !== null && !isCount(value))) return "invalid-input";
  if (input.clockRate !== null && !(Number.isFinite(input.clockRate) && input.clockRate >= lowestClockRate))
    return "invalid-input";
  if (input.blackoutShare > 1 + 1e-9) return "out-of-range";
  const limit = constants.roundTripLimit.value;
  const delays = [input.rtt, input.senderRtt, input.jitterBufferDelay, input.playoutDelay];
  return delays.some((value) => value !== null && value > limit) ? "out-of-range" : null;
}

/** Lost MOS in proportion to lost R; terms that cost nothing are left out. */
function shareLostMos(lostMos: number, parts: readonly (readonly [ScoreTerm, number])[]): WindowTerm[] {
  let total = 0;
  for (const [, value] of parts) total += value;
  if (total <= 0 || lostMos <= 0) return [];
  const terms: WindowTerm[] = [];
  for (const [term, value] of parts) {
    if (value > 0) terms.push({ term, lostMos: (lostMos * value) / total });
  }
  return terms;
}

/**
 * Estimated MOS of one audio window, 1..4.5: the E-model of ITU-T G.107/G.107.2 with Opus (or G.711) impairments, measured
 * concealment as its loss and mouth-to-ear delay as its delay. Pure; null with a reason where the inputs do not allow a number.
 */
export function audioWindow(input: AudioWindowInput): AudioWindowResult {
  const invalid = checked(input);
  if (invalid !== null) return noAudio(invalid);
  const flags: ScoreFlag[] = [];
  const maximum = constants.audioMosMaximum.value;
  const blackout = Math.min(1, input.blackoutShare);
  if (blackout >= constants.blackoutTotal.value) {
    // Media was expected and none came: no codec or delay is left to judge.
    const terms: WindowTerm[] = [{ term: "blackout", lostMos: maximum - 1 }];
    return {
      mos: 1,
      listeningMos: 1,
      reason: null,
      flags,
      terms,
      rating: 0,
      lossPercent: 100,
      delayMs: null,
    };
  }
  const codec = audioCodec(input.mimeType);
  if (codec === null) return noAudio(input.mimeType === null ? "no-stats" : "codec-unsupported");
  const lossInput = concealmentOf(input);
  if (typeof lossInput === "string") return noAudio(lossInput);
  if (lossInput.fallback) flags.push("fallback_loss");

  const concealedShare = lossInput.concealment * (1 - blackout);
  const loss = toPercent(fraction(Math.min(1, concealedShare + blackout)));
  const clockRate = input.clockRate ?? (codec === "opus" ? 48_000 : 8_000);
  const burstR = burstRatio(meanBurst(input, clockRate), loss);
  const delay = delayOf(input, codec, flags);

  let scale: Scale;
  let codecCost: number;
  let equipment: number;
  if (codec === "opus") {
    const kbps = opusKbps(input, flags);
    scale = fullband;
    codecCost = opusImpairment(kbps, toPercent(fraction(0)));
    equipment = opusImpairment(kbps, loss, burstR);
    if (kbps < opusPublishedFrom) flags.push("extrapolated");
  } else {
    scale = narrowband;
    codecCost = 0;
    equipment = effectiveImpairment(scale, 0, constants.g711Bpl.value, loss, burstR);
  }
  const delayCost = input.broadcast === true ? 0 : scale.factor * delayImpairment(delay);
  const outside = loss > constants.lossValidity.value || delay > constants.delayValidity.value;
  if (outside && !flags.includes("extrapolated")) flags.push("extrapolated");

  const rating = scale.maximum - delayCost - equipment;
  const mos = mosFromR(rating / scale.factor);
  const lossCost = equipment - codecCost;
  const blackoutCost = loss > 0 ? (lossCost * toPercent(fraction(blackout))) / loss : 0;
  return {
    mos,
    listeningMos: mosFromR((scale.maximum - equipment) / scale.factor),
    reason: null,
    flags,
    terms: shareLostMos(maximum - mos, [
      // What a narrowband line cannot carry is the codec's share.
      ["codec", codecCost + Math.max(0, 100 - scale.maximum / scale.factor) * scale.factor],
      ["loss", lossCost - blackoutCost],
      ["blackout", blackoutCost],
      ["delay", delayCost],
    ]),
    rating,
    lossPercent: loss,
    delayMs: delay,
  };
}
