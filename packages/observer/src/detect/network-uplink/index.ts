import type { Detector } from "../view.ts";
import { uplinkBandwidthLimited } from "./uplink-bandwidth-limited.ts";
import { uplinkJitter } from "./uplink-jitter.ts";
import { uplinkLoss } from "./uplink-loss.ts";
import { uplinkOutage } from "./uplink-outage.ts";

/** Detectors of the category network-uplink, in the order in which they run. */
export const networkUplinkDetectors: readonly Detector[] = [
  uplinkOutage,
  uplinkBandwidthLimited,
  uplinkLoss,
  uplinkJitter,
];
