import type { Detector } from "../view.ts";
import { connectionChurn } from "./connection-churn.ts";
import { playoutDelayForced } from "./playout-delay-forced.ts";
import { relayForcedByPolicy } from "./relay-forced-by-policy.ts";
import { senderBitrateCapped } from "./sender-bitrate-capped.ts";
import { videoLargerThanShown } from "./video-larger-than-shown.ts";
import { videoSmallerThanShown } from "./video-smaller-than-shown.ts";

/** Detectors of the category application, in the order in which they run. */
export const applicationDetectors: readonly Detector[] = [
  relayForcedByPolicy,
  connectionChurn,
  senderBitrateCapped,
  playoutDelayForced,
  videoLargerThanShown,
  videoSmallerThanShown,
];
