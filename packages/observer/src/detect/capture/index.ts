import type { Detector } from "../view.ts";
import { microphoneSilent } from "./microphone-silent.ts";

/** Detectors of the category capture, in the order in which they run. */
export const captureDetectors: readonly Detector[] = [microphoneSilent];
