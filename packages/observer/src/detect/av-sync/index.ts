import type { Detector } from "../view.ts";
import { audioTimeStretch } from "./audio-time-stretch.ts";
import { avDesync } from "./av-desync.ts";

/** Detectors of the category av-sync, in the order in which they run. */
export const avSyncDetectors: readonly Detector[] = [avDesync, audioTimeStretch];
