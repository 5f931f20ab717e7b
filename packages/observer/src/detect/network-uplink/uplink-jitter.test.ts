import { expect, test } from "vitest";
import { buildCall, type Changes, summary } from "../../testing/call-builder.ts";

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
