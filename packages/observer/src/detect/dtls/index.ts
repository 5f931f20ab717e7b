import type { Detector } from "../view.ts";

/** Detectors of the category dtls, in the order in which they run. */
export const dtlsDetectors: readonly Detector[] = [];
