import { applicationDetectors } from "./application/index.ts";
import { avSyncDetectors } from "./av-sync/index.ts";
import { browserDetectors } from "./browser/index.ts";
import { callLevelDetectors } from "./call-level/index.ts";
import { captureDetectors } from "./capture/index.ts";
import { cpuDetectors } from "./cpu/index.ts";
import { dtlsDetectors } from "./dtls/index.ts";
import { iceTurnDetectors } from "./ice-turn/index.ts";
import { networkDownlinkDetectors } from "./network-downlink/index.ts";
import { networkUplinkDetectors } from "./network-uplink/index.ts";
import { playoutDetectors } from "./playout/index.ts";
import { remoteDetectors } from "./remote/index.ts";
import { serverDetectors } from "./server/index.ts";
import { setupDetectors } from "./setup/index.ts";
import type { CallDetector } from "./call-detector.ts";
import type { ObservationDefinition } from "./definition.ts";
import type { Detector } from "./view.ts";

/** Version of ids, rules and thresholds. Results with different versions are not compared. */
export const catalogVersion = "1.2.0";

/**
 * All detectors in the order in which they run: the path before what goes over it, outages before what they explain, so that
 * concealment and freezes of the same step already see them.
 */
export const detectors: readonly Detector[] = [
  ...setupDetectors,
  ...iceTurnDetectors,
  ...dtlsDetectors,
  ...captureDetectors,
  ...cpuDetectors,
  ...networkUplinkDetectors,
  ...networkDownlinkDetectors,
  ...applicationDetectors,
  ...browserDetectors,
  ...playoutDetectors,
  ...avSyncDetectors,
];

/** What looks at all sessions of a call: what all have in common before what one of them has. */
export const callDetectors: readonly CallDetector[] = [
  ...serverDetectors,
  ...remoteDetectors,
  ...callLevelDetectors,
];

/** The catalogue of observations as data, by id. */
export const observationCatalog: ReadonlyMap<string, ObservationDefinition> = new Map(
  [...detectors, ...callDetectors].map(({ definition }) => [definition.id, definition]),
);
