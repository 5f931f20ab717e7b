import type { Detector } from "../view.ts";
import { iceChecksFailed } from "./ice-checks-failed.ts";
import { iceDisconnected } from "./ice-disconnected.ts";
import { iceFailedMidcall } from "./ice-failed-midcall.ts";

/** Detectors of the category ice-turn, in the order in which they run. */
export const iceTurnDetectors: readonly Detector[] = [iceChecksFailed, iceDisconnected, iceFailedMidcall];
