import type { Detector } from "../view.ts";
import { candidateRejected } from "./candidate-rejected.ts";
import { connectionNeverEstablished } from "./connection-never-established.ts";
import { connectionWithoutMedia } from "./connection-without-media.ts";
import { joinSlow } from "./join-slow.ts";
import { mediaConstraintsUnsatisfiable } from "./media-constraints-unsatisfiable.ts";
import { mediaDeviceInUse } from "./media-device-in-use.ts";
import { mediaDeviceMissing } from "./media-device-missing.ts";
import { mediaPermissionDenied } from "./media-permission-denied.ts";
import { negotiationError } from "./negotiation-error.ts";
import { negotiationGlare } from "./negotiation-glare.ts";
import { negotiationStalled } from "./negotiation-stalled.ts";
import { noCommonCodec } from "./no-common-codec.ts";

/** Detectors of the category setup, in the order in which they run. */
export const setupDetectors: readonly Detector[] = [
  mediaPermissionDenied,
  mediaDeviceMissing,
  mediaDeviceInUse,
  mediaConstraintsUnsatisfiable,
  negotiationError,
  negotiationGlare,
  negotiationStalled,
  noCommonCodec,
  candidateRejected,
  connectionNeverEstablished,
  connectionWithoutMedia,
  joinSlow,
];
