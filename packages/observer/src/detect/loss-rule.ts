import type { ObservationDefinition } from "./definition.ts";

/** How loss is judged, whichever way the packets went. */
export const lossRule: Pick<
  ObservationDefinition,
  "effect" | "severities" | "unit" | "levels" | "on" | "clearSeconds" | "clearText"
> = {
  effect: false,
  severities: ["minor", "major", "critical"],
  unit: "%",
  levels: [
    { severity: "minor", on: 1, clear: 0.5 },
    { severity: "major", on: 5, clear: 2 },
    { severity: "critical", on: 10, clear: 5 },
  ],
  on: { rule: "share", need: 3, of: 5, joint: true },
  clearSeconds: 8,
  clearText: "below the clear value for 8 s",
};
