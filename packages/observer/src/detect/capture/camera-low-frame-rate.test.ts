import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes } from "../../testing/call-builder.ts";
import { about, evidenceOf, notComputable } from "../../testing/ice-calls.ts";
import { camera } from "../../testing/page-events.ts";

const id = "camera-low-frame-rate";
const none = { qualityLimitationReason: "none" } as const;
const slow = (frames: number): Changes => ({
  camSource: { frames },
  outVideo: { ...none, framesEncoded: frames },
});
const call = (frameRate = 30): CallBuilder =>
  buildCall()
    .event("track-state-changed", camera({ settings: { frameRate, width: 640 } }))
    .run(21, { outVideo: none });

test.each<[string, () => CallBuilder, string[]]>([
  ["10 of 30 for 20 s, then 30", () => call().run(20, slow(10)).run(20, slow(30)), ["minor 21..41 cleared"]],
  ["15 of 30: dim light halves the rate, and that is no fault", () => call().run(40, slow(15)), []],
  ["10 of 30 for 4 s", () => call().run(4, slow(10)).run(20, slow(30)), []],
  ["20 of 30 does not clear", () => call().run(20, slow(10)).run(20, slow(20)), ["minor 21..61 session-end"]],
  ["10 a second were asked for", () => call(10).run(40, slow(10)), []],
  [
    "bandwidth limits the encoder",
    () => call().run(40, { ...slow(10), outVideo: { qualityLimitationReason: "bandwidth" } }),
    [],
  ],
  [
    "the processor limits the encoder",
    () => call().run(40, { ...slow(10), outVideo: { qualityLimitationReason: "cpu" } }),
    [],
  ],
  [
    "the app limits the frame rate of the encoding",
    () =>
      call()
        .event(
          "api-called",
          {
            callId: 1,
            method: "setParameters",
            arguments: { parameters: { encodings: [{ maxFramerate: 10 }] } },
          },
          true,
        )
        .run(40, slow(10)),
    [],
  ],
  [
    "the app asks the camera for less: the new settings count",
    () =>
      call()
        .event("api-called", {
          callId: 1,
          method: "applyConstraints",
          arguments: { track: { trackId: "cam" } },
        })
        .event("api-settled", {
          callId: 1,
          method: "applyConstraints",
          outcome: "fulfilled",
          durationMs: 5,
          result: { frameRate: 10 },
        })
        .run(40, slow(10)),
    [],
  ],
  [
    "the camera is muted",
    () =>
      call()
        .event("track-state-changed", camera({ muted: true }))
        .run(40, slow(10)),
    [],
  ],
  [
    "the page is hidden",
    () => call().event("page-visibility-changed", { visible: false }).run(40, slow(10)),
    [],
  ],
  [
    "the track was replaced a moment ago",
    () =>
      call()
        .event("sender-track-replaced", { from: "cam", to: "cam", kind: "video" }, true)
        .run(5, slow(10))
        .run(20, slow(30)),
    [],
  ],
  [
    "the source began a moment ago",
    () =>
      buildCall()
        .event("track-state-changed", camera({ settings: { frameRate: 30 } }))
        .run(9, slow(10))
        .run(20, slow(30)),
    [],
  ],
  [
    "a screen share",
    () =>
      buildCall()
        .event("track-state-changed", camera({ source: "screen", settings: { frameRate: 30 } }))
        .run(40, slow(3)),
    [],
  ],
  ["no frame at all is another finding", () => call().run(30, slow(0)), []],
])("%s", (_name, build, expected) => {
  expect(about(build().analyse(), id)).toEqual(expected);
});

test("evidence has what came and what was promised", () => {
  const analysis = call().run(20, slow(10)).analyse();
  expect(evidenceOf(analysis, id)).toMatchObject({ "derived.sourceFrameRate": 10, "track.frameRate": 30 });
});

test.each<[string, CallBuilder]>([
  ["without settings", buildCall().event("track-state-changed", camera()).run(40, slow(10))],
  [
    "without a reason of the encoder (Firefox)",
    buildCall()
      .event("track-state-changed", camera({ settings: { frameRate: 30 } }))
      .run(40, { camSource: { frames: 10 } }),
  ],
])("%s it cannot be computed", (_name, build) => {
  expect(notComputable(build.analyse())).toContain(id);
});
