import type { EventData } from "@peerscope/schema";
import { expect, test } from "vitest";
import { buildCall, type CallBuilder } from "../../testing/call-builder.ts";
import { about, evidenceOf } from "../../testing/ice-calls.ts";
import { playing } from "../../testing/page-events.ts";

const id = "playback-blocked";
const refusal = { elementId: "el-1", error: { name: "NotAllowedError", message: "gesture" } } as const;
const context = (state: string): EventData["audio-context-state-changed"] => ({
  contextId: "ac-1",
  state,
  sampleRate: 48_000,
});
const refused = (): CallBuilder =>
  buildCall()
    .run(10)
    .event("media-element-changed", playing({ paused: true }))
    .event("media-element-play-refused", refusal);

test.each<[string, () => CallBuilder, string[]]>([
  ["refused", () => refused().run(10), ["major 10..20 session-end"]],
  [
    "refused, and allowed 2 s later",
    () => refused().run(2).event("media-element-changed", playing()).run(10),
    [],
  ],
  [
    "refused, and allowed 10 s later",
    () => refused().run(10).event("media-element-changed", playing()).run(10),
    ["major 10..20 cleared"],
  ],
  [
    "refused, and the app gives up after 10 s",
    () =>
      refused()
        .run(10)
        .event("media-element-changed", playing({ paused: true, pausedByApp: true }))
        .run(10),
    ["major 10..20 cleared"],
  ],
  [
    "refused, and the far end leaves after 10 s",
    () => refused().run(10).run(10, { inAudio: null, inVideo: null }),
    ["major 10..21 subject-removed"],
  ],
  [
    "refused, and the connection is closed",
    () => refused().run(10).event("connection-closed", {}, true),
    ["major 10..20 subject-removed"],
  ],
  [
    "the app paused it",
    () =>
      buildCall()
        .run(10)
        .event("media-element-changed", playing({ paused: true, pausedByApp: true }))
        .run(20),
    [],
  ],
  [
    "the user paused it",
    () =>
      buildCall()
        .event("media-element-changed", playing())
        .run(10)
        .event("media-element-changed", playing({ paused: true }))
        .run(20),
    [],
  ],
  [
    "another element plays the same tracks",
    () =>
      refused()
        .event("media-element-changed", playing({ elementId: "el-2" }))
        .run(20),
    [],
  ],
  ["nothing arrives for it", () => refused().run(20, { inAudio: null, inVideo: null }), []],
  [
    "it shows the own camera",
    () =>
      buildCall()
        .event("media-element-changed", playing({ trackIds: ["cam"], paused: true }))
        .event("media-element-play-refused", refusal)
        .run(20),
    [],
  ],
  [
    "interrupted by another load",
    () =>
      buildCall()
        .event("media-element-changed", playing())
        .run(10)
        .event("media-element-play-refused", {
          elementId: "el-1",
          error: { name: "AbortError", message: "" },
        })
        .event("media-element-changed", playing({ paused: true }))
        .run(20),
    [],
  ],
  [
    "never started, and nobody refused",
    () =>
      buildCall()
        .run(10)
        .event("media-element-changed", playing({ paused: true }))
        .run(10),
    ["info 10..20 session-end"],
  ],
  [
    "an AudioContext that was never allowed to run, and a muted element",
    () =>
      buildCall()
        .event("media-element-changed", playing({ muted: true }))
        .event("audio-context-state-changed", context("suspended"))
        .run(10)
        .event("audio-context-state-changed", context("running"))
        .run(10),
    ["major 1..10 cleared"],
  ],
  [
    "an AudioContext that does not run, and an element that is heard",
    () =>
      buildCall()
        .event("media-element-changed", playing())
        .event("audio-context-state-changed", context("suspended"))
        .run(20),
    [],
  ],
  [
    "an element that was heard is muted by the user",
    () =>
      buildCall()
        .event("media-element-changed", playing())
        .event("audio-context-state-changed", context("suspended"))
        .run(10)
        .event("media-element-changed", playing({ muted: true }))
        .run(20),
    [],
  ],
  [
    "an AudioContext that ran before",
    () =>
      buildCall()
        .event("media-element-changed", playing({ muted: true }))
        .event("audio-context-state-changed", context("running"))
        .run(10)
        .event("audio-context-state-changed", context("suspended"))
        .run(20),
    [],
  ],
  [
    "an AudioContext of which nobody knows what it is for",
    () => buildCall().event("audio-context-state-changed", context("suspended")).run(10),
    ["info 1..10 session-end"],
  ],
  ["nothing is known of the page", () => buildCall().run(30), []],
])("%s", (_name, build, expected) => {
  expect(about(build().analyse(), id)).toEqual(expected);
});

test.each<[string, () => CallBuilder]>([
  ["refused", () => refused().run(10)],
  [
    "a silent AudioContext",
    () =>
      buildCall()
        .event("media-element-changed", playing({ muted: true }))
        .event("audio-context-state-changed", context("suspended"))
        .run(10),
  ],
])("%s: it is the application", (_name, build) => {
  expect(build().analyse().verdict).toMatchObject({ statedCause: id, faultDomain: "application" });
});

test("evidence names the error", () => {
  expect(evidenceOf(refused().run(10).analyse(), id)).toMatchObject({
    "event.error.name": "NotAllowedError",
  });
});
