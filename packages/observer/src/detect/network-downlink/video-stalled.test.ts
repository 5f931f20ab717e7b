import type { Observation } from "@peerscope/schema";
import { expect, test } from "vitest";
import { buildCall, callStart, type CallBuilder, type Changes } from "../../testing/call-builder.ts";

const id = "video-stalled";

/** Packets go on, nothing is decoded, and a whole picture is asked for each second. */
const stalled: Changes = { inVideo: { framesReceived: 0, framesDecoded: 0, pliCount: 1 } };

function found(call: CallBuilder): Observation[] {
  return call.analyse().observations.filter((observation) => observation.id === id);
}

test.each<[number, string | null]>([
  [3, null],
  [6, "major"],
  [12, "critical"],
])("%d s without a frame", (seconds, severity) => {
  const stalls = found(buildCall().run(20).run(seconds, stalled).run(20));
  expect(stalls.map((stall) => stall.severity)).toEqual(severity === null ? [] : [severity]);
  for (const { startedAt, clearedAt, endReason } of stalls) {
    expect((startedAt - callStart) / 1000).toBe(20);
    expect(((clearedAt ?? 0) - callStart) / 1000 - 20 - seconds).toBeLessThanOrEqual(2);
    expect(endReason).toBe("cleared");
  }
});

test.each<[string, Changes, string, string]>([
  [
    "frames with holes",
    { inVideo: { ...stalled.inVideo, packetsLost: 20, nackCount: 10 } },
    "assembly",
    "unknown",
  ],
  ["nothing is missing and no whole picture comes", stalled, "key frame", "remote"],
  [
    "whole frames that nobody decodes",
    { inVideo: { ...stalled.inVideo, framesReceived: 30 } },
    "decode",
    "receiver-device",
  ],
])("%s", (_name, changes, variant, domain) => {
  const [stall] = found(buildCall().run(20).run(8, changes).run(10));
  expect(stall?.evidence).toContainEqual(expect.objectContaining({ field: "stallVariant", value: variant }));
  expect(stall?.domainHint).toBe(domain);
});

test("whoever it may be, one side alone names nobody", () => {
  for (const framesReceived of [0, 30]) {
    const { verdict } = buildCall()
      .run(20)
      .run(12, { inVideo: { ...stalled.inVideo, framesReceived } })
      .run(30)
      .analyse();
    expect(verdict).toMatchObject({ faultDomain: "unknown", statedCause: id });
    expect(verdict.alternatives.length).toBeGreaterThan(0);
  }
});

test("an answer may take fifteen round trips", () => {
  const slow: Changes = { ...stalled, pair: { currentRoundTripTime: 0.6, totalRoundTripTime: null } };
  expect(found(buildCall().run(20).run(8, slow).run(10))).toEqual([]);
  expect(found(buildCall().run(20).run(12, slow).run(10))).toHaveLength(1);
});

test.each<[string, CallBuilder]>([
  [
    "the page is hidden",
    buildCall().run(20).event("page-visibility-changed", { visible: false }).run(12, stalled),
  ],
  [
    "what arrives may be padding or probes",
    buildCall()
      .run(20)
      .run(12, { inVideo: { ...stalled.inVideo, bytesReceived: 600 } }),
  ],
  [
    "nobody asked for a whole picture",
    buildCall()
      .run(20)
      .run(12, { inVideo: { ...stalled.inVideo, pliCount: 0 } }),
  ],
  [
    "nothing arrives: a pause or an outage",
    buildCall()
      .run(20)
      .run(12, { inVideo: { ...stalled.inVideo, packetsReceived: 0, bytesReceived: 0 } }),
  ],
  [
    "the far end's track is over",
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
      .run(12, stalled),
  ],
])("%s: expected", (_name, call) => {
  expect(found(call)).toEqual([]);
});

test("without decoded frames in the statistics it is not computable", () => {
  const { verdict } = buildCall()
    .run(20, { inVideo: { framesDecoded: null } })
    .analyse();
  expect(verdict.missing.map(({ what }) => what)).toContain(id);
});
