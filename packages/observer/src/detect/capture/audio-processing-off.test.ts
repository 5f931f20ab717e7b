import { expect, test } from "vitest";
import { buildCall, type CallBuilder } from "../../testing/call-builder.ts";
import { about, evidenceOf } from "../../testing/ice-calls.ts";
import { microphone } from "../../testing/page-events.ts";

const id = "audio-processing-off";
const on = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const call = (settings: Record<string, boolean | string>, source = "microphone"): CallBuilder =>
  buildCall().event("track-state-changed", microphone({ settings, source })).run(20);
const reconfigure = (build: CallBuilder, result: Record<string, boolean>): CallBuilder =>
  build
    .event("api-called", { callId: 7, method: "applyConstraints", arguments: { track: { trackId: "mic" } } })
    .event("api-settled", {
      callId: 7,
      method: "applyConstraints",
      outcome: "fulfilled",
      durationMs: 3,
      result,
    })
    .run(10);

test.each<[string, () => CallBuilder, string[]]>([
  ["all on", () => call(on), []],
  ["nothing said", () => call({}), []],
  ["the browser names how it cancels the echo", () => call({ ...on, echoCancellation: "all" }), []],
  ["echo cancellation off", () => call({ ...on, echoCancellation: false }), ["info 0..20 session-end"]],
  ["automatic gain off", () => call({ ...on, autoGainControl: false }), ["info 0..20 session-end"]],
  [
    "switched on later",
    () => reconfigure(call({ ...on, autoGainControl: false }), on),
    ["info 0..20 cleared"],
  ],
  [
    "the track is over",
    () =>
      call({ ...on, autoGainControl: false })
        .event("track-state-changed", microphone({ readyState: "ended", stoppedByApp: true }))
        .run(10),
    ["info 0..20 subject-removed"],
  ],
  ["the sound is not from a microphone", () => call({ echoCancellation: false }, "other"), []],
])("%s", (_name, build, expected) => {
  expect(about(build().analyse(), id)).toEqual(expected);
});

test("evidence has all three", () => {
  expect(evidenceOf(call({ ...on, noiseSuppression: false }).analyse(), id)).toEqual({
    "track.echoCancellation": true,
    "track.noiseSuppression": false,
    "track.autoGainControl": true,
  });
});
