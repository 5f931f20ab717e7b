import type { StatsObject } from "@peerscope/schema";

/** A value that a browser reported and that cannot be true. */
export interface ImpossibleValue {
  /** W3C stats type and member. */
  readonly stat: string;
  readonly field: string;
  readonly value: number;
}

/** More packets than this were never taken back: an overflow of the counter. Published. */
export const lowestPacketsLost: number = -1_000_000;

/** Milliseconds since 1970 until the year 5138; microseconds of today are more. Ours. */
const latestTimestamp = 1e14;

/** Values of one report that are kept. Ours. */
const maximumValues = 20;

/** What is the least and the most that a member can be, by stats type. */
const ranges: {
  readonly [type: string]: readonly (readonly [member: string, least: number, most: number])[];
} = {
  "inbound-rtp": [
    ["packetsLost", lowestPacketsLost, Infinity],
    ["jitter", 0, Infinity],
    ["audioLevel", 0, 1],
    ["timestamp", 0, latestTimestamp],
  ],
  "outbound-rtp": [["timestamp", 0, latestTimestamp]],
  "remote-inbound-rtp": [
    ["packetsLost", lowestPacketsLost, Infinity],
    ["fractionLost", 0, 1],
    ["roundTripTime", 0, Infinity],
    ["jitter", 0, Infinity],
  ],
  "media-source": [["audioLevel", 0, 1]],
  "candidate-pair": [["currentRoundTripTime", 0, Infinity]],
};

const isWithin = (value: unknown, least: number, most: number): boolean =>
  typeof value !== "number" || (value >= least && value <= most);

/** The same as the table, written out: nearly every object passes, and it is asked of each. */
function isPlausible(type: string, stats: StatsObject): boolean {
  switch (type) {
    case "inbound-rtp":
      return (
        isWithin(stats["packetsLost"], lowestPacketsLost, Infinity) &&
        isWithin(stats["jitter"], 0, Infinity) &&
        isWithin(stats["audioLevel"], 0, 1) &&
        isWithin(stats.timestamp, 0, latestTimestamp)
      );
    case "outbound-rtp":
      return isWithin(stats.timestamp, 0, latestTimestamp);
    case "remote-inbound-rtp":
      return (
        isWithin(stats["packetsLost"], lowestPacketsLost, Infinity) &&
        isWithin(stats["fractionLost"], 0, 1) &&
        isWithin(stats["roundTripTime"], 0, Infinity) &&
        isWithin(stats["jitter"], 0, Infinity)
      );
    case "media-source":
      return isWithin(stats["audioLevel"], 0, 1);
    case "candidate-pair":
      return isWithin(stats["currentRoundTripTime"], 0, Infinity);
    default:
      return true;
  }
}

/** Adds the members of a statistics object that are outside of what they can be; gives back the same list, or a new one for the first. */
export function findImpossible(
  type: string,
  stats: StatsObject,
  found: readonly ImpossibleValue[],
): readonly ImpossibleValue[] {
  if (isPlausible(type, stats) || found.length >= maximumValues) return found;
  const checks = ranges[type];
  if (checks === undefined) return found;
  let all = found;
  for (const [field, least, most] of checks) {
    const value = stats[field];
    if (typeof value !== "number" || (value >= least && value <= most)) continue;
    if (Number.isFinite(value)) all = [...all, { stat: type, field, value }];
  }
  return all;
}
