import type { Detector } from "../view.ts";
import { noAudioPlayedOut } from "./no-audio-played-out.ts";
import { playbackBlocked } from "./playback-blocked.ts";
import { playoutGlitches } from "./playout-glitches.ts";
import { remoteAudioTooQuiet } from "./remote-audio-too-quiet.ts";

/** Detectors of the category playout, in the order in which they run. */
export const playoutDetectors: readonly Detector[] = [
  playbackBlocked,
  noAudioPlayedOut,
  playoutGlitches,
  remoteAudioTooQuiet,
];
