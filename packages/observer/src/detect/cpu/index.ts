import type { Detector } from "../view.ts";
import { cpuLimitedEncoding } from "./cpu-limited-encoding.ts";
import { decoderOverloaded } from "./decoder-overloaded.ts";
import { encoderOverloaded } from "./encoder-overloaded.ts";
import { mainThreadBlocked } from "./main-thread-blocked.ts";
import { softwareCodecHd } from "./software-codec-hd.ts";
import { systemPressure } from "./system-pressure.ts";

/** Detectors of the category cpu, in the order in which they run: what shows trouble before what is context of it. */
export const cpuDetectors: readonly Detector[] = [
  systemPressure,
  mainThreadBlocked,
  cpuLimitedEncoding,
  encoderOverloaded,
  decoderOverloaded,
  softwareCodecHd,
];
