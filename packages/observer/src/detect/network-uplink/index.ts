import type { Detector } from "../view.ts";
import { uplinkBandwidthLimited } from "./uplink-bandwidth-limited.ts";
import { uplinkBufferbloat } from "./uplink-bufferbloat.ts";
import { uplinkJitter } from "./uplink-jitter.ts";
import { uplinkLoss } from "./uplink-loss.ts";
import { uplinkOutage } from "./uplink-outage.ts";
import { uplinkRetransmissionHeavy } from "./uplink-retransmission-heavy.ts";
import { uplinkSendDelay } from "./uplink-send-delay.ts";

/** Detectors of the category network-uplink, in the order in which they run. */
export const networkUplinkDetectors: readonly Detector[] = [
  uplinkOutage,
  uplinkBandwidthLimited,
  uplinkLoss,
  uplinkJitter,
  uplinkBufferbloat,
  uplinkSendDelay,
  uplinkRetransmissionHeavy,
];
