import type { Detector } from "../view.ts";

/** Detectors of the category browser, in the order in which they run. */
export const browserDetectors: readonly Detector[] = [];
