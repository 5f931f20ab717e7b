import type { SessionRecord, StatsObject } from "@peerscope/schema";
import { expect, test } from "vitest";
import {
  analyseRecords,
  buildCall,
  type CallBuilder,
  type Changes,
  ids,
  outage,
} from "../../testing/call-builder.ts";

/* Traps of the catalogue, section 7, as far as they are about what comes in. */

test("N12: what a browser does not report makes a rule not computable, never silently fine", () => {
  const bare: SessionRecord[] = buildCall()
    .run(40)
    .records.map((record) => {
      if (record.kind !== "sample") return record;
      const stats = record.stats.flatMap((object): StatsObject[] => {
        const { id, type, timestamp } = object;
        if (type !== "inbound-rtp") return type === "transport" ? [object] : [];
        const kept = ["kind", "ssrc", "packetsReceived", "bytesReceived"].map((name) => [name, object[name]]);
        return [{ ...Object.fromEntries(kept), id, type, timestamp }];
      });
      return { ...record, stats };
    });
  const { observations, verdict } = analyseRecords(bare);
  expect(observations).toEqual([]);
  expect(verdict.missing.map(({ what }) => what)).toEqual(
    expect.arrayContaining([
      "audio-concealment",
      "audio-time-stretch",
      "av-desync",
      "downlink-jitter",
      "downlink-loss",
      "downlink-loss-burst",
      "high-rtt",
      "jitter-buffer-high",
      "keyframe-storm",
      "video-freeze",
      "video-stalled",
    ]),
  );
});

test("N12: freezes are seen without framesRendered, which Chromium does not report", () => {
  const call = buildCall()
    .run(21)
    .run(6, { inVideo: { framesDecoded: 0 } });
  const members = call.records.flatMap((record) =>
    record.kind === "sample" ? record.stats.flatMap((object) => Object.keys(object)) : [],
  );
  expect(members).not.toContain("framesRendered");
  expect(ids(call.analyse())).toContain("video-freeze");
});

const lossy: Changes = { inAudio: { packetsLost: 4, packetsReceived: 46 } };
const late: Changes = { inAudio: { jitter: 0.05 } };
const undecoded: Changes = { inVideo: { framesReceived: 0, framesDecoded: 0, pliCount: 1 } };
const buffered: Changes = {
  inAudio: {
    jitterBufferDelay: 300 * 48,
    jitterBufferTargetDelay: 300 * 48,
    jitterBufferMinimumDelay: 300 * 48,
  },
};
const stretched: Changes = { inAudio: { insertedSamplesForDeceleration: 4800 } };

test.each<[string, Changes, readonly string[]]>([
  ["loss", lossy, ["downlink-loss"]],
  ["jitter", late, ["downlink-jitter"]],
  ["a stalled picture", undecoded, ["keyframe-storm", "video-freeze", "video-stalled"]],
  ["a large buffer", buffered, ["jitter-buffer-high"]],
  ["stretched sound", stretched, ["audio-time-stretch"]],
  ["a good call", {}, []],
])("N13: %s is the same trouble however often it is sampled", (_name, changes, expected) => {
  for (const seconds of [0.5, 1, 2, 5]) {
    const call = buildCall(seconds).run(20).run(40, changes).run(20);
    expect(ids(call.analyse()), `every ${seconds} s`).toEqual(expected);
  }
});

test("N17: an outage freezes the picture while it lasts, though the browser books nothing until it is over", () => {
  const call: CallBuilder = buildCall().run(21).run(5, outage);
  const during = call.analyse();
  expect(ids(during)).toContain("video-freeze");
  const after = call
    .run(3, outage)
    .run(1, { inVideo: { pauseCount: 1, totalPausesDuration: 8 } })
    .run(40)
    .analyse();
  const [freeze, ...others] = after.observations.filter(({ id }) => id === "video-freeze");
  expect(others).toEqual([]);
  expect(Number(freeze?.peak?.value)).toBeGreaterThan(20);
  expect(Number(freeze?.peak?.value)).toBeLessThan(32);
});

test("N18: an outage is not hidden by counters that do not move: it is an outage, and audible", () => {
  const { observations } = buildCall().run(21).run(8, outage).run(20).analyse();
  const found = new Map(observations.map((observation) => [observation.id, observation]));
  expect(found.get("downlink-outage")?.severity).toBe("critical");
  expect(found.get("audio-concealment")?.severity).toBe("critical");
  expect([...found.keys()]).not.toContain("downlink-loss");
});

test("N19: a client that only receives has findings about its network", () => {
  const receiving: Changes = {
    outAudio: null,
    outVideo: null,
    micSource: null,
    camSource: null,
    remoteInAudio: null,
    remoteInVideo: null,
  };
  const slow: Changes = { pair: { currentRoundTripTime: 0.6 } };
  const call = buildCall()
    .run(21, receiving)
    .run(20, { ...receiving, ...slow, inAudio: { ...lossy.inAudio, jitter: 0.05 } })
    .run(10, receiving)
    .run(6, { ...outage, ...receiving });
  expect(ids(call.analyse())).toEqual(
    expect.arrayContaining(["downlink-jitter", "downlink-loss", "downlink-outage", "high-rtt"]),
  );
});

test("E15: twenty people join at once, and ask for whole pictures while they ramp up", () => {
  const call = buildCall()
    .run(4, { inVideo: { pliCount: 1, framesDecoded: 8, framesReceived: 10, packetsReceived: 20 } })
    .run(40);
  const many = call.records.map((record): SessionRecord => {
    if (record.kind !== "sample") return record;
    const joined = record.stats.flatMap((object): StatsObject[] => {
      if (object.type !== "inbound-rtp") return [object];
      return Array.from({ length: 20 }, (_, person) => ({
        ...object,
        id: `${object.id}${person}`,
        ssrc: Number(object["ssrc"]) + 10 * person,
        trackIdentifier: `${object.id}-track-${person}`,
      }));
    });
    return { ...record, stats: joined };
  });
  expect(ids(analyseRecords(many))).toEqual([]);
});
