import type { CallDetector } from "../call-detector.ts";
import { callDropped } from "./call-dropped.ts";
import { callPartiallyFailed } from "./call-partially-failed.ts";
import { oneWayAudio } from "./one-way-audio.ts";
import { publisherAffectsMany } from "./publisher-affects-many.ts";
import { receiverAffectedAlone } from "./receiver-affected-alone.ts";
import { repeatedRejoins } from "./repeated-rejoins.ts";

/** Detectors of the category call-level. They look at all sessions of a call. */
export const callLevelDetectors: readonly CallDetector[] = [
  callDropped,
  callPartiallyFailed,
  oneWayAudio,
  publisherAffectsMany,
  receiverAffectedAlone,
  repeatedRejoins,
];
