import { expect, test } from "vitest";
import {
  analyseRecords,
  buildCall,
  type CallBuilder,
  type Changes,
  ids,
  summary,
} from "../../testing/call-builder.ts";

const busy = (ms: number, more = {}): Changes => ({
  inVideo: { totalDecodeTime: (30 * ms) / 1000, ...more },
});
/** Frames dropped by a decoder that is busy for a third of the time. */
const dropping = (dropped: number, more = {}): Changes => ({
  inVideo: { framesDropped: dropped, framesDecoded: 30 - dropped, totalDecodeTime: 0.33, ...more },
});
const hidden = { visible: false };
const found = ["decoder-overloaded major 21..41"];

test.each<[string, Changes, string[]]>([
  ["19 ms of 33", busy(19), []],
  ["25 ms of 33", busy(25), found],
  ["3 of 30 frames dropped", dropping(3), []],
  ["4 of 30 frames dropped", dropping(4), found],
  ["dropped beside 3 % loss", dropping(6, { packetsLost: 2 }), []],
  ["dropped by a decoder that has time", dropping(6, { totalDecodeTime: 0.02 }), []],
  ["dropped while sound is lost", { ...dropping(6), inAudio: { packetsLost: 3 } }, []],
  ["dropped while sound is patched over", { ...dropping(6), inAudio: { concealedSamples: 3000 } }, []],
  ["too slow, whatever becomes of the sound", { ...busy(25), inAudio: { packetsLost: 3 } }, found],
  ["dropped because they came late", dropping(6, { jitter: 0.09 }), []],
  ["a sender whose frames fell to a third", busy(10, { framesReceived: 10, framesDecoded: 10 }), []],
])("%s", (_name, changes, expected) => {
  const call = buildCall().run(21).run(20, changes).run(20).analyse();
  expect(summary(call).filter((line) => line.startsWith("decoder"))).toEqual(expected);
});

test("it clears below 50 % and below 5 % dropped", () => {
  const slow = buildCall().run(21).run(10, busy(25)).run(20, busy(18)).run(20);
  expect(summary(slow.analyse())).toEqual(["decoder-overloaded major 21..51"]);
  const drops = buildCall().run(21).run(10, dropping(6)).run(20, dropping(2)).run(20);
  expect(summary(drops.analyse())).toEqual(["decoder-overloaded major 21..51"]);
});

test("N4: a starved sender's receiver is not blamed, however long it decodes what is left", () => {
  // Ten frames a second that take a device longer each, as its processor sleeps in between.
  const starved: Changes = {
    inVideo: {
      framesReceived: 10,
      framesDecoded: 8,
      framesDropped: 2,
      totalDecodeTime: 0.3,
      packetsReceived: 30,
    },
  };
  const analysis = buildCall().run(21).run(20, starved).run(30).analyse();
  expect(ids(analysis)).toEqual([]);
});

test("a hidden page decodes as it likes", () => {
  const call = buildCall().run(21).event("page-visibility-changed", hidden).run(30, dropping(10));
  expect(ids(call.analyse())).toEqual([]);
});

test("a switched layer and a starting stream settle first; few frames say nothing", () => {
  const layer = buildCall()
    .run(21)
    .run(6, busy(25, { frameHeight: 720 }));
  expect(ids(layer.analyse())).toEqual([]);
  expect(ids(buildCall().run(5, busy(25)).run(20).analyse())).toEqual([]);
  const few = { framesReceived: 4, framesDecoded: 4 };
  expect(ids(buildCall().run(40, busy(30, few)).analyse())).not.toContain("decoder-overloaded");
});

test("a sender that stops ends it", () => {
  const off: Changes = {
    inVideo: {
      packetsReceived: 0,
      bytesReceived: 0,
      framesReceived: 0,
      framesDecoded: 0,
      totalDecodeTime: 0,
    },
    remoteOutVideo: { packetsSent: 0 },
  };
  const call = buildCall().run(21).run(20, busy(25)).run(40, off);
  expect(summary(call.analyse())).toEqual(found);
});

test("without times and counts it cannot say", () => {
  const blind: Changes = { inVideo: { totalDecodeTime: null, framesDropped: null } };
  const { verdict } = buildCall().run(40, blind).analyse();
  expect(verdict.missing.map(({ what }) => what)).toContain("decoder-overloaded");
});

test("it is this device, and freezes are its effect", () => {
  const frozen = { freezeCount: 0.5, totalFreezesDuration: 0.3 };
  const analysis = buildCall().run(31).run(30, busy(27, frozen)).run(5).analyse();
  expect(analysis.verdict).toMatchObject({
    faultDomain: "receiver-device",
    statedCause: "decoder-overloaded",
    confidence: 0.8,
  });
  const freeze = analysis.observations.find(({ id }) => id === "video-freeze");
  expect(freeze?.parentId).toMatch(/^decoder-overloaded/);
});

/** Another picture on the same connection, as the first one, or received whole. */
function withSecondPicture({ records }: CallBuilder, alike: boolean): CallBuilder["records"] {
  return records.map((record) =>
    record.kind === "sample"
      ? {
          ...record,
          stats: record.stats.flatMap((stats) =>
            stats.id === "IV"
              ? [stats, { ...stats, id: "IV2", ssrc: 5002, mid: "2", ...(alike ? {} : { framesDropped: 0 }) }]
              : [stats],
          ),
        }
      : record,
  );
}

test("an idle decoder drops for lack of time only when every picture suffers", () => {
  const drops = (): CallBuilder =>
    buildCall()
      .run(21)
      .run(20, dropping(6, { totalDecodeTime: 0.02 }))
      .run(20);
  expect(ids(analyseRecords(withSecondPicture(drops(), true)))).toContain("decoder-overloaded");
  expect(ids(analyseRecords(withSecondPicture(drops(), false)))).not.toContain("decoder-overloaded");
});
