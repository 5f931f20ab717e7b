import { type ObservationTexts } from "../observation-texts.ts";

/** Texts of the category av-sync, by observation id. */
export const avSyncTexts: Readonly<Record<string, ObservationTexts>> = {};
