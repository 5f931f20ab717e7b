import { effectiveImpairment, fullband } from "./e-model.ts";
import type { Percent } from "./units.ts";

/** Impairment of Opus at one bitrate: at no loss, and how robust it is against loss. */
export interface OpusNode {
  readonly kbps: number;
  readonly ie: number;
  readonly bplRandom: number;
  readonly bplBursty: number;
}

const node = (kbps: number, ie: number, bplRandom: number, bplBursty: number): OpusNode => ({
  kbps,
  ie,
  bplRandom,
  bplBursty,
});

/**
 * Super-wideband VBR rows of Alahmadi, Pocta and Melvin, ACM TOMM 2021, doi 10.1145/3458751 (values released under the
 * MIT licence, file Opus_emodel.js), used on the fullband scale. The bursty column is read as BurstR 2.
 */
export const publishedOpusNodes: readonly OpusNode[] = [
  node(14, 38.06, 16.51, 9.13),
  node(15, 34.12, 15, 7.9),
  node(16, 30.163, 11.83, 10.06),
  node(19, 23.807, 10.67, 8.92),
  node(22, 20.223, 10.47, 8.57),
  node(25, 20.209, 11.28, 9.18),
  node(28, 18.477, 10.63, 8.91),
  node(31, 16.829, 10.44, 8.82),
  node(34, 14.759, 10.12, 8.54),
  node(37, 12.078, 10.38, 8.3),
  node(40, 10.666, 9.79, 8.04),
];

/** The published rows between two end nodes of ours; outside them the end value holds. */
export const opusNodes: readonly OpusNode[] = [
  node(8.5, 60, 16.51, 9.13),
  ...publishedOpusNodes,
  // 10.2 is the EVS value at 48 kbit/s: Ie does not fall to 0.
  node(48, 10.2, 9.79, 8.04),
];

/** Below this bitrate (kbit/s) nothing is published. */
export const opusPublishedFrom: number = 14;

/** Ieeff of one node. `burstR` 1..2 moves from the random to the bursty column. */
export function opusNodeImpairment(at: OpusNode, loss: Percent, burstR: number): number {
  const bpl = at.bplRandom + (at.bplBursty - at.bplRandom) * (burstR - 1);
  return effectiveImpairment(fullband, at.ie, bpl, loss);
}

/**
 * Ieeff of Opus for a bitrate (kbit/s), loss and burst ratio. The published rows are not monotone in bitrate, so the running
 * minimum from the lowest bitrate upward is taken before interpolating: more bits never sound worse.
 */
export function opusImpairment(kbps: number, loss: Percent, burstR: number = 1): number {
  let previousKbps = Number.NaN;
  let previous = Number.NaN;
  for (const at of opusNodes) {
    const own = opusNodeImpairment(at, loss, burstR);
    const isFirst = Number.isNaN(previousKbps);
    const impairment = isFirst ? own : Math.min(previous, own);
    if (kbps <= at.kbps) {
      if (isFirst) return impairment;
      return previous + (impairment - previous) * ((kbps - previousKbps) / (at.kbps - previousKbps));
    }
    previousKbps = at.kbps;
    previous = impairment;
  }
  return previous;
}
