import type { JsonValue, MetricPoint, SessionRecord, StatsObject } from "@peerscope/schema";
import { captureNames, readCapture } from "@peerscope/scenarios";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { analyseCall } from "./call-observer.ts";
import { createSessionObserver } from "./session-observer.ts";
import { toSessionReport } from "./session-report.ts";
import { analyseRecords, buildCall, outage } from "./testing/call-builder.ts";

const seed = 20_260_101;

/** Everything a document may hold: no NaN, no Infinity, nothing undefined. */
function expectPlain(value: unknown, path = "analysis"): void {
  if (typeof value === "number") expect(Number.isFinite(value), path).toBe(true);
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) expectPlain(item, `${path}[${index}]`);
  else if (typeof value === "object" && value !== null) {
    for (const [member, item] of Object.entries(value)) expectPlain(item, `${path}.${member}`);
  } else expect(value, path).not.toBeUndefined();
}

test.each(captureNames)(
  "%s: asking in the middle changes nothing, and twice gives the same bytes",
  (name) => {
    for (const { records, peer } of readCapture(name).sessions) {
      const once = JSON.stringify(analyseRecords(records, { peer }));
      expect(JSON.stringify(analyseRecords(records, { peer }))).toBe(once);
      const asked = createSessionObserver({ sessionId: "session", peer });
      for (const [index, record] of records.entries()) {
        asked.push(record);
        if (index % 7 === 0) {
          const first = JSON.stringify(asked.analysis());
          expect(JSON.stringify(asked.analysis())).toBe(first);
        }
      }
      expect(JSON.stringify(asked.finish())).toBe(once);
      expect(JSON.stringify(asked.finish())).toBe(once);
    }
  },
);

test("N16: records pushed in any batches, asked after any of them, give the same analysis", () => {
  const { records } = buildCall()
    .run(12)
    .run(6, outage)
    .run(10, { inAudio: { packetsLost: 5 } })
    .run(15);
  const whole = JSON.stringify(analyseRecords(records));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 50, maxLength: 50 }), (sizes) => {
      const observer = createSessionObserver({ sessionId: "session" });
      let next = 0;
      for (const size of sizes) {
        for (const record of records.slice(next, next + size)) observer.push(record);
        next += size;
        observer.analysis();
      }
      for (const record of records.slice(next)) observer.push(record);
      expect(JSON.stringify(observer.finish())).toBe(whole);
    }),
    { seed, numRuns: 40 },
  );
});

test("charts do not change the analysis, and nothing but finite values or null comes out", () => {
  for (const name of ["good-call", "firefox-good", "outage-8s"] as const) {
    const session = readCapture(name).sessions[0];
    if (session === undefined) throw new Error(name);
    const points: MetricPoint[] = [];
    const charted = analyseRecords(session.records, { onMetric: (point) => points.push(point) });
    expect(JSON.stringify(charted)).toBe(JSON.stringify(analyseRecords(session.records)));
    expect(points.length).toBeGreaterThan(500);
    let last = 0;
    for (const { at, value } of points) {
      expect(at).toBeGreaterThanOrEqual(last);
      last = at;
      if (value !== null) expect(Number.isFinite(value)).toBe(true);
    }
  }
});

const oddValue: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom(0, 1, -1, 1e308, -1e308, 4_294_967_296, 0.5, "", "connected", "failed", true, false, null),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ maxLength: 5 }),
  fc.constant([] as JsonValue),
  fc.constant({ bandwidth: "x" }),
);

/** Records of a real call with members replaced, dropped, duplicated and moved in time. */
const damaged = fc.record({
  seed: fc.integer(),
  edits: fc.array(
    fc.record({
      record: fc.nat(60),
      object: fc.nat(20),
      member: fc.constantFrom(
        "id",
        "type",
        "kind",
        "ssrc",
        "timestamp",
        "packetsReceived",
        "packetsLost",
        "packetsSent",
        "jitter",
        "framesDecoded",
        "totalSamplesReceived",
        "concealedSamples",
        "qualityLimitationDurations",
        "roundTripTime",
        "localId",
        "iceState",
        "selectedCandidatePairId",
        "frameHeight",
        "trackIdentifier",
        "totalAudioEnergy",
        "lastPacketReceivedTimestamp",
        "totalFreezesDuration",
      ),
      value: oddValue,
    }),
    { maxLength: 30 },
  ),
  shifts: fc.array(
    fc.record({
      record: fc.nat(60),
      ms: fc.constantFrom(-3_600_000, -1500, -1, 0, 1, 700, 60_000, 36_000_000),
    }),
    { maxLength: 6 },
  ),
});

test("odd members, missing ids, clocks that jump, huge gaps: never an exception, never NaN", () => {
  const base = buildCall().run(20).run(8, outage).run(20).records;
  fc.assert(
    fc.property(damaged, ({ edits, shifts }) => {
      const records: SessionRecord[] = structuredClone(base);
      for (const { record, object, member, value } of edits) {
        const sample = records[record];
        if (sample?.kind !== "sample") continue;
        const stats = sample.stats[object] as { [member: string]: JsonValue } | undefined;
        if (stats !== undefined) stats[member] = value;
      }
      for (const { record, ms } of shifts) {
        const sample = records[record];
        if (sample !== undefined) records[record] = { ...sample, at: sample.at + ms };
      }
      const analysis = analyseRecords(records);
      expectPlain(analysis);
      expectPlain(analyseCall([analysis, analysis]));
      expectPlain(toSessionReport(analysis));
      for (const { startedAt, clearedAt, endReason } of analysis.observations) {
        expect(clearedAt).not.toBeNull();
        expect(endReason).not.toBeNull();
        expect(clearedAt ?? 0).toBeGreaterThanOrEqual(startedAt);
      }
    }),
    { seed, numRuns: 300 },
  );
}, 60_000);

