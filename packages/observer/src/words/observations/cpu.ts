import { type ObservationTexts } from "../observation-texts.ts";

/** Texts of the category cpu, by observation id. */
export const cpuTexts: Readonly<Record<string, ObservationTexts>> = {};
