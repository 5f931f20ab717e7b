import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes } from "../../testing/call-builder.ts";
import { about, evidenceOf, notComputable } from "../../testing/ice-calls.ts";
import { camera } from "../../testing/page-events.ts";

const id = "camera-no-frames";
const still: Changes = {
  camSource: { frames: 0 },
  outVideo: { packetsSent: 0, bytesSent: 0, framesEncoded: 0 },
};
const call = (): CallBuilder => buildCall().event("track-state-changed", camera()).run(21);

test.each<[string, () => CallBuilder, string[]]>([
  ["no frame for 12 s, then frames", () => call().run(12, still).run(10), ["major 21..33 cleared"]],
  ["no frame for 4 s", () => call().run(4, still).run(10), []],
  ["no frame to the end", () => call().run(12, still), ["major 21..33 session-end"]],
  [
    "frames in one step only do not clear",
    () => call().run(12, still).run(2).run(10, still),
    ["major 21..45 session-end"],
  ],
  [
    "the camera is switched off",
    () =>
      call()
        .event("track-state-changed", camera({ enabled: false }))
        .run(30, still),
    [],
  ],
  [
    "it is switched off after it was found",
    () =>
      call()
        .run(12, still)
        .event("track-state-changed", camera({ enabled: false }))
        .run(10, still),
    ["major 21..33 cleared"],
  ],
  [
    "the page is hidden",
    () => call().event("page-visibility-changed", { visible: false }).run(30, still),
    [],
  ],
  [
    "a screen share stands still",
    () =>
      buildCall()
        .event("track-state-changed", camera({ source: "screen" }))
        .run(20)
        .run(60, still),
    [],
  ],
  [
    "the page draws the picture itself",
    () =>
      buildCall()
        .event("track-state-changed", camera({ source: "other" }))
        .run(20)
        .run(60, still),
    [],
  ],
  [
    "the track is replaced",
    () =>
      call()
        .event("sender-track-replaced", { from: "cam", to: "cam-2", kind: "video" }, true)
        .run(5, still)
        .run(20),
    [],
  ],
  [
    "replaceTrack(null): the source leaves the report",
    () =>
      call()
        .run(12, still)
        .run(10, { ...still, camSource: null }),
    ["major 21..34 subject-removed"],
  ],
  [
    "E13: the call is on hold",
    () =>
      call()
        .event(
          "transceiver-changed",
          {
            mid: "1",
            kind: "video",
            direction: "sendrecv",
            currentDirection: "inactive",
            senderTrackId: "cam",
            receiverTrackId: "far-cam",
          },
          true,
        )
        .run(40, still),
    [],
  ],
  [
    "every encoding is switched off",
    () => call().run(40, { ...still, outVideo: { ...still.outVideo, active: false } }),
    [],
  ],
  [
    "another page goes on with the session",
    () =>
      call()
        .run(12, still)
        .event("session-ended", { reason: "pagehide" })
        .skip(5)
        .event("session-resumed", { pages: 2 })
        .skip(60)
        .event("app-event", { name: "later" }),
    ["major 21..33 subject-removed"],
  ],
  [
    "nobody knows whether it was switched off",
    () => buildCall().run(21).run(20, still),
    ["info 21..41 session-end"],
  ],
])("%s", (_name, build, expected) => {
  expect(about(build().analyse(), id)).toEqual(expected);
});

test("it is this person's device", () => {
  const analysis = call().run(20, still).analyse();
  expect(evidenceOf(analysis, id)).toMatchObject({
    "media-source.frames": 0,
    "outbound-rtp.framesEncoded": 0,
    "track.enabled": true,
  });
  expect(analysis.verdict).toMatchObject({ statedCause: id, faultDomain: "publisher-device" });
});

test("a source without a count of frames cannot tell", () => {
  const sometimes = call().run(20, { camSource: { frames: null } });
  expect(notComputable(sometimes.analyse())).not.toContain(id);
  const never = buildCall()
    .event("track-state-changed", camera())
    .run(20, { camSource: { frames: null } });
  expect(notComputable(never.analyse())).toContain(id);
});
