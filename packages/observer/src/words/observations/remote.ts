import { type ObservationTexts } from "../observation-texts.ts";

/** Texts of the category remote, by observation id. */
export const remoteTexts: Readonly<Record<string, ObservationTexts>> = {};
