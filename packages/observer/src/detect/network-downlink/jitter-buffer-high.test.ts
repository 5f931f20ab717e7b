import { expect, test } from "vitest";
import { buildCall, type Changes, ids, summary } from "../../testing/call-builder.ts";

const id = "jitter-buffer-high";

/** A buffer of sound: what it holds, what it aims at, and what it needs on this way, ms. */
const buffer = (delayMs: number, minimumMs = delayMs, targetMs = delayMs): Changes => ({
  inAudio: {
    jitterBufferDelay: delayMs * 48,
    jitterBufferTargetDelay: targetMs * 48,
    jitterBufferMinimumDelay: minimumMs * 48,
  },
});

test.each<[number, string | null]>([
  [190, null],
  [200, null],
  [210, "minor"],
  [600, "major"],
])("a buffer that needs %d ms", (delayMs, severity) => {
  const found = summary(buildCall().run(21).run(20, buffer(delayMs)).run(30).analyse());
  expect(found).toEqual(severity === null ? [] : [`${id} ${severity} 21..41`]);
});

test("between 120 and 200 ms it is held, below it ends", () => {
  const [held] = buildCall().run(20).run(10, buffer(300)).run(30, buffer(150)).run(20).analyse().observations;
  expect(held).toMatchObject({ id, endReason: "cleared" });
  expect(Math.round(((held?.clearedAt ?? 0) - (held?.startedAt ?? 0)) / 10_000)).toBe(4);
});

test("uneven arrival of the same sound is its parent", () => {
  const jitter = buffer(300).inAudio;
  const { observations } = buildCall()
    .run(20)
    .run(20, { inAudio: { ...jitter, jitter: 0.05 } })
    .run(20)
    .analyse();
  const parent = observations.find((found) => found.id === "downlink-jitter");
  expect(observations.find((found) => found.id === id)?.parentId).toBe(parent?.key);
});

test.each<[string, ReturnType<typeof buildCall>]>([
  ["the app, or the other medium, holds the delay", buildCall().run(20).run(30, buffer(280, 40))],
  ["buffers settle in the first seconds", buildCall().run(14, buffer(220)).run(30)],
  [
    "the path changed a moment ago",
    buildCall()
      .run(20)
      .run(6, { ...buffer(300), pair: { id: "CP2" }, transport: { selectedCandidatePairId: "CP2" } })
      .run(20, { pair: { id: "CP2" }, transport: { selectedCandidatePairId: "CP2" } }),
  ],
  [
    "the end is intended",
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
      .run(20, buffer(300)),
  ],
])("%s: expected", (_name, call) => {
  expect(ids(call.analyse())).toEqual([]);
});

test("without the buffer's minimum a chosen delay cannot be told apart: not computable", () => {
  const blind = { jitterBufferMinimumDelay: null };
  const changes: Changes = { inAudio: { ...buffer(400).inAudio, ...blind }, inVideo: blind };
  const { verdict, observations } = buildCall().run(40, changes).analyse();
  expect(observations).toEqual([]);
  expect(verdict.missing.map(({ what }) => what)).toContain(id);
});
