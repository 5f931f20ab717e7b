import { type ObservationTexts } from "../observation-texts.ts";

/** Texts of the category server, by observation id. */
export const serverTexts: Readonly<Record<string, ObservationTexts>> = {};
