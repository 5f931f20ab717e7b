import { expect, test } from "vitest";
import {
  analyseRecords,
  buildCall,
  type Changes,
  callStart,
  ids,
  summary,
} from "../../testing/call-builder.ts";

const loss = (percent: number): Changes => ({
  remoteInAudio: { packetsLost: percent / 2 },
  remoteInVideo: { packetsLost: 0 },
});

test.each<[string, number, string | null]>([
  ["1 % is not more than 1 %", 1, null],
  ["3 %", 3, "minor"],
  ["8 %", 8, "major"],
  ["20 %", 20, "critical"],
])("%s of the audio lost on the way out", (_name, percent, severity) => {
  const found = summary(buildCall().run(20).run(20, loss(percent)).run(20).analyse());
  expect(found).toEqual(severity === null ? [] : [`uplink-loss ${severity} 20..40`]);
});

test("a report is used once: stale reports of a loss long past raise nothing", () => {
  const stale: Changes = {
    remoteInAudio: { timestamp: callStart + 21_000, packetsLost: 0, fractionLost: 0.4 },
    remoteInVideo: { timestamp: callStart + 21_000 },
  };
  expect(summary(buildCall().run(20).run(1, loss(40)).run(30, stale).analyse())).toEqual([]);
});

test("without reports it is not computable, never fine", () => {
  const analysis = buildCall().run(60, { remoteInAudio: null, remoteInVideo: null }).analyse();
  // No report object at all: nothing to say about the way out.
  expect(summary(analysis)).toEqual([]);
  expect(analysis.verdict.missing.map(({ what }) => what)).toContain("uplink-loss");
});

test("few packets between reports, as of a sender that pauses between words, are no ratio", () => {
  const few: Changes = {
    outAudio: { packetsSent: 2 },
    remoteInAudio: { packetsLost: 0.4 },
    outVideo: null,
    remoteInVideo: null,
    camSource: null,
  };
  expect(summary(buildCall().run(20).run(20, few).analyse())).toEqual([]);
});

test("what only came late was not lost", () => {
  const call = buildCall().run(20);
  const late = (packets: number): Changes => ({ remoteInAudio: { packetsLost: packets } });
  for (let count = 0; count < 10; count += 1) call.run(1, late(3)).run(1, late(-3));
  expect(summary(call.run(20).analyse())).toEqual([]);
});

test("a stream that loses alone is held against blaming the way; when another one loses too, that is taken back", () => {
  const counter = (changes: Changes): unknown[] => {
    const { observations } = buildCall().run(20).run(30, changes).run(20).analyse();
    const found = observations.find(({ id, scope }) => id === "uplink-loss" && scope.kind === "audio");
    return (found?.counter ?? []).map(({ field, value }) => [field, value]);
  };
  expect(counter(loss(8))).toEqual([["lossOfOtherStream", 0]]);
  expect(counter({ ...loss(8), remoteInVideo: { packetsLost: 4 } })).toEqual([]);
  // Too few packets of the other one to say that it lost nothing.
  expect(counter({ ...loss(8), outVideo: { packetsSent: 5 } })).toEqual([]);
});

test("over a server, loss of one stream alone does not name this client's uplink", () => {
  const { records } = buildCall().run(20).run(20, loss(8)).run(10);
  const overServer = records.map((record) =>
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
  const { verdict } = analyseRecords(overServer);
  expect(verdict).toMatchObject({ faultDomain: "unknown", statedCause: "uplink-loss" });
  expect(verdict.against.map(({ text }) => text)).toEqual(["another stream on the same way lost nothing"]);
});

test("packets that come late at the far end are no loss", () => {
  const call = buildCall().run(21);
  for (let count = 0; count < 10; count += 1) {
    call
      .run(1, { remoteInAudio: { packetsLost: 6, jitter: 0.035 } })
      .run(1, { remoteInAudio: { packetsLost: -6, jitter: 0.035 } });
  }
  const found = summary(call.run(20).analyse());
  expect(found.filter((line) => line.startsWith("uplink-loss"))).toEqual([]);
});

test("a long report that is good ends it when a stream that suffered too is clean for eight seconds", () => {
  const ends = (withVideo: boolean): (string | null)[] => {
    const call = buildCall();
    for (let second = 1; second <= 39; second += 1) {
      const bad = second > 20 && second <= 29;
      // Reports of sound come at 3, 8, 13 …: the one at 33 tells of the loss of 29.
      const timestamp = callStart + 1000 * (5 * Math.floor((second + 2) / 5) - 2);
      call.run(1, {
        remoteInAudio: { timestamp, packetsLost: bad ? 4 : 0 },
        remoteInVideo: withVideo ? { packetsLost: bad ? 4 : 0 } : null,
      });
    }
    const found = call.analyse().observations;
    return found
      .filter(({ id, scope }) => id === "uplink-loss" && scope.kind === "audio")
      .map(({ endReason }) => endReason);
  };
  expect(ends(true)).toEqual(["cleared"]);
  expect(ends(false)).toEqual(["session-end"]);
});

test("a burst in one long report waits for what shorter ones say, a second of loss does not", () => {
  const found = (lostInSound: number): boolean => {
    const call = buildCall();
    for (let second = 1; second <= 26; second += 1) {
      const timestamp = callStart + 1000 * (6 * Math.floor(second / 6) + 2);
      const lost = second === 22;
      call.run(1, {
        remoteInAudio: { timestamp, packetsLost: lost ? lostInSound : 0 },
        remoteInVideo: { packetsLost: lost ? 20 : 0 },
      });
    }
    return ids(call.analyse()).includes("uplink-loss");
  };
  expect(found(20)).toBe(false);
  expect(found(70)).toBe(true);
});
