import { expect, test } from "vitest";
import {
  buildCall,
  type CallBuilder,
  type Changes,
  callStart,
  ids,
  summary,
} from "../../testing/call-builder.ts";

/** A round trip, and kilobytes a second that were sent and received meanwhile. */
const path = (ms: number, sent = 64, received = 64): Changes => ({
  pair: { currentRoundTripTime: ms / 1000, bytesSent: 1000 * sent, bytesReceived: 1000 * received },
});

const swing = (call: CallBuilder, high: Changes, low: Changes, times = 5): CallBuilder => {
  for (let count = 0; count < times; count += 1) call.run(6, high).run(2, low);
  return call;
};

test.each<[string, Changes, string[]]>([
  ["180 ms more while more is sent", path(220, 300), ["uplink-bufferbloat minor"]],
  ["500 ms more while more is sent", path(540, 300), ["uplink-bufferbloat major"]],
  ["140 ms more while more is sent", path(180, 300), []],
  ["180 ms more, whatever is sent", path(220), []],
  ["180 ms more while more is received than sent", path(220, 66, 300), []],
])("%s", (_name, high, expected) => {
  const found = summary(swing(buildCall().run(21), high, path(40)).run(30).analyse());
  expect(found.filter((line) => line.startsWith("uplink")).map((line) => line.replace(/ \d.*/, ""))).toEqual(
    expected,
  );
});

test("it ends ten seconds after the queue is gone", () => {
  const found = summary(buildCall().run(21).run(20, path(240, 300)).run(30).analyse());
  expect(found).toEqual(["uplink-bufferbloat minor 21..41"]);
});

test("loss on the way out fills in where the rate cannot rise", () => {
  const full: Changes = {
    ...path(240),
    remoteInAudio: { packetsLost: 1 },
    remoteInVideo: { packetsLost: 1.2 },
  };
  expect(ids(buildCall().run(21).run(20, full).run(30).analyse())).toEqual([
    "uplink-bufferbloat",
    "uplink-loss",
  ]);
});

test("a new path has another round trip: the baseline starts anew", () => {
  const transport = { selectedCandidatePairId: "CP2" };
  const far: Changes = { pair: { id: "CP2", currentRoundTripTime: 0.25, bytesSent: 300_000 }, transport };
  expect(ids(buildCall().run(21).run(40, far).analyse())).toEqual([]);
});

test("packets that overtake one another come over no queue", () => {
  const call = buildCall().run(21);
  for (let count = 0; count < 10; count += 1) {
    call
      .run(1, { ...path(240, 300), remoteInAudio: { packetsLost: 2 } })
      .run(1, { ...path(240, 300), remoteInAudio: { packetsLost: -2 } });
  }
  expect(ids(call.run(20).analyse())).not.toContain("uplink-bufferbloat");
});

test("reports of the far end do where the pair has no round trip; without either it cannot say", () => {
  const reports = (seconds: number, sent: number): Changes => ({
    pair: { currentRoundTripTime: null, bytesSent: sent },
    remoteInAudio: { roundTripTime: seconds },
  });
  const bloated = buildCall().run(21, reports(0.04, 64_000)).run(20, reports(0.24, 300_000));
  expect(ids(bloated.analyse())).toEqual(["uplink-bufferbloat"]);
  const old = { timestamp: callStart + 1000 };
  const stale: Changes = { ...reports(0.04, 64_000), remoteInAudio: old, remoteInVideo: old };
  expect(ids(buildCall().run(60, stale).analyse())).toEqual([]);
  const blind: Changes = {
    pair: { currentRoundTripTime: null },
    remoteInAudio: { roundTripTime: null },
    remoteInVideo: { roundTripTime: null },
  };
  const { verdict } = buildCall().run(40, blind).analyse();
  expect(verdict.missing.map(({ what }) => what)).toContain("uplink-bufferbloat");
});

test("between two people neither end is named", () => {
  const { verdict } = buildCall().run(21).run(20, path(240, 300)).analyse();
  expect(verdict).toMatchObject({ faultDomain: "unknown", statedCause: "uplink-bufferbloat" });
  expect(verdict.alternatives.map(({ faultDomain }) => faultDomain)).toEqual([
    "publisher-uplink",
    "receiver-downlink",
  ]);
});

test("a round trip that sound repeats after the queue is gone holds nothing open (Firefox)", () => {
  const ends = (soundAfter: (second: number) => number): (string | null)[] => {
    const noPair = { currentRoundTripTime: null, requestsSent: null, responsesReceived: null };
    const call = buildCall().run(40, { pair: noPair });
    for (let second = 0; second < 12; second += 1) {
      const roundTripTime = 0.4 + Math.floor(second / 4) / 1000;
      call.run(1, {
        pair: noPair,
        remoteInVideo: { roundTripTime, packetsLost: 2 },
        remoteInAudio: { roundTripTime },
      });
    }
    for (let second = 0; second < 20; second += 1)
      call.run(1, { pair: noPair, remoteInAudio: { roundTripTime: soundAfter(second) } });
    const found = call.analyse().observations.filter(({ id }) => id === "uplink-bufferbloat");
    return found.map(({ endReason }) => endReason);
  };
  expect(ends(() => 0.402)).toEqual(["cleared"]);
  // It goes on measuring: that is no repetition.
  expect(ends((second) => 0.411 + second / 1000)).toEqual(["session-end"]);
});
