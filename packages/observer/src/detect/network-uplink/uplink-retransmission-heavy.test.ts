import { expect, test } from "vitest";
import {
  analyseRecords,
  buildCall,
  type CallBuilder,
  type Changes,
  ids,
  summary,
} from "../../testing/call-builder.ts";

const repair = (percent: number, more = {}): Changes => ({
  outVideo: { retransmittedPacketsSent: (60 * percent) / 100, nackCount: 1, ...more },
});

test.each<[string, Changes, string[]]>([
  ["5 % is not more than 5 %", repair(5), []],
  ["8 %", repair(8), ["uplink-retransmission-heavy minor 21..41"]],
  ["20 %", repair(20), ["uplink-retransmission-heavy major 21..41"]],
  ["20 % that nobody asked for: padding", repair(20, { nackCount: 0 }), []],
  ["20 % of a few packets", repair(20, { packetsSent: 10, retransmittedPacketsSent: 2 }), []],
])("%s", (_name, changes, expected) => {
  expect(summary(buildCall().run(21).run(20, changes).run(20).analyse())).toEqual(expected);
});

test("it clears below half of the level, and when nothing is sent any more", () => {
  const half = buildCall().run(21).run(10, repair(8)).run(20, repair(4)).run(20);
  expect(summary(half.analyse())).toEqual(["uplink-retransmission-heavy minor 21..51"]);
  const off: Changes = {
    outVideo: { packetsSent: 0, bytesSent: 0, framesEncoded: 0 },
    camSource: { frames: 0 },
  };
  expect(summary(buildCall().run(21).run(10, repair(8)).run(40, off).analyse())).toEqual([
    "uplink-retransmission-heavy minor 21..31",
  ]);
});

test("packets that overtake one another are asked for without being lost", () => {
  const call = buildCall().run(21);
  for (let count = 0; count < 10; count += 1) {
    call
      .run(1, { ...repair(20), remoteInVideo: { packetsLost: 2 } })
      .run(1, { ...repair(20), remoteInVideo: { packetsLost: -2 } });
  }
  expect(ids(call.run(20).analyse())).not.toContain("uplink-retransmission-heavy");
});

test("beside loss on the way out it is the effect", () => {
  const lossy: Changes = { ...repair(8), remoteInVideo: { packetsLost: 5 } };
  const analysis = buildCall().run(21).run(20, lossy).run(20).analyse();
  const found = analysis.observations.find(({ id }) => id === "uplink-retransmission-heavy");
  expect(found?.parentId).toMatch(/^uplink-loss/);
});

/** A second sender on the same connection: a server is in between. */
function overServer({ records }: CallBuilder): CallBuilder["records"] {
  return records.map((record) =>
    record.kind === "sample"
      ? {
          ...record,
          stats: record.stats.flatMap((stats) =>
            stats.id === "IA"
              ? [stats, { ...stats, id: "IA2", ssrc: 5001, trackIdentifier: "another-mic" }]
              : [stats],
          ),
        }
      : record,
  );
}

test("a server that lost nothing passes on what somebody behind it asks: this way out is not accused", () => {
  const { verdict } = analyseRecords(overServer(buildCall().run(21).run(20, repair(20)).run(10)));
  expect(verdict).toMatchObject({
    faultDomain: "unknown",
    statedCause: "uplink-retransmission-heavy",
    alternatives: [],
  });
});

test("without the counter it cannot say", () => {
  const blind: Changes = {
    outVideo: { retransmittedPacketsSent: null },
    outAudio: { retransmittedPacketsSent: null },
  };
  const { verdict } = buildCall().run(40, blind).analyse();
  expect(verdict.missing.map(({ what }) => what)).toContain("uplink-retransmission-heavy");
});

test("sending again is a cause only when it is much, and nobody noticed anything of the way", () => {
  const stated = (changes: Changes): string | null =>
    buildCall().run(21).run(20, changes).run(40).analyse().verdict.statedCause;
  expect(stated(repair(8))).toBeNull();
  expect(stated(repair(20))).toBe("uplink-retransmission-heavy");
  expect(stated({ ...repair(20), remoteInAudio: { jitter: 0.016 } })).toBeNull();
  expect(stated({ ...repair(20), remoteInVideo: { jitter: 0.016 } })).toBe("uplink-retransmission-heavy");
  expect(stated({ ...repair(20), remoteInVideo: { packetsLost: 0.4 } })).toBeNull();
});
