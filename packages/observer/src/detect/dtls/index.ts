import type { Detector } from "../view.ts";
import { dtlsFailed } from "./dtls-failed.ts";
import { dtlsSlow } from "./dtls-slow.ts";

/** Detectors of the category dtls, in the order in which they run. */
export const dtlsDetectors: readonly Detector[] = [dtlsFailed, dtlsSlow];
