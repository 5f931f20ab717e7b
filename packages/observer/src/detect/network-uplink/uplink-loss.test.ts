import { expect, test } from "vitest";
import { buildCall, type Changes, callStart, summary } from "../../testing/call-builder.ts";

const loss = (percent: number): Changes => ({
  remoteInAudio: { packetsLost: percent / 2 },
  remoteInVideo: { packetsLost: 0 },
});

test.each<[string, number, string | null]>([
  ["1 % is not more than 1 %", 1, null],
  ["3 %", 3, "minor"],
  ["8 %", 8, "major"],
  ["20 %", 20, "critical"],
])("%s of the audio lost on the way out", (_name, percent, severity) => {
  const found = summary(buildCall().run(20).run(20, loss(percent)).run(20).analyse());
  expect(found).toEqual(severity === null ? [] : [`uplink-loss ${severity} 20..40`]);
});

test("a report is used once: stale reports of a loss long past raise nothing", () => {
  const stale: Changes = {
    remoteInAudio: { timestamp: callStart + 21_000, packetsLost: 0, fractionLost: 0.4 },
    remoteInVideo: { timestamp: callStart + 21_000 },
  };
  expect(summary(buildCall().run(20).run(1, loss(40)).run(30, stale).analyse())).toEqual([]);
});

test("without reports it is not computable, never fine", () => {
  const analysis = buildCall().run(60, { remoteInAudio: null, remoteInVideo: null }).analyse();
  // No report object at all: nothing to say about the way out.
  expect(summary(analysis)).toEqual([]);
  expect(analysis.verdict.missing.map(({ what }) => what)).toContain("uplink-loss");
});
