import type { Detector } from "../view.ts";

/** Detectors of the category cpu, in the order in which they run. */
export const cpuDetectors: readonly Detector[] = [];
