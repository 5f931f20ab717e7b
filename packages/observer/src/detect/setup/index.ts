import type { Detector } from "../view.ts";
import { connectionNeverEstablished } from "./connection-never-established.ts";
import { connectionWithoutMedia } from "./connection-without-media.ts";
import { mediaDeviceMissing } from "./media-device-missing.ts";
import { mediaPermissionDenied } from "./media-permission-denied.ts";

/** Detectors of the category setup, in the order in which they run. */
export const setupDetectors: readonly Detector[] = [
  mediaPermissionDenied,
  mediaDeviceMissing,
  connectionNeverEstablished,
  connectionWithoutMedia,
];
