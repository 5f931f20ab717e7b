import { expect, test } from "vitest";
import { buildCall, type Changes, summary } from "../../testing/call-builder.ts";
import { judgedJitter } from "../jitter-rule.ts";

test.each<[string, Changes, string[]]>([
  ["audio 25 ms", { inAudio: { jitter: 0.025 } }, []],
  ["audio 40 ms", { inAudio: { jitter: 0.04 } }, ["downlink-jitter minor 21..41"]],
  ["audio 80 ms", { inAudio: { jitter: 0.08 } }, ["downlink-jitter major 21..41"]],
  ["audio with discontinuous transmission", { inAudio: { jitter: 0.08, packetsReceived: 5 } }, []],
  ["video 50 ms", { inVideo: { jitter: 0.05 } }, []],
  ["video 130 ms", { inVideo: { jitter: 0.13 } }, ["downlink-jitter major 21..41"]],
  [
    "video 130 ms of a camera with 2 frames a second: how the sender spread each frame",
    { inVideo: { jitter: 0.13, framesReceived: 2, framesDecoded: 2 } },
    [],
  ],
])("%s", (_name, changes, expected) => {
  expect(summary(buildCall().run(21).run(20, changes).run(21).analyse())).toEqual(expected);
});

test("overtaking packets weigh half as much again for ten seconds, audio only", () => {
  expect(judgedJitter("audio", 24, null, 0, false)).toBe(24);
  expect(judgedJitter("audio", 24, 1000, 11_000, false)).toBe(36);
  expect(judgedJitter("audio", 24, 1000, 11_001, false)).toBe(24);
  expect(judgedJitter("audio", 24, 1000, 6000, true)).toBe(36);
  expect(judgedJitter("audio", 24, 1000, 6001, true)).toBe(24);
  expect(judgedJitter("video", 24, 1000, 2000, false)).toBe(12);
});

test("a browser that reports no jitter is not fine but not computable", () => {
  const analysis = buildCall()
    .run(20, { inAudio: { jitter: null }, inVideo: { jitter: null } })
    .analyse();
  expect(analysis.verdict.missing.map(({ what }) => what)).toContain("downlink-jitter");
});

const eight = { framesReceived: 8, framesDecoded: 8 };
const uneven = { ...eight, jitter: 0.13 };

test("8 frames a second are enough to judge", () => {
  const call = buildCall().run(21, { inVideo: eight }).run(20, { inVideo: uneven });
  expect(summary(call.run(21, { inVideo: eight }).analyse())).toEqual(["downlink-jitter major 21..41"]);
});

test.each<[string, Changes, boolean]>([
  ["a sender that makes fewer frames than before may be slow", {}, false],
  ["so it may without any sound", { inAudio: null, remoteOutAudio: null }, false],
  ["uneven sound tells of the way", { inAudio: { jitter: 0.04 } }, true],
  ["so does loss", { inVideo: { ...uneven, packetsLost: 1 } }, true],
])("%s", (_name, changes, isJudged) => {
  const call = buildCall()
    .run(21, changes.inAudio === null ? changes : {})
    .run(40, { inVideo: uneven, ...changes })
    .run(21);
  const video = call
    .analyse()
    .observations.filter(({ id, scope }) => id === "downlink-jitter" && scope.kind === "video");
  expect(video).toHaveLength(isJudged ? 1 : 0);
});
