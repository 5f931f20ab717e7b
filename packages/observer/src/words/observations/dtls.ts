import { type ObservationTexts } from "../observation-texts.ts";

/** Texts of the category dtls, by observation id. */
export const dtlsTexts: Readonly<Record<string, ObservationTexts>> = {};
