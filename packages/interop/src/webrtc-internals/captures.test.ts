import type { SampleRecord, SessionRecord } from "@peerscope/schema";
import { describe, expect, it } from "vitest";
import {
  compareCounters,
  membersOf,
  readCaptureFile,
  readRawSamples,
  readWhole,
} from "../testing/read-whole.ts";
import { writeWebrtcInternals } from "./write-dump.ts";

const captures = ["good-call", "loss-10", "cap-150kbps", "sfu-3p"] as const;

const samplesOf = (records: readonly SessionRecord[]): SampleRecord[] =>
  records.filter((record) => record.kind === "sample");

/** What docs/reference/interop.md lists. */
const dropped = [
  "inbound-rtp.mediaType",
  "outbound-rtp.mediaType",
  "remote-inbound-rtp.mediaType",
  "remote-outbound-rtp.mediaType",
];
const added = [
  "inbound-rtp.delayedPacketOutageSamples",
  "inbound-rtp.interruptionCount",
  "inbound-rtp.jitterBufferFlushes",
  "inbound-rtp.minPlayoutDelay",
  "inbound-rtp.relativePacketArrivalDelay",
  "inbound-rtp.totalInterruptionDuration",
  "local-candidate.networkAdapterType",
  "local-candidate.vpn",
  "media-source.track.deliveredFrames",
  "media-source.track.discardedFrames",
  "media-source.track.totalFrames",
];

describe.each(captures)("the dump of %s", (name) => {
  const { sessions, skipped, summary } = readWhole(
    "webrtc-internals",
    readCaptureFile(name, "webrtc_internals_dump.gz"),
  );
  const records = sessions[0]?.records ?? [];
  const samples = samplesOf(records);
  const raw = readRawSamples(name, "a");

  it("is one session, in the order of time, with a report a second", () => {
    expect(sessions).toHaveLength(1);
    expect(summary.records).toBe(records.length);
    for (const [index, { at }] of records.entries())
      expect(at).toBeGreaterThanOrEqual(records[index - 1]?.at ?? 0);
    // The page takes a report more at its end.
    expect(raw.length - samples.length).toBeGreaterThanOrEqual(1);
    expect(raw.length - samples.length).toBeLessThanOrEqual(3);
  });

  it("leaves out one member whose times nobody can tell, and says so", () => {
    expect(skipped).toEqual(
      name === "sfu-3p"
        ? []
        : [
            {
              code: "time-unknown",
              line: null,
              offset: null,
              reason: "remote-outbound-rtp.roundTripTime: values whose times are not known",
            },
          ],
    );
  });

  it("has the members that the page saw, with the same types, but for those of the list", () => {
    const own = membersOf(samples);
    const page = membersOf(raw);
    const withoutType = (members: Iterable<string>): string[] =>
      [...members].map((member) => member.split(" ")[0] ?? "").sort();
    const unplaced =
      skipped.length > 0 &&
      ![...own].some((member) => member.startsWith("remote-outbound-rtp.roundTripTime "));
    expect(withoutType([...page].filter((member) => !own.has(member)))).toEqual(
      [...dropped, ...(unplaced ? ["remote-outbound-rtp.roundTripTime"] : [])].sort(),
    );
    expect(
      withoutType([...own].filter((member) => !page.has(member))).filter((member) => !added.includes(member)),
    ).toEqual([]);
  });

  it("counts what the page counted", () => {
    const { compared, wrong } = compareCounters(raw, samples);
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(10_000);
  });

  it("reads the same in pieces of any size", () => {
    const bytes = readCaptureFile(name, "webrtc_internals_dump.gz");
    expect(readWhole("webrtc-internals", bytes, 997).sessions).toEqual(sessions);
  });

  it("is written and read back with the same reports and what was negotiated", () => {
    const written = [...writeWebrtcInternals(records)].join("");
    const again = readWhole("webrtc-internals", Buffer.from(written));
    expect(again.skipped).toEqual([]);
    const read = again.sessions[0]?.records ?? [];
    const named = (list: readonly SampleRecord[], prefix: string): unknown[] =>
      list.map(({ at, connectionId, stats }) => ({
        at,
        connectionId: prefix + connectionId,
        stats: stats.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      }));
    expect(named(samplesOf(read), "")).toEqual(named(samples, "1-"));
    const events = (list: readonly SessionRecord[]): unknown[] =>
      list.flatMap((record) => (record.kind === "event" ? [[record.at, record.name]] : []));
    expect(events(read)).toEqual(events(records));
  });
});

describe("events of the dump of good-call", () => {
  const records =
    readWhole("webrtc-internals", readCaptureFile("good-call", "webrtc_internals_dump.gz")).sessions[0]
      ?.records ?? [];
  const of = (name: string): unknown[] =>
    records.flatMap((record) => (record.kind === "event" && record.name === name ? [record.data] : []));

  it("are those that the SDK would have recorded", () => {
    expect(of("connection-state-changed")).toEqual([{ state: "connecting" }, { state: "connected" }]);
    expect(of("signaling-state-changed")).toEqual([{ state: "have-remote-offer" }, { state: "stable" }]);
    expect(of("remote-track-added")).toMatchObject([
      { kind: "audio", mid: "0" },
      { kind: "video", mid: "1" },
    ]);
    expect(of("ice-candidate-gathered")).toEqual([
      { type: "host", protocol: "udp", address: "10.77.0.0", port: 51550 },
      { type: "host", protocol: "tcp", address: "10.77.0.0", port: 9 },
    ]);
    expect(of("api-settled")).toMatchObject([
      {
        callId: 1,
        method: "getUserMedia",
        outcome: "fulfilled",
        result: { tracks: [{ kind: "audio" }, { kind: "video" }] },
      },
      { method: "setRemoteDescription", outcome: "fulfilled" },
      { method: "createAnswer", result: { type: "answer" } },
      { method: "setLocalDescription", outcome: "fulfilled" },
      { method: "addIceCandidate", outcome: "fulfilled" },
      { method: "addIceCandidate", outcome: "fulfilled" },
    ]);
  });

  it("have no passwords, keys or host addresses", () => {
    const text = JSON.stringify(records.filter(({ kind }) => kind === "event"));
    expect(text).toContain("a=ice-ufrag:");
    expect(text).not.toMatch(/ice-pwd:\w|fingerprint:[\w-]+ \w|10\.77\.0\.[1-9]|Fake/);
  });

  it("begin with browser and machine", () => {
    expect(records[0]).toMatchObject({
      kind: "context",
      context: {
        browserName: "Chromium",
        browserVersion: "156.0.8078.79",
        osName: "Linux",
        hardwareConcurrency: 2,
      },
    });
  });
});
