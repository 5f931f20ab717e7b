import { expect, test } from "vitest";
import { buildCall, type Changes, ids, summary } from "../testing/call-builder.ts";

const frozen: Changes = { inVideo: { framesDecoded: 0 } };
const booked = (seconds: number): Changes => ({ inVideo: { freezeCount: 1, totalFreezesDuration: seconds } });

test.each<[string, number, string[]]>([
  ["half a second", 0.5, []],
  ["0.9 s, 3 % of half a minute", 0.9, ["video-freeze minor 21..23"]],
])("one freeze of %s", (_name, seconds, expected) => {
  expect(summary(buildCall().run(21).run(1, booked(seconds)).run(60).analyse())).toEqual(expected);
});

test("a freeze that still runs is seen, and not counted twice when it is booked", () => {
  const call = buildCall().run(21).run(4, frozen);
  expect(summary(call.analyse())).toEqual(["video-freeze major 21..25"]);
  const [freeze] = call
    .run(1, { inVideo: { pauseCount: 1, totalPausesDuration: 4.2 } })
    .run(60)
    .analyse().observations;
  expect(Number(freeze?.peak?.value)).toBeGreaterThan(13);
  expect(Number(freeze?.peak?.value)).toBeLessThan(15);
});

test("two short freezes in half a minute are a rate", () => {
  expect(
    summary(buildCall().run(21).run(1, booked(0.2)).run(9).run(1, booked(0.2)).run(60).analyse()),
  ).toEqual(["video-freeze minor 21..33"]);
});

test.each<[string, ReturnType<typeof buildCall>]>([
  [
    "the tab is hidden",
    buildCall().run(21).event("page-visibility-changed", { visible: false }).run(20, frozen),
  ],
  [
    "a screen share stands still",
    buildCall()
      .run(20, { inVideo: { contentType: "screenshare" } })
      .run(20, { inVideo: { contentType: "screenshare", framesDecoded: 0 } }),
  ],
  [
    "nothing arrives and nobody says that it is sent",
    buildCall()
      .run(21)
      .run(20, { inVideo: { framesDecoded: 0, packetsReceived: 0 }, remoteOutVideo: null }),
  ],
  ["the first frame takes its time", buildCall().run(4, frozen).run(21)],
])("%s: expected", (_name, call) => {
  expect(ids(call.analyse())).toEqual([]);
});

test("without decoded frames in the statistics it is not computable", () => {
  const { verdict } = buildCall()
    .run(20, { inVideo: { framesDecoded: null } })
    .analyse();
  expect(verdict.missing.map(({ what }) => what)).toContain("video-freeze");
});
