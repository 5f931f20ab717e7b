import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes, outage } from "../../testing/call-builder.ts";
import { about, evidenceOf, notComputable } from "../../testing/ice-calls.ts";
import { playing } from "../../testing/page-events.ts";

const id = "no-audio-played-out";
const silent: Changes = {
  inAudio: { jitterBufferEmittedCount: 0, jitterBufferDelay: 0, totalSamplesReceived: 0 },
};
const call = (): CallBuilder => buildCall().event("media-element-changed", playing()).run(21);

test.each<[string, () => CallBuilder, string[]]>([
  ["for 10 s, then played", () => call().run(10, silent).run(10), ["major 21..31 cleared"]],
  ["for 4 s", () => call().run(4, silent).run(10), []],
  [
    "one step of sound does not clear",
    () => call().run(10, silent).run(2).run(10, silent),
    ["major 21..43 session-end"],
  ],
  [
    "the element is paused",
    () =>
      call()
        .event("media-element-changed", playing({ paused: true, pausedByApp: true }))
        .run(20, silent),
    [],
  ],
  [
    "the app switched the received track off",
    () =>
      call()
        .event("track-state-changed", {
          trackId: "far-mic",
          kind: "audio",
          direction: "remote",
          enabled: false,
          muted: false,
          readyState: "live",
        })
        .run(20, silent),
    [],
  ],
  [
    "hardly a packet arrives",
    () => call().run(20, { inAudio: { ...silent.inAudio, packetsReceived: 3 } }),
    [],
  ],
  ["nothing arrives at all", () => call().run(8, outage).run(10), []],
  [
    "the far end's track ended",
    () =>
      call()
        .event("track-state-changed", {
          trackId: "far-mic",
          kind: "audio",
          direction: "remote",
          enabled: true,
          muted: false,
          readyState: "ended",
        })
        .run(20, silent),
    [],
  ],
  ["no element is known to play it", () => buildCall().run(21).run(10, silent), ["info 21..31 session-end"]],
])("%s", (_name, build, expected) => {
  expect(about(build().analyse(), id)).toEqual(expected);
});

test("it is this person's device, for the page plays the track", () => {
  const analysis = call().run(10, silent).analyse();
  expect(evidenceOf(analysis, id)).toMatchObject({
    "inbound-rtp.jitterBufferEmittedCount": 0,
    "media-element.paused": false,
  });
  expect(analysis.verdict).toMatchObject({ statedCause: id, faultDomain: "receiver-device" });
});

test("without any count of what was played it cannot be computed", () => {
  const blind = buildCall().run(20, {
    inAudio: { jitterBufferEmittedCount: null, totalSamplesReceived: null },
  });
  expect(notComputable(blind.analyse())).toContain(id);
});
