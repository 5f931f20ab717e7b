import { type ObservationTexts } from "../observation-texts.ts";

/** Texts of the category playout, by observation id. */
export const playoutTexts: Readonly<Record<string, ObservationTexts>> = {};
