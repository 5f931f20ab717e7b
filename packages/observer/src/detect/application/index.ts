import type { Detector } from "../view.ts";

/** Detectors of the category application, in the order in which they run. */
export const applicationDetectors: readonly Detector[] = [];
