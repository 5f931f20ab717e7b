import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes, ids } from "../../testing/call-builder.ts";
import { about, evidenceOf } from "../../testing/ice-calls.ts";

const id = "stats-gap";
/** The first sample after a gap in which media went on: counters grew as long as the gap lasted. */
const wentOn = (seconds: number): Changes => ({
  inAudio: { packetsReceived: 50 * seconds },
  inVideo: { packetsReceived: 60 * seconds },
});

test.each<[string, () => CallBuilder, string[]]>([
  ["7 s between two samples", () => buildCall().run(20).skip(6).run(20), ["info 20..27 cleared"]],
  ["5 s between two samples", () => buildCall().run(20).skip(4).run(20), []],
  [
    "90 s in which media went on, on a visible page",
    () => buildCall().run(20).skip(89).run(1, wentOn(90)).run(20),
    ["minor 20..110 cleared"],
  ],
  [
    "59 s in which media went on",
    () => buildCall().run(20).skip(58).run(1, wentOn(59)).run(20),
    ["info 20..79 cleared"],
  ],
  [
    "G8: the machine slept for ten minutes",
    () => buildCall().run(20).skip(600).run(20),
    ["info 20..621 cleared"],
  ],
  [
    "G2: the page was hidden for 90 s",
    () =>
      buildCall()
        .run(20)
        .event("page-visibility-changed", { visible: false })
        .skip(89)
        .event("page-visibility-changed", { visible: true })
        .run(1, wentOn(90))
        .run(20),
    ["info 20..110 cleared"],
  ],
  [
    "the sampling interval was made longer",
    () =>
      buildCall()
        .run(20)
        .event("sampling-interval-changed", { intervalMs: 10_000, reason: "cost" })
        .skip(9)
        .run(1, wentOn(10))
        .skip(9)
        .run(1, wentOn(10)),
    [],
  ],
  ["sampled every 10 s", () => buildCall(10).run(200), []],
  ["never sampled again", () => buildCall().run(20).skip(100).event("app-event", { name: "x" }), []],
  ["E12: the clock was set back", () => buildCall().run(30).skip(-3600).run(30), []],
])("%s", (_name, build, expected) => {
  expect(about(build().analyse(), id)).toEqual(expected);
});

test("samples that are delivered late, after an event that is newer than they are, are no gap", () => {
  const call = buildCall().run(50);
  const [late] = buildCall().skip(50).event("app-event", { name: "first of all" }).records;
  if (late !== undefined) call.records.splice(20, 0, late);
  expect(about(call.analyse(), id)).toEqual([]);
});

test("evidence says how long, what was planned, and whether anything arrived", () => {
  const analysis = buildCall().run(20).skip(600).run(20).analyse();
  expect(evidenceOf(analysis, id)).toMatchObject({
    "derived.statsGapSeconds": 601,
    "derived.samplingIntervalSeconds": 1,
    "page.visible": true,
  });
  expect(ids(analysis)).toEqual([]);
});
