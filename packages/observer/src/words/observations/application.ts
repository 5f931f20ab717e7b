import { type ObservationTexts } from "../observation-texts.ts";

/** Texts of the category application, by observation id. */
export const applicationTexts: Readonly<Record<string, ObservationTexts>> = {};
