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
  [
    "audio has less than half of its highest target",
    { ...limited, outAudio: { targetBitrate: 14_000 } },
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

test("a narrow audio target alone is the app's own choice", () => {
  expect(
    ids(
      buildCall()
        .run(21)
        .run(20, { outAudio: { targetBitrate: 12_000 } })
        .analyse(),
    ),
  ).toEqual([]);
});

test("a replaced track and a new path settle first", () => {
  const replaced = { from: "cam", to: "cam2", kind: "video" };
  const swap = buildCall().run(21).event("sender-track-replaced", replaced, true).run(8, limited).run(30);
  expect(ids(swap.analyse())).toEqual([]);
  const transport = { iceLocalUsernameFragment: "new" };
  const restart = buildCall()
    .run(21, { transport: { iceLocalUsernameFragment: "old" } })
    .run(8, { ...limited, transport })
    .run(30, { transport });
  expect(ids(restart.analyse())).toEqual([]);
});

test("it stays open until 10 s are quiet", () => {
  const mostly: Changes = { ...limited, outVideo: { ...limited.outVideo, bandwidthLimited: 0.3 } };
  const call = buildCall().run(21).run(10, limited).run(10, mostly).run(30);
  expect(summary(call.analyse())).toEqual(["uplink-bandwidth-limited minor 21..41"]);
});

test.each<[string, number, number, string[]]>([
  ["one and a half times what it was forced down to: works its way up", 330_000, 340_000, ["21..41"]],
  ["little more", 260_000, 270_000, ["21..81"]],
  ["far more, until it is forced down again", 390_000, 330_000, ["21..41", "61..81"]],
])("still limited by an estimate that is %s", (_name, then, later, expected) => {
  const at = (bps: number): Changes => ({ ...limited, pair: { availableOutgoingBitrate: bps } });
  const call = buildCall().run(21).run(20, limited).run(20, at(then)).run(20, at(later));
  expect(summary(call.analyse())).toEqual(expected.map((span) => `uplink-bandwidth-limited minor ${span}`));
});

test("right after a new path a far too small estimate needs as long as any", () => {
  const small: Changes = { ...limited, pair: { availableOutgoingBitrate: 150_000 } };
  const seen = (call: ReturnType<typeof buildCall>): boolean =>
    ids(call.analyse()).includes("uplink-bandwidth-limited");
  expect(seen(buildCall().run(21).run(5, small))).toBe(true);
  const replaced = { from: "cam", to: "cam2", kind: "video" };
  const swapped = buildCall().run(21).event("sender-track-replaced", replaced, true);
  expect(seen(swapped.run(9, small))).toBe(false);
  expect(seen(swapped.run(2, small))).toBe(true);
});

/** A browser with neither estimate nor reason, that sends a third of what it did. */
const blindAndLess = (lost: number, roundTripS: number): Changes => ({
  outVideo: { bandwidthLimited: null, targetBitrate: null, bytesSent: 20_000 },
  pair: { availableOutgoingBitrate: null, currentRoundTripTime: roundTripS },
  remoteInVideo: { packetsLost: lost, roundTripTime: roundTripS },
});

test.each<[string, Changes, boolean]>([
  ["a long round trip and loss", blindAndLess(6, 0.4), true],
  ["loss alone", blindAndLess(6, 0.04), false],
  ["a long round trip alone", blindAndLess(0, 0.4), false],
  ["both, with a source that stopped", { ...blindAndLess(6, 0.4), camSource: { frames: 0 } }, false],
])("without estimate and reason, less that goes out beside %s", (_name, changes, isFound) => {
  const blind: Changes = {
    outVideo: { bandwidthLimited: null, targetBitrate: null },
    pair: { availableOutgoingBitrate: null },
  };
  const found = ids(buildCall().run(31, blind).run(20, changes).run(40, blind).analyse());
  expect(found.includes("uplink-bandwidth-limited")).toBe(isFound);
});
