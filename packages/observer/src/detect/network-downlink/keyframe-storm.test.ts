import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes, ids, summary } from "../../testing/call-builder.ts";

const id = "keyframe-storm";
const asking: Changes = { inVideo: { pliCount: 1 } };

test("a request each second for half a minute; it ends 10 s after the rate is low", () => {
  const [found, ...others] = buildCall().run(20).run(30, asking).run(60).analyse().observations;
  expect(others).toEqual([]);
  expect(found).toMatchObject({ id, severity: "minor", endReason: "cleared" });
  expect(Number(found?.peak?.value)).toBeGreaterThan(0.9);
});

test("FIR counts like PLI", () => {
  expect(
    ids(
      buildCall()
        .run(20)
        .run(20, { inVideo: { firCount: 1 } })
        .analyse(),
    ),
  ).toEqual([id]);
});

test.each<[string, () => CallBuilder]>([
  ["half a request a second is the limit", () => buildCall().run(20).run(15, asking).run(60)],
  ["a few requests when somebody joins", () => buildCall().run(5, asking).run(60)],
  [
    "a layer is being switched all the time",
    () => {
      const call = buildCall().run(20);
      for (let round = 0; round < 8; round += 1) {
        call.run(4, { inVideo: { pliCount: 1, frameHeight: round % 2 === 0 ? 180 : 360 } });
      }
      return call;
    },
  ],
  [
    "the track was replaced a moment ago",
    () =>
      buildCall()
        .run(20)
        .event("sender-track-replaced", { from: "cam", to: "cam2", kind: "video" }, true)
        .run(4, { inVideo: { pliCount: 5 } })
        .event("connection-closed", {}, true),
  ],
  [
    "the end is intended",
    () =>
      buildCall()
        .run(20)
        .event("track-state-changed", {
          trackId: "far-cam",
          kind: "video",
          direction: "remote",
          enabled: true,
          muted: false,
          readyState: "ended",
        })
        .run(30, asking),
  ],
])("%s: expected", (_name, call) => {
  expect(summary(call().analyse())).toEqual([]);
});

test("without a counter of requests it is not computable", () => {
  const { verdict } = buildCall()
    .run(30, { inVideo: { pliCount: null, firCount: null } })
    .analyse();
  expect(verdict.missing.map(({ what }) => what)).toContain(id);
});
