import { expect, test } from "vitest";
import { buildCall, type Changes, summary } from "../../testing/call-builder.ts";

const rtt = (seconds: number): Changes => ({ pair: { currentRoundTripTime: seconds } });
const onlyReports = (seconds: number): Changes => ({
  pair: { currentRoundTripTime: null },
  remoteInAudio: { roundTripTime: seconds },
  remoteInVideo: { roundTripTime: seconds },
});

test.each<[string, Changes, string[]]>([
  ["200 ms", rtt(0.2), []],
  ["350 ms", rtt(0.35), ["high-rtt minor 21..41"]],
  ["600 ms", rtt(0.6), ["high-rtt major 21..41"]],
  ["350 ms by receiver reports", onlyReports(0.35), ["high-rtt minor 21..41"]],
])("%s", (_name, changes, expected) => {
  expect(summary(buildCall().run(21).run(20, changes).run(21).analyse())).toEqual(expected);
});

test("0 is unknown, not excellent: it neither raises nor clears", () => {
  const call = buildCall().run(21).run(20, rtt(0.35)).run(5, onlyReports(0)).run(5, rtt(0.35));
  expect(summary(call.analyse())).toEqual(["high-rtt minor 21..51"]);
});

test("no measurement anywhere: not computable", () => {
  const analysis = buildCall().run(30, onlyReports(0)).analyse();
  expect(analysis.verdict.missing.map(({ what }) => what)).toContain("high-rtt");
});
