import { expect, test } from "vitest";
import { buildCall, type Changes, ids, summary } from "../../testing/call-builder.ts";

const limited: Changes = {
  outVideo: { bandwidthLimited: 1, bytesSent: 20_000, targetBitrate: 150_000 },
  pair: { availableOutgoingBitrate: 200_000 },
};
const estimateOnly: Changes = {
  outVideo: { bandwidthLimited: null, bytesSent: 20_000, targetBitrate: 150_000 },
  pair: { availableOutgoingBitrate: 200_000 },
};

test.each<[string, Changes, string[]]>([
  ["limited by bandwidth", limited, ["uplink-bandwidth-limited minor 21..41"]],
  ["estimate below what was sent", estimateOnly, ["uplink-bandwidth-limited minor 21..41"]],
  [
    "small picture",
    { ...limited, outVideo: { ...limited.outVideo, frameHeight: 180 } },
    ["uplink-bandwidth-limited major 21..41"],
  ],
  ["the encoder says bandwidth, the estimate is ample", { outVideo: { bandwidthLimited: 1 } }, []],
  [
    "limited a third of the time, with an estimate in between",
    { outVideo: { bandwidthLimited: 0.3 }, pair: { availableOutgoingBitrate: 450_000 } },
    [],
  ],
])("%s", (_name, changes, expected) => {
  expect(summary(buildCall().run(21).run(20, changes).run(30).analyse())).toEqual(expected);
});

test("the ramp-up of a call is not a limit", () => {
  const start: Changes = {
    outVideo: { bandwidthLimited: 1, bytesSent: 20_000, targetBitrate: 150_000 },
    pair: { availableOutgoingBitrate: 160_000 },
  };
  expect(ids(buildCall().run(10, start).run(30).analyse())).toEqual([]);
});

test("a browser with neither estimate nor reason (Firefox) cannot say", () => {
  const blind: Changes = {
    outVideo: { bandwidthLimited: null, targetBitrate: null },
    pair: { availableOutgoingBitrate: null },
  };
  const analysis = buildCall().run(40, blind).analyse();
  expect(ids(analysis)).toEqual([]);
  expect(analysis.verdict.missing.map(({ what }) => what)).toContain("uplink-bandwidth-limited");
});
