import { expect, test } from "vitest";
import { buildCall, type Changes, ids, summary } from "../../testing/call-builder.ts";

const id = "audio-time-stretch";
const stretched = (percent: number): Changes => ({
  inAudio: { insertedSamplesForDeceleration: percent * 240, removedSamplesForAcceleration: percent * 240 },
});

test.each<[number, string[]]>([
  [4, []],
  [5, []],
  [6, [`${id} minor 21..41`]],
])("%d % of the sound corrected", (percent, expected) => {
  expect(summary(buildCall().run(21).run(20, stretched(percent)).run(20).analyse())).toEqual(expected);
});

test("it is held between 2 and 5 %, and ends below", () => {
  const call = buildCall().run(21).run(10, stretched(8)).run(20, stretched(3)).run(20);
  expect(summary(call.analyse())).toEqual([`${id} minor 21..51`]);
});

test("N1: a little correction all the time is healthy, and what is over ends", () => {
  expect(buildCall().run(600, stretched(0.1)).analyse().observations).toEqual([]);
  const once = buildCall().run(21).run(10, stretched(20)).run(120).analyse();
  expect(once.observations).toMatchObject([{ id, endReason: "cleared" }]);
});

test.each<[string, ReturnType<typeof buildCall>]>([
  ["buffers settle in the first seconds", buildCall().run(14, stretched(10)).run(30)],
  [
    "hardly any sound was played",
    buildCall()
      .run(20)
      .run(20, { inAudio: { ...stretched(1).inAudio, totalSamplesReceived: 4800, packetsReceived: 5 } }),
  ],
  [
    "the track was replaced a moment ago",
    buildCall()
      .run(20)
      .event("sender-track-replaced", { from: "mic", to: "other", kind: "audio" }, true)
      .run(6, stretched(10))
      .run(20),
  ],
  [
    "the end is intended",
    buildCall()
      .run(20)
      .event("track-state-changed", {
        trackId: "far-mic",
        kind: "audio",
        direction: "remote",
        enabled: true,
        muted: false,
        readyState: "ended",
      })
      .run(20, stretched(10)),
  ],
])("%s: expected", (_name, call) => {
  expect(ids(call.analyse())).toEqual([]);
});

test("without the counters it is not computable", () => {
  const { verdict } = buildCall()
    .run(30, { inAudio: { insertedSamplesForDeceleration: null } })
    .analyse();
  expect(verdict.missing.map(({ what }) => what)).toContain(id);
});
