import type { Detector } from "../view.ts";
import { audioConcealment } from "./audio-concealment.ts";
import { downlinkJitter } from "./downlink-jitter.ts";
import { downlinkLossBurst } from "./downlink-loss-burst.ts";
import { downlinkLoss } from "./downlink-loss.ts";
import { downlinkOutage } from "./downlink-outage.ts";
import { highRtt } from "./high-rtt.ts";
import { jitterBufferHigh } from "./jitter-buffer-high.ts";
import { keyframeStorm } from "./keyframe-storm.ts";
import { qualityLowSustained } from "./quality-low-sustained.ts";
import { videoFreeze } from "./video-freeze.ts";
import { videoStalled } from "./video-stalled.ts";

/** Detectors of the category network-downlink, in the order in which they run. */
export const networkDownlinkDetectors: readonly Detector[] = [
  downlinkOutage,
  downlinkLoss,
  downlinkLossBurst,
  downlinkJitter,
  highRtt,
  jitterBufferHigh,
  audioConcealment,
  videoStalled,
  videoFreeze,
  keyframeStorm,
  qualityLowSustained,
];
