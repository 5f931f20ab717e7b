import { expect, test } from "vitest";
import { buildCall, type CallBuilder } from "../../testing/call-builder.ts";
import { about, evidenceOf } from "../../testing/ice-calls.ts";
import { camera, microphone } from "../../testing/page-events.ts";

const id = "capture-muted-by-system";
const muted = { muted: true } as const;
const call = (): CallBuilder => buildCall().event("track-state-changed", microphone()).run(20);

test.each<[string, () => CallBuilder, string[]]>([
  [
    "for 12 s",
    () => call().event("track-state-changed", microphone(muted)).run(12),
    ["major 20..32 session-end"],
  ],
  ["for 9 s", () => call().event("track-state-changed", microphone(muted)).run(9), []],
  [
    "for 15 s, then unmuted",
    () =>
      call()
        .event("track-state-changed", microphone(muted))
        .run(15)
        .event("track-state-changed", microphone())
        .run(10),
    ["major 20..35 cleared"],
  ],
  [
    "the app switches it off as well",
    () =>
      call()
        .event("track-state-changed", microphone(muted))
        .run(15)
        .event("track-state-changed", microphone({ ...muted, enabled: false }))
        .run(10),
    ["major 20..35 cleared"],
  ],
  [
    "the app had switched it off",
    () =>
      call()
        .event("track-state-changed", microphone({ ...muted, enabled: false }))
        .run(30),
    [],
  ],
  [
    "the track is over",
    () =>
      call()
        .event("track-state-changed", microphone(muted))
        .run(15)
        .event("track-state-changed", microphone({ ...muted, readyState: "ended", stoppedByApp: true }))
        .run(10),
    ["major 20..35 subject-removed"],
  ],
  [
    "the sender has another track",
    () =>
      call()
        .event("track-state-changed", microphone(muted))
        .run(15)
        .event("sender-track-replaced", { from: "mic", to: "mic-2", kind: "audio" }, true)
        .run(30),
    ["major 20..35 subject-removed"],
  ],
  [
    "the machine sleeps for ten minutes and the track is unmuted after it",
    () =>
      call()
        .event("track-state-changed", microphone(muted))
        .skip(600)
        .run(2)
        .event("track-state-changed", microphone())
        .run(10),
    [],
  ],
  [
    "a shared window that is minimised",
    () =>
      call()
        .event("track-state-changed", camera({ trackId: "screen", source: "screen", ...muted }))
        .run(30),
    [],
  ],
  [
    "nobody knows what it shows",
    () => {
      const { source: _source, ...unnamed } = camera(muted);
      return call().event("track-state-changed", unnamed).run(12);
    },
    ["info 20..32 session-end"],
  ],
])("%s", (_name, build, expected) => {
  expect(about(build().analyse(), id)).toEqual(expected);
});

test("it is this person's device, and the silence of the microphone is not a second finding", () => {
  const analysis = call()
    .event("track-state-changed", microphone(muted))
    .run(40, { micSource: { totalAudioEnergy: 0 } })
    .analyse();
  expect(evidenceOf(analysis, id)).toMatchObject({
    "track.muted": true,
    "track.enabled": true,
    "page.visible": true,
  });
  expect(analysis.verdict).toMatchObject({ statedCause: id, faultDomain: "publisher-device" });
  expect(about(analysis, "microphone-silent")).toEqual([]);
});
