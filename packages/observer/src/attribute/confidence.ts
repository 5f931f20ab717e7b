import type { FaultDomain, VerdictSignal } from "@peerscope/schema";

/*
 * Confidence of the observation catalogue, section 3.3. Weights:
 * 0.9 definitive event, 0.6 direct directional measurement, 0.5 clean control, 0.4 correlated secondary signal, 0.3 pattern only.
 */
export const weights = {
  definitive: 0.9,
  direct: 0.6,
  control: 0.5,
  secondary: 0.4,
  pattern: 0.3,
} as const;

/** Never more certain than this. Catalogue 3.3. */
export const highestConfidence = 0.95;
/** When the other side was not recorded and the statement concerns it. Catalogue 3.3. */
export const oneSidedConfidence = 0.5;
/** Below it, nothing is stated. Catalogue 3.3. */
export const statedConfidence = 0.6;
/** So far ahead of the next domain a stated one must be. Catalogue 3.3. */
export const statedLead = 0.15;

/** A signal with the family of counters it comes from: one family counts once. */
export interface Signal extends VerdictSignal {
  readonly family: string;
}

/** (1 - prod(1 - e)) * prod(1 - a), weights in 0..1. */
export function confidence(supporting: readonly number[], contradicting: readonly number[]): number {
  let unexplained = 1;
  for (const weight of supporting) unexplained *= 1 - clamp(weight);
  let uncontradicted = 1;
  for (const weight of contradicting) uncontradicted *= 1 - clamp(weight);
  return (1 - unexplained) * uncontradicted;
}

function clamp(weight: number): number {
  return Math.min(1, Math.max(0, weight));
}

/** The strongest signal of each family: what counts as independent. */
export function independent(signals: readonly Signal[]): Signal[] {
  const strongest = new Map<string, Signal>();
  for (const signal of signals) {
    const known = strongest.get(signal.family);
    if (known === undefined || signal.weight > known.weight) strongest.set(signal.family, signal);
  }
  return [...strongest.values()];
}

/** One possible explanation with its confidence. */
export interface Explanation {
  readonly faultDomain: FaultDomain;
  readonly for: readonly Signal[];
  readonly against: readonly Signal[];
  /** Upper limit, for example because the other side was not recorded. */
  readonly cap?: number;
}

/** Confidence of one explanation, capped. */
export function confidenceOf(explanation: Explanation): number {
  const value = confidence(
    independent(explanation.for).map(({ weight }) => weight),
    independent(explanation.against).map(({ weight }) => weight),
  );
  return Math.min(value, explanation.cap ?? highestConfidence, highestConfidence);
}

/** May it be stated: at least two independent signals or one definitive event, and enough confidence? */
export function isStatable(explanation: Explanation): boolean {
  const signals = independent(explanation.for);
  const definitive = signals.some(({ weight }) => weight >= weights.definitive);
  if (!definitive && signals.length < 2) return false;
  return confidenceOf(explanation) >= statedConfidence - 1e-9;
}
