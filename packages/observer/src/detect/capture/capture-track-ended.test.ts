import { expect, test } from "vitest";
import { buildCall, type CallBuilder } from "../../testing/call-builder.ts";
import { about, evidenceOf } from "../../testing/ice-calls.ts";
import { camera, microphone } from "../../testing/page-events.ts";

const id = "capture-track-ended";
const ended = { readyState: "ended" } as const;
const both = (): CallBuilder =>
  buildCall().event("track-state-changed", microphone()).event("track-state-changed", camera()).run(20);

test.each<[string, () => CallBuilder, string[]]>([
  [
    "the microphone goes, the camera stays, and nothing comes after it",
    () => both().event("track-state-changed", microphone(ended)).run(20),
    ["major 20..40 session-end"],
  ],
  [
    "the only source goes",
    () =>
      buildCall()
        .event("track-state-changed", microphone())
        .run(20)
        .event("track-state-changed", microphone(ended))
        .run(20),
    ["critical 20..40 session-end"],
  ],
  [
    "another microphone takes its place after 10 s",
    () =>
      both()
        .event("track-state-changed", microphone(ended))
        .run(10)
        .event("track-state-changed", microphone({ trackId: "other-mic" }))
        .run(10),
    ["major 20..30 cleared"],
  ],
  [
    "the sender has another track after 10 s",
    () =>
      both()
        .event("track-state-changed", microphone(ended))
        .run(10)
        .event("sender-track-replaced", { from: "mic", to: "other-mic", kind: "audio" }, true)
        .run(10),
    ["major 20..30 cleared"],
  ],
  [
    "the sender has another track after 1 s",
    () =>
      both()
        .event("track-state-changed", microphone(ended))
        .run(1)
        .event("sender-track-replaced", { from: "mic", to: "other-mic", kind: "audio" }, true)
        .run(10),
    [],
  ],
  [
    "N5: the app stopped it",
    () =>
      both()
        .event("track-state-changed", microphone({ ...ended, stoppedByApp: true }))
        .run(20),
    [],
  ],
  [
    "a track that was replaced before",
    () =>
      both()
        .event("sender-track-replaced", { from: "mic", to: "other-mic", kind: "audio" }, true)
        .event("track-state-changed", microphone(ended))
        .run(20),
    [],
  ],
  [
    "the page is left a second later",
    () =>
      both()
        .event("track-state-changed", microphone(ended))
        .run(1)
        .event("session-ended", { reason: "pagehide" }),
    [],
  ],
  [
    "the connection is closed with it",
    () =>
      both()
        .event("connection-closed", {}, true)
        .event("track-state-changed", microphone(ended))
        .skip(10)
        .event("session-ended", { reason: "stopped" }),
    [],
  ],
  [
    "the connection is closed later",
    () => both().event("track-state-changed", microphone(ended)).run(10).event("connection-closed", {}, true),
    ["major 20..30 subject-removed"],
  ],
  [
    "another page goes on with the session",
    () =>
      both()
        .event("track-state-changed", microphone(ended))
        .run(10)
        .event("session-ended", { reason: "pagehide" })
        .skip(5)
        .event("session-resumed", { pages: 2 })
        .skip(60)
        .event("app-event", { name: "later" }),
    ["major 20..35 subject-removed"],
  ],
  [
    "a screen share that the user ends in the browser's bar",
    () =>
      both()
        .event("track-state-changed", camera({ trackId: "screen", source: "screen" }))
        .event("track-state-changed", camera({ trackId: "screen", source: "screen", ...ended }))
        .run(20),
    [],
  ],
  [
    "nobody knows what it was",
    () => {
      const { source: _source, ...unnamed } = microphone();
      return buildCall()
        .event("track-state-changed", unnamed)
        .run(20)
        .event("track-state-changed", { ...unnamed, ...ended })
        .run(10);
    },
    ["info 20..30 session-end"],
  ],
])("%s", (_name, call, expected) => {
  expect(about(call().analyse(), id)).toEqual(expected);
});

test("N5: a device that was pulled out is named, and it is this person's device", () => {
  const analysis = both()
    .event("track-state-changed", microphone(ended))
    .run(1)
    .event("devices-changed", {
      audioInputs: 1,
      videoInputs: 1,
      audioOutputs: 1,
      added: [],
      removed: [{ kind: "audioinput", type: "usb" }],
    })
    .run(20)
    .analyse();
  expect(evidenceOf(analysis, id)).toMatchObject({
    "devices.removed": "audioinput (usb)",
    "derived.otherSources": 1,
  });
  expect(analysis.verdict).toMatchObject({ statedCause: id, faultDomain: "publisher-device" });
});
