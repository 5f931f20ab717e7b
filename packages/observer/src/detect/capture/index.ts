import type { Detector } from "../view.ts";
import { audioProcessingOff } from "./audio-processing-off.ts";
import { cameraLowFrameRate } from "./camera-low-frame-rate.ts";
import { cameraNoFrames } from "./camera-no-frames.ts";
import { captureMutedBySystem } from "./capture-muted-by-system.ts";
import { captureTrackEnded } from "./capture-track-ended.ts";
import { deviceChanged } from "./device-changed.ts";
import { echoLikely } from "./echo-likely.ts";
import { microphoneSilent } from "./microphone-silent.ts";
import { microphoneTooQuiet } from "./microphone-too-quiet.ts";

/** Detectors of the category capture, in the order in which they run. */
export const captureDetectors: readonly Detector[] = [
  captureTrackEnded,
  captureMutedBySystem,
  microphoneSilent,
  microphoneTooQuiet,
  cameraNoFrames,
  cameraLowFrameRate,
  echoLikely,
  audioProcessingOff,
  deviceChanged,
];
