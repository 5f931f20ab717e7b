import { expect, test } from "vitest";
import { parseThresholds } from "../../extend/thresholds.ts";
import { analyseRecords, buildCall, type Changes, ids, summary } from "../../testing/call-builder.ts";

/** `fps` encoded frames a second at `ms` each, from a source of `source` frames a second. */
const encoding = (fps: number, ms: number, source = 30, more = {}): Changes => ({
  outVideo: { framesEncoded: fps, totalEncodeTime: (fps * ms) / 1000, ...more },
  camSource: { frames: source },
});

const found = ["encoder-overloaded major 21..41"];

test.each<[string, Changes, string[]]>([
  ["every frame, 15 ms of 33", encoding(30, 15), []],
  ["every frame, 19 ms of 33", encoding(30, 19), []],
  ["every frame, 25 ms of 33", encoding(30, 25), found],
  ["a third of the frames at 55 ms, busy half of the time", encoding(10, 55), found],
  ["a starved machine: 10 of 15 frames at 75 ms", encoding(10, 75, 15), found],
  ["no source statistics, 25 ms of 33", { ...encoding(30, 25), camSource: null }, found],
  ["a cap of 10 frames a second by the app: the encoder is idle", encoding(10, 8), []],
  [
    "frames left out for bandwidth",
    encoding(10, 55, 30, { qualityLimitationReason: "bandwidth", bandwidthLimited: 0.4 }),
    [],
  ],
  ["a hardware encoder's pipeline", encoding(30, 40, 30, { powerEfficientEncoder: true }), []],
  ["a hardware encoder that leaves frames out", encoding(12, 60, 30, { powerEfficientEncoder: true }), found],
  ["slow content on purpose", encoding(4, 200, 4), []],
])("%s", (_name, changes, expected) => {
  const pair = { availableOutgoingBitrate: 5_000_000 };
  const call = buildCall()
    .run(21)
    .run(20, { ...changes, pair })
    .run(20);
  expect(summary(call.analyse())).toEqual(expected);
});

test("it clears below 50 %, not below 60 %", () => {
  const call = buildCall().run(21).run(10, encoding(30, 25)).run(20, encoding(30, 18)).run(20);
  expect(summary(call.analyse())).toEqual(["encoder-overloaded major 21..51"]);
});

test("a hardware encoder that leaves fewer frames out neither raises nor clears", () => {
  const hardware = (fps: number): Changes => encoding(fps, 60, 30, { powerEfficientEncoder: true });
  expect(ids(buildCall().run(21).run(20, hardware(24)).analyse())).toEqual([]);
  const call = buildCall().run(21).run(10, hardware(12)).run(20, hardware(24)).run(20);
  expect(summary(call.analyse())).toEqual(["encoder-overloaded major 21..51"]);
});

test("a few steps are no finding, nor is the ramp-up", () => {
  expect(ids(buildCall().run(21).run(4, encoding(30, 25)).run(20).analyse())).toEqual([]);
  expect(ids(buildCall().run(15, encoding(30, 25)).run(20).analyse())).toEqual([]);
});

test("a replaced track and a switched layer settle first", () => {
  const replaced = { from: "cam", to: "cam2", kind: "video" };
  const swap = buildCall().run(21).event("sender-track-replaced", replaced, true).run(6, encoding(30, 25));
  expect(ids(swap.run(20).analyse())).toEqual([]);
  const layer = buildCall()
    .run(21)
    .run(1, { outVideo: { active: false } })
    .run(8, encoding(30, 25))
    .run(20);
  expect(ids(layer.analyse())).toEqual([]);
});

test("a camera that is switched off ends it: there is nothing to encode", () => {
  const off: Changes = {
    outVideo: { framesEncoded: 0, totalEncodeTime: 0, packetsSent: 0, bytesSent: 0 },
    camSource: { frames: 0 },
  };
  expect(summary(buildCall().run(21).run(20, encoding(30, 25)).run(40, off).analyse())).toEqual(found);
});

test("a browser without encode time cannot say", () => {
  const blind: Changes = { outVideo: { totalEncodeTime: null, framesEncoded: 10 } };
  const analysis = buildCall().run(40, blind).analyse();
  expect(ids(analysis)).toEqual([]);
  expect(analysis.verdict.missing.map(({ what }) => what)).toContain("encoder-overloaded");
});

test("left-out frames make it this device; every frame in time names nobody", () => {
  const { verdict } = buildCall().run(21).run(20, encoding(10, 75)).analyse();
  expect(verdict).toMatchObject({
    faultDomain: "publisher-device",
    statedCause: "encoder-overloaded",
    confidence: 0.8,
  });
  const inTime = buildCall().run(21).run(20, encoding(30, 25)).analyse().verdict;
  expect(inTime).toMatchObject({ faultDomain: "unknown", statedCause: "encoder-overloaded" });
  expect(inTime.alternatives).toEqual([{ faultDomain: "publisher-device", confidence: 0.6 }]);
});

test("times of layers that are encoded together are not added up", () => {
  const { records } = buildCall().run(21).run(20, encoding(30, 12)).run(20);
  const layers = ["h", "m", "l"];
  const layered = records.map((record) =>
    record.kind === "sample"
      ? {
          ...record,
          stats: record.stats.flatMap((stats) =>
            stats.id === "OV"
              ? layers.map((rid, index) => ({ ...stats, id: `OV${rid}`, rid, ssrc: 3000 + index }))
              : [stats],
          ),
        }
      : record,
  );
  expect(ids(analyseRecords(layered))).toEqual([]);
});

test("uneven arrival of what a starved encoder sends is its effect", () => {
  const starved: Changes = { ...encoding(10, 75, 15), remoteInVideo: { jitter: 0.15 } };
  const analysis = buildCall().run(21).run(20, starved).run(20).analyse();
  const jitter = analysis.observations.find(({ id }) => id === "uplink-jitter");
  expect(jitter?.parentId).toMatch(/^encoder-overloaded/);
  expect(analysis.verdict.statedCause).toBe("encoder-overloaded");
});

test("N20: the browser's word for the limit masks nothing: the encoder's own time counts", () => {
  const masked = encoding(30, 25, 30, { qualityLimitationReason: "bandwidth", bandwidthLimited: 1 });
  const pair = { availableOutgoingBitrate: 5_000_000 };
  const call = buildCall()
    .run(21)
    .run(20, { ...masked, pair })
    .run(20);
  expect(ids(call.analyse())).toContain("encoder-overloaded");
});

test("a project's own limits are the ones in force", () => {
  const slow = buildCall().run(21).run(20, encoding(30, 25)).run(20);
  const thresholds = parseThresholds({ "encoder-overloaded": { thresholds: { busyPercent: 20 } } });
  expect(ids(slow.analyse({ thresholds }))).toEqual(["encoder-overloaded"]);
  const capped = buildCall().run(21).run(20, encoding(10, 25)).run(20);
  expect(ids(capped.analyse())).toEqual([]);
  expect(ids(capped.analyse({ thresholds }))).toEqual(["encoder-overloaded"]);
});
