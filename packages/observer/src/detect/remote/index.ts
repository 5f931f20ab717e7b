import type { CallDetector } from "../call-detector.ts";
import { remoteCaptureProblem } from "./remote-capture-problem.ts";
import { remoteMediaNotSent } from "./remote-media-not-sent.ts";
import { remoteUplinkProblem } from "./remote-uplink-problem.ts";

/** Detectors of the category remote. They look at all sessions of a call. */
export const remoteDetectors: readonly CallDetector[] = [
  remoteCaptureProblem,
  remoteMediaNotSent,
  remoteUplinkProblem,
];
