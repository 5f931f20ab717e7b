import type { ScoreClass } from "@peerscope/schema";
import { scoreConstants as constants } from "./constants.ts";
import { clamp, type Seconds } from "./units.ts";
import { ln } from "./real-functions.ts";

/** How much each window weighs in the session: 0.8 of the mean and 0.2 of the worst tenth. Adds up to 1. */
export function poolingWeights(values: readonly number[]): number[] {
  const worstCount = Math.ceil(values.length * constants.worstShare.value);
  const order = values.map((_, index) => index);
  order.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
  const worst = new Set(order.slice(0, worstCount));
  return values.map(
    (_, index) =>
      constants.meanWeight.value / values.length +
      (worst.has(index) ? constants.worstWeight.value / worstCount : 0),
  );
}

/** MOS of a session from the MOS of its windows; null without windows. */
export function poolWindows(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const weights = poolingWeights(values);
  const pooled = values.reduce((sum, value, index) => sum + value * (weights[index] ?? 0), 0);
  return clamp(pooled, Math.min(...extremes(values)), Math.max(...extremes(values)));
}

// Rounding may leave the range by one unit in the last place; spreading an eight-hour session into Math.min would not scale.
function extremes(values: readonly number[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** 0..100 form of a MOS: 1 is 0, 4.5 and above is 100. */
export const scoreFromMos = (mos: number): number =>
  100 * clamp((mos - 1) / (constants.audioMosMaximum.value - 1), 0, 1);

/** Factor for the time to the first remote media: 1 up to two seconds, 0.85 from thirty. */
export function joinFactor(join: Seconds): number {
  if (join <= constants.joinFree.value) return 1;
  const share = ln(join / constants.joinFree.value) / ln(constants.joinRange.value);
  return 1 - constants.joinPenalty.value * clamp(share, 0, 1);
}

/** The word beside the number. */
export function scoreClass(
  value: number | null,
  outcome: { readonly neverConnected?: boolean; readonly dropped?: boolean },
): ScoreClass {
  if (outcome.neverConnected === true) return "failed";
  if (outcome.dropped === true) return "dropped";
  if (value === null) return "not-measured";
  if (value >= constants.bandGood.value) return "good";
  return value >= constants.bandFair.value ? "fair" : "poor";
}

/** Share of windows whose MOS is at least 3.6; null without windows. */
export function goodShare(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return values.filter((value) => value >= constants.goodMos.value).length / values.length;
}

/** Ten percent or more of the expected windows are below MOS 3.1. */
export const isPoorSession = (values: readonly number[], expectedWindows: number): boolean =>
  expectedWindows > 0 &&
  values.filter((value) => value < constants.poorMos.value).length / expectedWindows >=
    constants.poorShare.value;
