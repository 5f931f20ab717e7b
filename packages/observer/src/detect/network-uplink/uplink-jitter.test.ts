import { expect, test } from "vitest";
import { buildCall, type Changes, callStart, ids, summary } from "../../testing/call-builder.ts";

test.each<[string, Changes, string[]]>([
  ["audio 25 ms", { remoteInAudio: { jitter: 0.025 } }, []],
  ["audio 40 ms", { remoteInAudio: { jitter: 0.04 } }, ["uplink-jitter minor 20..40"]],
  ["audio 80 ms", { remoteInAudio: { jitter: 0.08 } }, ["uplink-jitter major 20..40"]],
  ["video 50 ms: bursts of a frame", { remoteInVideo: { jitter: 0.05 } }, []],
  ["video 80 ms", { remoteInVideo: { jitter: 0.08 } }, ["uplink-jitter minor 20..40"]],
  [
    "video 80 ms of a camera with 2 frames a second: how the sender spread each frame",
    { remoteInVideo: { jitter: 0.08 }, outVideo: { framesEncoded: 2 } },
    [],
  ],
])("%s", (_name, changes, expected) => {
  expect(summary(buildCall().run(20).run(20, changes).run(20).analyse())).toEqual(expected);
});

test("the first seconds and the first report are not judged", () => {
  expect(
    summary(
      buildCall()
        .run(5, { remoteInAudio: { jitter: 0.2 } })
        .run(30)
        .analyse(),
    ),
  ).toEqual([]);
});

test("an old report counts once, and a sender that pauses is not judged", () => {
  const stale: Changes = { remoteInAudio: { jitter: 0.08, timestamp: callStart + 21_000 } };
  expect(summary(buildCall().run(20).run(30, stale).analyse())).toEqual([]);
  const pause: Changes = { remoteInAudio: { jitter: 0.08 }, outAudio: { packetsSent: 0, bytesSent: 0 } };
  const paused = buildCall()
    .run(20)
    .run(20, { ...pause, micSource: { totalSamplesDuration: 0 } });
  expect(summary(paused.analyse())).toEqual([]);
});

test("it clears below 20 ms, not below 30", () => {
  const between = { remoteInAudio: { jitter: 0.025 } };
  const call = buildCall()
    .run(20)
    .run(10, { remoteInAudio: { jitter: 0.04 } })
    .run(20, between);
  expect(summary(call.run(20).analyse())).toEqual(["uplink-jitter minor 20..50"]);
});

test("without the member it is not computable", () => {
  const blind: Changes = { remoteInAudio: { jitter: null }, remoteInVideo: { jitter: null } };
  const { verdict } = buildCall().run(20, blind).analyse();
  expect(verdict.missing.map(({ what }) => what)).toContain("uplink-jitter");
});

test("a value that only comes down from what few frames made of it says nothing new", () => {
  const run = (jitters: readonly number[]): boolean => {
    const call = buildCall().run(20);
    for (let second = 0; second < 6; second += 1)
      call.run(1, { outVideo: { framesEncoded: 2 }, remoteInVideo: { jitter: 0.9 } });
    for (const jitter of jitters) call.run(1, { remoteInVideo: { jitter } });
    return ids(call.analyse()).includes("uplink-jitter");
  };
  expect(run([0.8, 0.6, 0.45, 0.34, 0.25, 0.2, 0.15, 0.1, 0.07, 0.05])).toBe(false);
  expect(run([0.8, 0.6, 0.65, 0.6, 0.65])).toBe(true);
});
