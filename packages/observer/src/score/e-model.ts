import { scoreConstants as constants } from "./constants.ts";
import { clamp, mos, type Milliseconds, type Mos, type Percent } from "./units.ts";
import { ln, power } from "./real-functions.ts";

/**
 * Transmission rating to mean opinion score on the narrowband scale (ITU-T G.107 eq. B-4). Divide R by 1.48 first on the
 * fullband scale. The cubic dips below 1 for 0 < R < 6.52, therefore the floor.
 */
export function mosFromR(r: number): Mos {
  if (r <= 0) return mos(1);
  if (r >= 100) return mos(constants.audioMosMaximum.value);
  return mos(Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6));
}

/** How much a delay disturbs: the class of ITU-T G.107. */
export interface DelaySensitivity {
  readonly sT: number;
  readonly mT: Milliseconds;
}

/** Default class: people who talk to each other. */
export const defaultSensitivity: DelaySensitivity = {
  sT: constants.delaySensitivity.value,
  mT: constants.delayThreshold.value as Milliseconds,
};

/** Delay impairment Idd of ITU-T G.107 for a mouth-to-ear delay, on the narrowband scale. */
export function delayImpairment(
  delay: Milliseconds,
  sensitivity: DelaySensitivity = defaultSensitivity,
): number {
  if (delay <= sensitivity.mT) return 0;
  const x = ln(delay / sensitivity.mT) / Math.LN2;
  const order = 6 * sensitivity.sT;
  const root = (value: number): number => power(1 + power(value, order), 1 / order);
  return 25 * (root(x) - 3 * root(x / 3) + 2);
}

/** Scale of a rating. Impairments of one scale must never meet the R of another. */
export interface Scale {
  readonly maximum: number;
  readonly lossCeiling: number;
  /** R divided by this is on the narrowband scale of `mosFromR`; a narrowband impairment times this is on this scale. */
  readonly factor: number;
}

export const narrowband: Scale = {
  maximum: constants.rMaximumNarrowband.value,
  lossCeiling: constants.lossCeilingNarrowband.value,
  factor: 1,
};
export const fullband: Scale = {
  maximum: constants.rMaximumFullband.value,
  lossCeiling: constants.lossCeilingFullband.value,
  factor: constants.fullbandScale.value,
};

/**
 * Effective equipment impairment (ITU-T G.107 eq. 7-29). BurstR is 1 where Bpl already carries the burstiness.
 */
export function effectiveImpairment(
  scale: Scale,
  ie: number,
  bpl: number,
  loss: Percent,
  burstR: number = 1,
): number {
  if (loss <= 0) return ie;
  return ie + ((scale.lossCeiling - ie) * loss) / (loss / burstR + bpl);
}

/** Burst ratio from the mean burst in packets, limited to the domain of ITU-T G.107 table 2. */
export function burstRatio(meanBurst: number, loss: Percent): number {
  // Without the cap R would rise between 50 and 60 % loss.
  return clamp(meanBurst * (1 - Math.min(loss, constants.lossValidity.value) / 100), 1, 2);
}
