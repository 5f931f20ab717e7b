import type { SessionRecord, StatsObject } from "@peerscope/schema";
import { expect, test } from "vitest";
import {
  analyseRecords,
  buildCall,
  type Changes,
  callStart,
  ids,
  outage,
  summary,
} from "../../testing/call-builder.ts";

const noVideo: Changes = {
  inVideo: { packetsReceived: 0, bytesReceived: 0, framesReceived: 0, framesDecoded: 0 },
};
const silentFarEnd: Changes = { ...noVideo, remoteOutVideo: { packetsSent: 0 } };

const outages = (lines: string[]): string[] => lines.filter((line) => line.startsWith("downlink-outage"));

test.each<[string, Changes, number, string[]]>([
  [
    "the whole transport is silent and requests go unanswered",
    outage,
    8,
    ["downlink-outage critical 20..28", "downlink-outage critical 20..28"],
  ],
  ["2.5 s of it", outage, 2, ["downlink-outage major 20..22", "downlink-outage major 20..22"]],
  ["the far end's reports advance, its packets do not come", noVideo, 8, ["downlink-outage critical 20..28"]],
  ["the far end stopped sending", silentFarEnd, 8, []],
  ["nobody knows whether it sends", { ...noVideo, remoteOutVideo: null }, 8, []],
])("%s", (_name, changes, seconds, expected) => {
  expect(outages(summary(buildCall().run(20).run(seconds, changes).run(20).analyse()))).toEqual(expected);
});

test("what is unknown is listed as missing", () => {
  const { verdict } = buildCall()
    .run(20)
    .run(8, { ...noVideo, remoteOutVideo: null })
    .run(5)
    .analyse();
  expect(verdict.missing.map(({ what }) => what)).toContain("downlink-outage");
});

test("the first report after the gap proves it afterwards", () => {
  const during: Changes = { ...noVideo, remoteOutVideo: { timestamp: callStart + 20_000 } };
  expect(outages(summary(buildCall().run(20).run(6, during).run(10).analyse()))).toEqual([
    "downlink-outage critical 20..26",
  ]);
});

test("a pause of the sender is no outage afterwards either", () => {
  const during: Changes = { ...noVideo, remoteOutVideo: { timestamp: callStart + 20_000, packetsSent: 0 } };
  expect(outages(summary(buildCall().run(20).run(6, during).run(10).analyse()))).toEqual([]);
});

test("requests that are answered do not prove sending: the path lives, the far end may be muted", () => {
  const quiet: Changes = { ...noVideo, remoteOutVideo: null, pair: { bytesReceived: 0 } };
  expect(ids(buildCall().run(20).run(10, quiet).analyse())).toEqual([]);
});

/** Firefox before 142: the pair counts no requests and answers. */
const withoutChecks: Changes = { pair: { requestsSent: null, responsesReceived: null } };
const unchecked: Changes = {
  ...outage,
  pair: { bytesReceived: 0, requestsSent: null, responsesReceived: null },
};

test.each<[string, Changes, string[]]>([
  ["nothing comes, and no report of what is sent", unchecked, ["critical", "critical"]],
  ["only own sound is sent: its reports are not overdue yet", { ...unchecked, outVideo: null }, []],
  [
    "reports of what is sent go on: the far end pauses",
    { ...unchecked, pair: { bytesReceived: 100, requestsSent: null, responsesReceived: null } },
    [],
  ],
  ["nothing of its own is sent that could be reported", { ...unchecked, outVideo: null, outAudio: null }, []],
])("a browser that counts no path checks: %s", (_name, changes, expected) => {
  // Reports of sound come each five seconds, of pictures each second.
  const call = buildCall();
  for (let second = 0; second < 20; second += 1) {
    const reported = callStart + 5000 * Math.floor((second + 1) / 5);
    call.run(1, { ...withoutChecks, remoteInAudio: { timestamp: reported } });
  }
  const found = call.run(3, changes).analyse().observations;
  const outages = found.filter(({ id }) => id === "downlink-outage");
  expect(outages.map(({ severity }) => severity)).toEqual(expected);
  for (const { evidence } of outages)
    expect(evidence.map(({ field }) => field)).toContain("withoutReportSeconds");
});

test("it is seen within four seconds, and closes with its stream", () => {
  expect(outages(summary(buildCall().run(20).run(4, outage).analyse())).length).toBe(2);
  const gone = buildCall().run(20).run(8, noVideo).run(5, { inVideo: null });
  expect(gone.analyse().observations.map(({ endReason }) => endReason)).toContain("subject-removed");
});

test("an 8 s suspend of the machine is no outage", () => {
  expect(ids(buildCall().run(20).skip(600).run(20).analyse())).toEqual([]);
});

test("a page that calls itself and closes the far end has no outage, even when the goodbye is lost", () => {
  const { records } = buildCall().run(20).run(8, outage);
  const withFarEnd = (closes: boolean): SessionRecord[] =>
    records.flatMap((record): SessionRecord[] => {
      if (record.kind !== "sample" || record.at > callStart + 20_000) return [record];
      const sent = ["audio", "video"].map((kind, index): StatsObject => ({
        id: `O${kind}`,
        type: "outbound-rtp",
        timestamp: record.at,
        kind,
        ssrc: 1001 + index,
      }));
      const sample: SessionRecord = { ...record, connectionId: "far", stats: sent };
      const isLast = record.at > callStart + 19_000;
      const close: SessionRecord = {
        kind: "event",
        at: record.at,
        name: "connection-closed",
        connectionId: "far",
      };
      return [sample, record, ...(closes && isLast ? [close] : [])];
    });
  expect(outages(summary(analyseRecords(withFarEnd(false))))).toHaveLength(2);
  expect(outages(summary(analyseRecords(withFarEnd(true))))).toEqual([]);
});
