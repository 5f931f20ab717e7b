import type { Detector } from "../view.ts";
import { impossibleStatValue } from "./impossible-stat-value.ts";
import { statsGap } from "./stats-gap.ts";
import { tabHidden } from "./tab-hidden.ts";

/** Detectors of the category browser, in the order in which they run. */
export const browserDetectors: readonly Detector[] = [tabHidden, statsGap, impossibleStatValue];
