import { type ObservationTexts } from "../observation-texts.ts";

/** Texts of the category call-level, by observation id. */
export const callLevelTexts: Readonly<Record<string, ObservationTexts>> = {};
