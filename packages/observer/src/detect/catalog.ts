import { audioConcealment } from "./audio-concealment.ts";
import { connectionNeverEstablished } from "./connection-never-established.ts";
import { connectionWithoutMedia } from "./connection-without-media.ts";
import type { ObservationDefinition } from "./definition.ts";
import { downlinkJitter } from "./downlink-jitter.ts";
import { downlinkLoss } from "./downlink-loss.ts";
import { downlinkOutage } from "./downlink-outage.ts";
import { highRtt } from "./high-rtt.ts";
import { iceChecksFailed } from "./ice-checks-failed.ts";
import { iceDisconnected } from "./ice-disconnected.ts";
import { iceFailedMidcall } from "./ice-failed-midcall.ts";
import { mediaDeviceMissing } from "./media-device-missing.ts";
import { mediaPermissionDenied } from "./media-permission-denied.ts";
import { microphoneSilent } from "./microphone-silent.ts";
import { uplinkBandwidthLimited } from "./uplink-bandwidth-limited.ts";
import { uplinkJitter } from "./uplink-jitter.ts";
import { uplinkLoss } from "./uplink-loss.ts";
import { uplinkOutage } from "./uplink-outage.ts";
import { videoFreeze } from "./video-freeze.ts";
import type { Detector } from "./view.ts";

/** Version of ids, rules and thresholds. Results with different versions are not compared. */
export const catalogVersion = "1.0.0";

/**
 * All detectors in the order in which they run: outages before what they explain, so that concealment and freezes of
 * the same step already see them.
 */
export const detectors: readonly Detector[] = [
  mediaPermissionDenied,
  mediaDeviceMissing,
  iceChecksFailed,
  connectionNeverEstablished,
  iceDisconnected,
  iceFailedMidcall,
  connectionWithoutMedia,
  downlinkOutage,
  uplinkOutage,
  uplinkBandwidthLimited,
  uplinkLoss,
  downlinkLoss,
  uplinkJitter,
  downlinkJitter,
  highRtt,
  audioConcealment,
  videoFreeze,
  microphoneSilent,
];

/** The catalogue of observations as data, by id. */
export const observationCatalog: ReadonlyMap<string, ObservationDefinition> = new Map(
  detectors.map(({ definition }) => [definition.id, definition]),
);
