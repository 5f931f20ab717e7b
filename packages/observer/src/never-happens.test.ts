import type { SessionRecord } from "@peerscope/schema";
import { expect, test } from "vitest";
import { analyseRecords, buildCall, callStart, ids, type Changes } from "./testing/call-builder.ts";

/*
 * What must never happen (catalogue, section 7), as far as no detector's own test has it: N1 and N12 to N19 are in
 * detect/network-downlink/traps.test.ts and detect/av-sync, N4 and N20 in detect/cpu and detect/remote, N5 in detect/capture, N11 in
 * detect/setup, N14 and N22 in expected-states.test.ts, N2, N6 and N8 in score, N16 in properties.test.ts.
 */

const lossy: Changes = {
  inAudio: { packetsLost: 10, packetsReceived: 40, concealedSamples: 9600, concealmentEvents: 3 },
};

test("N3: what is open about a track ends with the track, at once", () => {
  const { observations } = buildCall().run(20).run(20, lossy).run(40, { inAudio: null }).analyse();
  const loss = observations.find(({ id }) => id === "downlink-loss");
  expect(loss?.endReason).toBe("subject-removed");
  expect(((loss?.clearedAt ?? 0) - callStart) / 1000).toBeLessThanOrEqual(41);
});

test("N7: somebody whose first sample has no rate yet is not called silent", () => {
  for (const seconds of [1, 2, 3, 5]) expect(ids(buildCall().run(seconds).analyse())).toEqual([]);
});

test.each([0.4, 0.8])("N9: a round trip of %d s with clean loss is no fault of a server", (seconds) => {
  const slow: Changes = {
    pair: { currentRoundTripTime: seconds, totalRoundTripTime: seconds },
    remoteInAudio: { roundTripTime: seconds },
    remoteInVideo: { roundTripTime: seconds },
  };
  const { verdict } = buildCall().run(20).run(40, slow).analyse();
  expect(verdict.statedCause).toBe("high-rtt");
  expect(["sfu", "turn"]).not.toContain(verdict.faultDomain);
});

test("N10: a call without video is no dry video and no bad network", () => {
  const audioOnly: Changes = {
    inVideo: null,
    outVideo: null,
    remoteInVideo: null,
    remoteOutVideo: null,
    camSource: null,
  };
  const { observations, verdict } = buildCall().run(60, audioOnly).analyse();
  expect(observations.filter(({ severity }) => severity !== "info")).toEqual([]);
  expect(verdict.statedCause).toBeNull();
});

test.each([
  ["Mobile Safari", "iOS"],
  ["Android WebView", "Android"],
  ["Opera", "Windows"],
  ["HeadlessChrome", "Linux"],
  ["A browser of tomorrow", ""],
])("N15: %s on %s is read like every other: by what it reports, not by its name", (browserName, osName) => {
  const { records } = buildCall().run(20).run(20, lossy).run(20);
  const context: SessionRecord = { kind: "context", at: callStart, context: { browserName, osName } };
  const found = (all: readonly SessionRecord[]): string[] =>
    analyseRecords(all).observations.map(({ key, severity }) => `${key} ${severity}`);
  expect(found([context, ...records])).toEqual(found(records));
  expect(found(records).length).toBeGreaterThan(0);
});

test("N21: a bad last minute is seen after half an hour of good ones", () => {
  const analysis = buildCall().run(1800).run(60, lossy).analyse();
  const loss = analysis.observations.find(({ id }) => id === "downlink-loss");
  expect(loss?.severity).toBe("critical");
  // At the end of the half hour, not smeared over it.
  expect(((loss?.startedAt ?? 0) - callStart) / 1000).toBeGreaterThan(1795);
  expect(Number(loss?.peak?.value)).toBeCloseTo(20, 0);
});

test("N23: samples that somebody took out of the stream are a gap, and nothing else", () => {
  const call = buildCall();
  for (let round = 0; round < 12; round += 1) call.run(4).skip(1);
  expect(ids(call.analyse())).toEqual([]);
  const { observations } = buildCall().run(20).skip(70).run(20).analyse();
  expect(observations.filter(({ severity }) => severity !== "info").map(({ id }) => id)).not.toContain(
    "downlink-outage",
  );
});

test("N24: a record that nobody understands, first or later, costs only itself", () => {
  const { records } = buildCall().run(20).run(20, lossy).run(20);
  const odd = [
    { kind: "event", at: callStart, name: "something-of-tomorrow", data: { a: [1] } },
    { kind: "unknown", at: callStart },
    { kind: "sample", at: callStart, connectionId: "pc", stats: [{ id: 5 }, null, "text"] },
  ] as unknown as SessionRecord[];
  const found = (all: readonly SessionRecord[]): string[] => ids(analyseRecords(all));
  expect(found([...odd, ...records, ...odd])).toEqual(found(records));
});

test("E9: another mode of scalability is no trouble", () => {
  const low: Changes = { outVideo: { scalabilityMode: "L1T3" } };
  const high: Changes = { outVideo: { scalabilityMode: "L3T3_KEY", frameHeight: 720, frameWidth: 1280 } };
  expect(ids(buildCall().run(30, low).run(30, high).run(30, low).analyse())).toEqual([]);
});
