import { always, type ObservationTexts, tense } from "../observation-texts.ts";

/** Texts of the category browser, by observation id. */
export const browserTexts: Readonly<Record<string, ObservationTexts>> = {
  "tab-hidden": {
    title: always("The page was in the background"),
    sentence: (f) =>
      `The page ${tense(f, "was", "is")} hidden behind others${f.when}; browsers show no picture and slow the page down then.`,
    measured: "`document.visibilityState`.",
    support: always("Keep the page of the call visible while picture matters."),
    developer: always("Stop receiving video that nobody sees."),
  },
  "stats-gap": {
    title: always("Nothing was measured for a while"),
    sentence: (f) =>
      `Nothing was measured${f.when}: the machine slept, the page was slowed down, or it was too busy to ask.`,
    measured: "The time between two reports of getStats.",
    support: always("Nothing to do, unless the call itself stood still at that time."),
    developer: always("Look for long tasks of the main thread at that time."),
  },
  "impossible-stat-value": {
    title: always("The browser reported an impossible value"),
    sentence: (f) => `A value that this browser measured cannot be true${f.when}, and it is left out.`,
    measured: "The member below, against what it can be.",
    support: always("Update the browser if it is old. Nothing else to do."),
    developer: always("Look for a known defect of this browser version, or report it there."),
  },
};
