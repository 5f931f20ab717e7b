import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes } from "../../testing/call-builder.ts";

const live = {
  trackId: "mic",
  kind: "audio",
  direction: "local",
  enabled: true,
  muted: false,
  readyState: "live",
} as const;
const digital: Changes = { micSource: { totalAudioEnergy: 0 } };
const quiet: Changes = { micSource: { totalAudioEnergy: 1e-8 } };

const found = (call: CallBuilder): string[] =>
  call
    .analyse()
    .observations.filter(({ id }) => id === "microphone-silent")
    .map(({ severity, endReason }) => `${severity} ${endReason}`);

test.each<[string, CallBuilder, string[]]>([
  [
    "digital silence for 12 s",
    buildCall().event("track-state-changed", live).run(20).run(13, digital).run(10),
    ["major cleared"],
  ],
  ["for 8 s", buildCall().event("track-state-changed", live).run(20).run(8, digital).run(10), []],
  [
    "RMS below 0.001 for 20 s",
    buildCall().event("track-state-changed", live).run(20).run(20, quiet).run(10),
    [],
  ],
  [
    "RMS below 0.001 for 33 s",
    buildCall().event("track-state-changed", live).run(20).run(33, quiet),
    ["major session-end"],
  ],
  [
    "muted for a minute",
    buildCall()
      .event("track-state-changed", live)
      .run(10)
      .event("track-state-changed", { ...live, enabled: false })
      .run(60, digital),
    [],
  ],
  [
    "muted by the system",
    buildCall()
      .event("track-state-changed", { ...live, muted: true })
      .run(60, digital),
    [],
  ],
  [
    "muted after it was found silent",
    buildCall()
      .event("track-state-changed", live)
      .run(20, digital)
      .event("track-state-changed", { ...live, enabled: false })
      .run(20, digital),
    ["major cleared"],
  ],
  ["nobody knows whether it is muted", buildCall().run(20).run(20, digital), ["info session-end"]],
])("%s", (_name, call, expected) => {
  expect(found(call)).toEqual(expected);
});

test("a source without energy (Firefox) cannot tell", () => {
  const { verdict } = buildCall()
    .event("track-state-changed", live)
    .run(20, { micSource: { totalAudioEnergy: null } })
    .analyse();
  expect(verdict.missing.map(({ what }) => what)).toContain("microphone-silent");
});
