import type { MetricPoint, SampleRecord } from "@peerscope/schema";
import { expect, test } from "vitest";
import { openConnection } from "../model/connection.ts";
import { KeptReport } from "../model/kept-report.ts";
import { readReport } from "../model/report.ts";
import { buildCall } from "../testing/call-builder.ts";
import { deriveInterval } from "./interval.ts";
import { followStreams } from "./track-streams.ts";

type Members = { [member: string]: number | string | null };

function derive(
  before: Members,
  now: Members,
): ReturnType<typeof deriveInterval>["inbound"][number] | undefined {
  const sample = (at: number, members: Members): SampleRecord => ({
    kind: "sample",
    at,
    connectionId: "pc",
    stats: [{ id: "IA", type: "inbound-rtp", kind: "audio", ssrc: 1, timestamp: at, ...members }],
  });
  const kept = new KeptReport();
  const connection = openConnection("pc", 1000);
  kept.keep(readReport(sample(1000, before)));
  const report = readReport(sample(2000, now));
  followStreams(connection, report);
  return deriveInterval(kept, report, connection).inbound[0];
}

test("deltas come from the stats timestamps", () => {
  const interval = derive(
    { packetsReceived: 100, packetsLost: 3 },
    { packetsReceived: 150, packetsLost: 5, timestamp: 1800 },
  );
  expect(interval).toMatchObject({ seconds: 0.8, packetsReceived: 50, packetsLost: 2 });
});

test.each<[string, Members, Members]>([
  ["another SSRC", { packetsReceived: 1 }, { packetsReceived: 2, ssrc: 2 }],
  ["another codec", { packetsReceived: 1, codecId: "A" }, { packetsReceived: 2, codecId: "B" }],
  ["a counter that went backwards", { packetsReceived: 9 }, { packetsReceived: 2 }],
  ["a timestamp that stood still", { packetsReceived: 1 }, { packetsReceived: 2, timestamp: 1000 }],
])("%s starts a new baseline", (_name, before, now) => {
  expect(derive(before, now)).toBeUndefined();
});

test("what is missing or odd is null, never 0", () => {
  const interval = derive(
    { packetsReceived: 1, concealedSamples: 5 },
    { packetsReceived: 2, concealedSamples: "many", packetsLost: null },
  );
  expect(interval).toMatchObject({
    concealedSamples: null,
    packetsLost: null,
    totalSamplesReceived: null,
    framesDecoded: null,
  });
});

test("packetsLost may shrink: that is no new baseline", () => {
  expect(
    derive({ packetsReceived: 1, packetsLost: 9 }, { packetsReceived: 2, packetsLost: 4 })?.packetsLost,
  ).toBe(-5);
});

test("metrics: values in the units of their names, gaps as null, a report once", () => {
  const points: MetricPoint[] = [];
  buildCall()
    .run(2)
    .run(1, {
      inAudio: { packetsLost: 10, packetsReceived: 40, jitter: null },
      remoteInAudio: { packetsLost: 5 },
    })
    .run(1, { remoteInAudio: { timestamp: 1_700_000_003_000 } })
    .analyse({ onMetric: (point) => points.push(point) });
  const values = (statsId: string, name: string, direction: string): (number | null)[] =>
    points
      .filter(
        ({ subject, name: own }) =>
          subject.statsId === statsId && own === name && subject.direction === direction,
      )
      .map(({ value }) => value);
  expect(values("IA", "bitrate-bps", "inbound")).toEqual([32_000, 32_000, 32_000]);
  expect(values("IA", "loss-ratio", "inbound")).toEqual([0, 0.2, 0]);
  expect(values("IA", "jitter-ms", "inbound")).toEqual([2, null, 2]);
  expect(values("IV", "frames-per-second", "inbound")).toEqual([30, 30, 30]);
  expect(values("IA", "audio-level-dbfs", "inbound")[0]).toBeCloseTo(-20, 6);
  // The first report has none before it; the stale one of the last second is not shown again.
  expect(values("OA", "loss-ratio", "remote-report")).toEqual([null, 0.1]);
  expect(values("CP", "round-trip-time-ms", "outbound")).toEqual([40, 40, 40]);
});