test("events with anything in them: never an exception, never NaN", () => {
  const names = [
    "connection-created",
    "connection-closed",
    "connection-state-changed",
    "api-called",
    "api-settled",
    "track-state-changed",
    "sender-track-replaced",
    "devices-changed",
    "page-visibility-changed",
    "session-ended",
    "signaling-state-changed",
    "ice-candidate-gathered",
    "negotiation-needed",
    "transceiver-changed",
    "dtls-failed",
    "app-event",
  ] as const;
  const member = fc.constantFrom(
    "state",
    "method",
    "callId",
    "outcome",
    "error",
    "trackId",
    "kind",
    "direction",
    "enabled",
    "muted",
    "readyState",
    "visible",
    "arguments",
    "type",
    "audioInputs",
    "result",
    "mid",
    "receiverTrackId",
    "__proto__",
  );
  const value: fc.Arbitrary<JsonValue> = fc.oneof(
    oddValue,
    fc.constantFrom(
      "getUserMedia",
      "setLocalDescription",
      "setRemoteDescription",
      "addIceCandidate",
      "addTrack",
      "have-local-offer",
      "stable",
      "rejected",
      "fulfilled",
      "audio",
      "video",
      "local",
      "remote",
      "live",
      "ended",
      "closed",
      "mic",
      "cam",
    ),
    fc.constant({ name: "NotAllowedError" }),
    fc.constant({ description: { type: "offer", sdp: "m=audio 9 X 0\r\nm=video 0 X 96" } }),
    fc.constant({ description: { type: "answer", sdp: [1, 0, 1, "m=video", -3, 1] } }),
    fc.constant({ type: "answer", sdp: "m=audio 0 X 0\r\nm=\r\na=mid:" }),
    fc.constant({ candidate: { candidate: "candidate:1", usernameFragment: 7 } }),
  );
  const event = fc.record({
    name: fc.constantFrom(...names),
    after: fc.nat(4000),
    onConnection: fc.boolean(),
    data: fc.dictionary(member, value),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const call = buildCall().run(5);
      for (const { name, after, onConnection, data } of events) {
        call.skip(after / 1000);
        call.records.push({
          kind: "event",
          at: call.now,
          name,
          data,
          ...(onConnection ? { connectionId: "pc" } : {}),
        });
      }
      call.run(10);
      expectPlain(call.analyse());
    }),
    { seed, numRuns: 300 },
  );
});

test("whatever is not a record is passed over", () => {
  const observer = createSessionObserver({ sessionId: "session" });
  const odd: unknown[] = [
    { kind: "sample", at: Number.NaN, connectionId: "pc", stats: [] },
    { kind: "sample", at: 1, connectionId: 7, stats: "none" },
    {
      kind: "sample",
      at: 2,
      connectionId: "pc",
      stats: [null, 1, "x", {}, { id: "a" }, { id: 3, type: "codec", timestamp: 1 }],
    },
    { kind: "event", at: 3, name: "api-settled" },
    { kind: "event", at: 4, name: "no-such-event", data: [] },
    { kind: "context", at: 5, context: null },
    { kind: "other", at: 6 },
  ];
  for (const record of odd) observer.push(record as SessionRecord);
  expectPlain(observer.finish());
});

test("context: later members overwrite, null takes back, tags merge", () => {
  const context = (at: number, members: { [member: string]: JsonValue }): SessionRecord => ({
    kind: "context",
    at,
    context: members,
  });
  const analysis = analyseRecords([
    context(1, { userId: "anna", callId: "one", tags: { a: "1", b: "2" } }),
    context(2, { callId: "two", tags: { a: null, c: "3" }, browserName: "x" }),
    context(3, { browserName: null }),
  ]);
  expect(analysis.userId).toBe("anna");
  expect(analysis.callId).toBe("two");
  expect(analysis.context).toEqual({ userId: "anna", callId: "two", tags: { b: "2", c: "3" } });
});

test("time grows with the number of samples, not faster", () => {
  const stats = (at: number): StatsObject[] => {
    const record = buildCall().run(1).records[0];
    return record?.kind === "sample" ? record.stats.map((object) => ({ ...object, timestamp: at })) : [];
  };
  const template = stats(0);
  const run = (samples: number): number => {
    const observer = createSessionObserver({ sessionId: "session" });
    const started = performance.now();
    for (let index = 0; index < samples; index += 1) {
      const at = 1e12 + index * 1000;
      observer.push({
        kind: "sample",
        at,
        connectionId: "pc",
        stats: template.map((object) => ({ ...object, timestamp: at })),
      });
    }
    observer.finish();
    return performance.now() - started;
  };
  run(2000);
  const small = run(4000);
  const large = run(16_000);
  // Four times the samples; a quadratic step would need sixteen times the time.
  expect(large / small).toBeLessThan(10);
});
