import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes } from "../../testing/call-builder.ts";

const id = "playout-delay-forced";

/** Sound held back: what the buffer aims at and holds, and what it needs, ms. */
const held = (targetMs: number, minimumMs = 40): Changes => ({
  inAudio: {
    jitterBufferDelay: targetMs * 48,
    jitterBufferTargetDelay: targetMs * 48,
    jitterBufferMinimumDelay: minimumMs * 48,
  },
});

const listening: Changes = { micSource: { totalAudioEnergy: 0 } };

const severities = (call: CallBuilder): string[] =>
  call
    .analyse()
    .observations.filter((found) => found.id === id)
    .map(({ severity }) => severity);

test.each<[string, Changes, string[]]>([
  ["299 ms more than needed", held(339), []],
  ["301 ms more", held(341), ["info"]],
  ["a second, in a conversation", held(1040), ["minor"]],
  ["a second, while nobody talks back", { ...held(1040), ...listening }, ["info"]],
])("%s", (_name, changes, expected) => {
  expect(severities(buildCall().run(20).run(40, changes).run(20))).toEqual(expected);
});

test("it takes 20 s, ends when the delay is given up, and names the app", () => {
  expect(severities(buildCall().run(20).run(16, held(1040)).run(30))).toEqual([]);
  const { observations, verdict } = buildCall().run(20).run(40, held(1040)).run(30).analyse();
  // Nothing else is said of a delay that was chosen.
  expect(observations.map((found) => `${found.id} ${found.endReason}`)).toEqual([`${id} cleared`]);
  expect(verdict).toMatchObject({ faultDomain: "application", statedCause: id });
});

test.each<[string, () => CallBuilder]>([
  [
    "sound waits for a picture that arrives unevenly",
    () =>
      buildCall()
        .run(20)
        .run(40, { ...held(600), inVideo: { jitterBufferMinimumDelay: 17, jitterBufferTargetDelay: 17 } }),
  ],
  ["the stream has just begun", () => buildCall().run(30, held(1040)).run(20)],
  [
    "the track was replaced a moment ago",
    () => {
      const call = buildCall().run(20);
      for (let round = 0; round < 10; round += 1) {
        call
          .event("sender-track-replaced", { from: "mic", to: "other", kind: "audio" }, true)
          .run(4, held(1040));
      }
      return call;
    },
  ],
  [
    "the end is intended",
    () =>
      buildCall()
        .run(20)
        .event("track-state-changed", {
          trackId: "far-mic",
          kind: "audio",
          direction: "remote",
          enabled: true,
          muted: false,
          readyState: "ended",
        })
        .run(40, held(1040)),
  ],
])("%s: expected", (_name, call) => {
  expect(severities(call())).toEqual([]);
});

test("a held picture without sound is judged too", () => {
  const alone: Changes = {
    inAudio: null,
    remoteOutAudio: null,
    inVideo: { jitterBufferDelay: 30, jitterBufferTargetDelay: 30, jitterBufferMinimumDelay: 1 },
  };
  expect(severities(buildCall().run(20, { inAudio: null, remoteOutAudio: null }).run(40, alone))).toEqual([
    "minor",
  ]);
});

test("without the buffer's target it is not computable", () => {
  const { verdict } = buildCall()
    .run(40, { inAudio: { jitterBufferTargetDelay: null } })
    .analyse();
  expect(verdict.missing.map(({ what }) => what)).toContain(id);
});
