import type { Detector } from "../view.ts";

/** Detectors of the category playout, in the order in which they run. */
export const playoutDetectors: readonly Detector[] = [];
