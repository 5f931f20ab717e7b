import { setupTexts } from "./setup.ts";
import { iceTurnTexts } from "./ice-turn.ts";
import { dtlsTexts } from "./dtls.ts";
import { captureTexts } from "./capture.ts";
import { cpuTexts } from "./cpu.ts";
import { networkUplinkTexts } from "./network-uplink.ts";
import { networkDownlinkTexts } from "./network-downlink.ts";
import { remoteTexts } from "./remote.ts";
import { serverTexts } from "./server.ts";
import { applicationTexts } from "./application.ts";
import { browserTexts } from "./browser.ts";
import { playoutTexts } from "./playout.ts";
import { avSyncTexts } from "./av-sync.ts";
import { callLevelTexts } from "./call-level.ts";
import type { ObservationTexts } from "../observation-texts.ts";

/** Texts by observation id. */
export const observationTexts: Readonly<Record<string, ObservationTexts>> = {
  ...setupTexts,
  ...iceTurnTexts,
  ...dtlsTexts,
  ...captureTexts,
  ...cpuTexts,
  ...networkUplinkTexts,
  ...networkDownlinkTexts,
  ...remoteTexts,
  ...serverTexts,
  ...applicationTexts,
  ...browserTexts,
  ...playoutTexts,
  ...avSyncTexts,
  ...callLevelTexts,
};
