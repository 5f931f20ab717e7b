import type { Detector } from "../view.ts";

/** Detectors of the category av-sync, in the order in which they run. */
export const avSyncDetectors: readonly Detector[] = [];
