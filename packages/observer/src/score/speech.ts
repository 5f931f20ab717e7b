import { scoreConstants as constants } from "./constants.ts";

/**
 * Milliseconds of an interval in which somebody was heard on a track: all of it when its level reaches -60 dBFS, else none.
 * `energy` and `duration` are the deltas of totalAudioEnergy and totalSamplesDuration (s); null where one is not reported.
 * The level is the root of energy per second, as https://www.w3.org/TR/webrtc-stats/ defines it.
 */
export function speechActiveMs(energy: number | null, duration: number | null, ms: number): number | null {
  if (energy === null || duration === null || !(energy >= 0) || !(duration > 0)) return null;
  return Math.sqrt(energy / duration) >= constants.speechLevel.value ? ms : 0;
}
