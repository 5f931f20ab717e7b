import { type ObservationTexts } from "../observation-texts.ts";

/** Texts of the category browser, by observation id. */
export const browserTexts: Readonly<Record<string, ObservationTexts>> = {};
