import type { CallDetector } from "../call-detector.ts";
import { publishedTrackUnconsumed } from "./published-track-unconsumed.ts";
import { sfuEgressDegraded } from "./sfu-egress-degraded.ts";
import { sfuForwardingGap } from "./sfu-forwarding-gap.ts";

/** Detectors of the category server. They look at all sessions of a call. */
export const serverDetectors: readonly CallDetector[] = [
  publishedTrackUnconsumed,
  sfuEgressDegraded,
  sfuForwardingGap,
];
