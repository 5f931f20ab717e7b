import type { SessionRecord } from "@peerscope/schema";
import { expect, test } from "vitest";
import {
  analyseRecords,
  buildCall,
  type CallBuilder,
  type Changes,
  ids,
  summary,
} from "../../testing/call-builder.ts";

const id = "av-desync";

/** For one second the playout clock of the sound gains so much on that of the picture, ms. */
const gain = (ms: number): Changes => ({ inAudio: { estimatedPlayoutTimestamp: 1000 + ms } });

/** A lead of the sound for so long, and then none. */
const apart = (ms: number, seconds: number): CallBuilder =>
  buildCall()
    .run(30)
    .run(1, gain(ms))
    .run(seconds - 1)
    .run(1, gain(-ms))
    .run(40);

test.each<[string, number, string | null]>([
  ["85 ms early", 85, null],
  ["110 ms early", 110, "minor"],
  ["250 ms early", 250, "major"],
  ["175 ms late", -175, null],
  ["220 ms late", -220, "minor"],
  ["450 ms late", -450, "major"],
])("sound %s", (_name, ms, severity) => {
  const { observations } = apart(ms, 30).analyse();
  expect(observations.map((found) => `${found.id} ${found.severity}`)).toEqual(
    severity === null ? [] : [`${id} ${severity}`],
  );
  for (const { evidence, endReason } of observations) {
    expect(endReason).toBe("cleared");
    expect(evidence[0]).toMatchObject({ field: "audioLead", unit: "ms" });
    expect(Number(evidence[0]?.value) * ms).toBeGreaterThan(0);
  }
});

test("between the clear value and the limit it is held", () => {
  const call = buildCall().run(30).run(1, gain(130)).run(20).run(1, gain(-60)).run(40);
  expect(call.analyse().observations).toMatchObject([{ id, endReason: "session-end" }]);
});

test("a few seconds apart are no finding: the mean of 10 s decides", () => {
  expect(ids(apart(200, 3).analyse())).toEqual([]);
});

test("N1: corrected samples say nothing about it, whatever their total", () => {
  const corrected: Changes = {
    inAudio: { insertedSamplesForDeceleration: 24, removedSamplesForAcceleration: 24 },
  };
  expect(buildCall().run(300, corrected).analyse().observations).toEqual([]);
});

const remote = { direction: "remote", enabled: true, muted: false, readyState: "live" } as const;

test.each<[string, () => CallBuilder]>([
  [
    "sound and picture belong to different streams",
    () =>
      buildCall()
        .event("remote-track-added", { trackId: "far-mic", kind: "audio", mid: "0", streamIds: ["one"] })
        .event("remote-track-added", { trackId: "far-cam", kind: "video", mid: "1", streamIds: ["two"] })
        .run(30)
        .run(1, gain(300))
        .run(40),
  ],
  [
    "the picture is a shared screen",
    () =>
      buildCall()
        .run(30, { inVideo: { contentType: "screenshare" } })
        .run(1, { ...gain(300), inVideo: { contentType: "screenshare" } })
        .run(40, { inVideo: { contentType: "screenshare" } }),
  ],
  ["one of both has just begun", () => buildCall().run(1, gain(300)).run(12).run(1, gain(-300)).run(40)],
  [
    "the page is hidden",
    () => buildCall().run(30).event("page-visibility-changed", { visible: false }).run(1, gain(300)).run(40),
  ],
  [
    "no frame comes: there is nothing to compare",
    () =>
      buildCall()
        .run(30)
        .run(1, gain(300))
        .run(40, {
          inVideo: { framesReceived: 0, framesDecoded: 0, packetsReceived: 0, bytesReceived: 0 },
          remoteOutVideo: null,
        }),
  ],
])("%s: expected", (_name, call) => {
  expect(summary(call().analyse())).toEqual([]);
});

test.each<[string, (call: CallBuilder) => CallBuilder]>([
  [
    "a track was replaced a moment ago",
    (call) => call.event("sender-track-replaced", { from: "mic", to: "other", kind: "audio" }, true).run(6),
  ],
  [
    "the path changed a moment ago",
    (call) => call.run(6, { pair: { id: "CP2" }, transport: { selectedCandidatePairId: "CP2" } }),
  ],
])("%s: the mean begins anew", (_name, change) => {
  const call = buildCall().run(30).run(1, gain(300)).run(5);
  change(call);
  expect(ids(call.analyse())).toEqual([]);
});

test("tracks of one stream belong together, also where many are received", () => {
  const second = (records: readonly SessionRecord[]): SessionRecord[] =>
    records.map((record) => {
      if (record.kind !== "sample") return record;
      const audio = record.stats.find((stats) => stats.id === "IA");
      const other = {
        ...audio,
        id: "IA2",
        type: "inbound-rtp",
        timestamp: record.at,
        ssrc: 7,
        trackIdentifier: "else",
      };
      return { ...record, stats: [...record.stats, other] };
    });
  const events = buildCall()
    .event("remote-track-added", { trackId: "far-mic", kind: "audio", mid: "0", streamIds: ["one"] })
    .event("remote-track-added", { trackId: "far-cam", kind: "video", mid: "1", streamIds: ["one"] })
    .event("remote-track-added", { trackId: "else", kind: "audio", mid: "2", streamIds: ["two"] })
    .event("track-state-changed", { ...remote, trackId: "far-mic", kind: "audio" })
    .run(30)
    .run(1, gain(300))
    .run(40);
  expect(ids(analyseRecords(second(events.records)))).toEqual([id]);
  // Without the events nobody knows which sound belongs to the picture.
  const silent = analyseRecords(second(events.records).filter(({ kind }) => kind === "sample"));
  expect(ids(silent)).toEqual([]);
  expect(silent.verdict.missing.map(({ what }) => what)).toContain(id);
});

test("the record closes when one of both tracks is gone", () => {
  const call = buildCall().run(30).run(1, gain(300)).run(20).run(6, { inAudio: null, remoteOutAudio: null });
  expect(call.analyse().observations).toMatchObject([{ id, endReason: "subject-removed" }]);
});

test("without the playout clock it is not computable", () => {
  const { verdict } = buildCall()
    .run(40, { inAudio: { estimatedPlayoutTimestamp: null } })
    .analyse();
  expect(verdict.missing.map(({ what }) => what)).toContain(id);
});
