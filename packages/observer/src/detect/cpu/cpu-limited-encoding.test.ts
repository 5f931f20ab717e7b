import { expect, test } from "vitest";
import { analyseRecords, buildCall, type Changes, ids, summary } from "../../testing/call-builder.ts";

const limited = (cpu: number, bandwidth = 0): Changes => ({
  outVideo: { cpuLimited: cpu, bandwidthLimited: bandwidth },
});

test.each<[string, Changes, string[]]>([
  ["half of the time", limited(0.5), ["cpu-limited-encoding major 21..41"]],
  ["30 % is not more than 30 %", limited(0.3), []],
  ["longer by bandwidth", limited(0.4, 0.6), []],
  ["by bandwidth too, for a shorter time", limited(0.5, 0.4), ["cpu-limited-encoding major 21..41"]],
])("limited by the processor %s", (_name, changes, expected) => {
  const pair = { availableOutgoingBitrate: 5_000_000 };
  const call = buildCall()
    .run(21)
    .run(20, { ...changes, pair })
    .run(30);
  expect(summary(call.analyse())).toEqual(expected);
});

test("the reason of one moment is not used: durations alone decide", () => {
  const reason: Changes = { outVideo: { qualityLimitationReason: "cpu" } };
  expect(ids(buildCall().run(21).run(20, reason).analyse())).toEqual([]);
});

test("the ramp-up of a stream is not judged", () => {
  expect(ids(buildCall().run(14, limited(1)).run(30).analyse())).toEqual([]);
});

test("a track that is being replaced is not judged", () => {
  const replaced = { from: "cam", to: "cam2", kind: "video" };
  const call = buildCall().run(21).event("sender-track-replaced", replaced, true).run(6, limited(1)).run(20);
  expect(ids(call.analyse())).toEqual([]);
});

test("it stays open below 10 % until 20 s are quiet, and ends when the sender is switched off", () => {
  const ten = buildCall().run(21).run(10, limited(0.5)).run(30, limited(0.2));
  expect(summary(ten.analyse())).toEqual(["cpu-limited-encoding major 21..61"]);
  const off = buildCall()
    .run(21)
    .run(10, limited(0.5))
    .run(30, { outVideo: { active: false, framesEncoded: 0, packetsSent: 0 } });
  expect(summary(off.analyse())).toEqual(["cpu-limited-encoding major 21..31"]);
});

test("without durations it is not computable, never fine", () => {
  const blind: Changes = { outVideo: { bandwidthLimited: null } };
  const { verdict } = buildCall().run(40, blind).analyse();
  expect(verdict.missing.map(({ what }) => what)).toContain("cpu-limited-encoding");
});

test("it is this device, and the slow encoder beside it is the same finding", () => {
  const slow: Changes = { outVideo: { cpuLimited: 0.9, totalEncodeTime: 0.9 } };
  const analysis = buildCall().run(21).run(20, slow).run(20).analyse();
  expect(analysis.verdict).toMatchObject({
    faultDomain: "publisher-device",
    statedCause: "cpu-limited-encoding",
    confidence: 0.8,
  });
  const slowest = analysis.observations.find(({ id }) => id === "encoder-overloaded");
  expect(slowest?.parentId).toMatch(/^cpu-limited-encoding/);
});

test("layers of one source are one sender", () => {
  const { records } = buildCall().run(21).run(20, limited(0.5)).run(20);
  const layered = records.map((record) =>
    record.kind === "sample"
      ? {
          ...record,
          stats: record.stats.flatMap((stats) =>
            stats.id === "OV"
              ? [
                  { ...stats, rid: "h" },
                  { ...stats, id: "OV2", ssrc: 2003, rid: "l" },
                ]
              : [stats],
          ),
        }
      : record,
  );
  const found = analyseRecords(layered).observations.filter(({ id }) => id === "cpu-limited-encoding");
  expect(found).toHaveLength(1);
  expect(found[0]?.evidence.find(({ field }) => field === "layers")?.value).toBe(2);
});
