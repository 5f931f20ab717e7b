import type { Detector } from "../view.ts";
import { audioConcealment } from "./audio-concealment.ts";
import { downlinkJitter } from "./downlink-jitter.ts";
import { downlinkLoss } from "./downlink-loss.ts";
import { downlinkOutage } from "./downlink-outage.ts";
import { highRtt } from "./high-rtt.ts";
import { videoFreeze } from "./video-freeze.ts";

/** Detectors of the category network-downlink, in the order in which they run. */
export const networkDownlinkDetectors: readonly Detector[] = [
  downlinkOutage,
  downlinkLoss,
  downlinkJitter,
  highRtt,
  audioConcealment,
  videoFreeze,
];
