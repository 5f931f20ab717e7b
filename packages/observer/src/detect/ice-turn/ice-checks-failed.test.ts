import { expect, test } from "vitest";
import { buildCall, type CallBuilder, callStart, type Change, ids } from "../../testing/call-builder.ts";
import { about, addStats, connecting, evidenceOf, failed, gatheringCall } from "../../testing/ice-calls.ts";
import { describeObservation } from "../../words/describe.ts";

function failing(pair: Change): ReturnType<typeof buildCall> {
  const silent = {
    inAudio: null,
    inVideo: null,
    remoteInAudio: null,
    remoteInVideo: null,
    remoteOutAudio: null,
    remoteOutVideo: null,
  };
  const off = { bytesReceived: 0, bytesSent: 0, selectedCandidatePairId: null, dtlsState: "new" };
  return buildCall()
    .run(15, {
      ...silent,
      transport: { ...off, iceState: "checking" },
      pair: { state: "in-progress", nominated: false, ...pair },
    })
    .run(3, { ...silent, transport: { ...off, iceState: "failed" }, pair: null });
}

test("requests without any answer: raised, with what was tried", () => {
  const analysis = failing({ requestsSent: 16, responsesReceived: 0 }).analyse();
  expect(ids(analysis)).toContain("ice-checks-failed");
  const [found] = analysis.observations.filter(({ id }) => id === "ice-checks-failed");
  const evidence = Object.fromEntries(
    found?.evidence.map(({ stat, field, value }) => [`${stat}.${field}`, value]) ?? [],
  );
  expect(evidence).toMatchObject({
    "candidate-pair.requestsSent": 240,
    "candidate-pair.responsesReceived": 0,
    "local-candidate.candidateType": "host",
    "derived.relayCandidates": false,
  });
});

test("answered checks are another failure", () => {
  expect(ids(failing({ requestsSent: 16, responsesReceived: 3 }).analyse())).toEqual([
    "connection-never-established",
  ]);
});

test("without pair counters it is not computable, and says so", () => {
  const analysis = failing({ requestsSent: null, responsesReceived: null }).analyse();
  expect(ids(analysis)).toEqual(["connection-never-established"]);
  expect(analysis.verdict.missing.map(({ what }) => what)).toContain("ice-checks-failed");
});

test("no candidate of the other side ever came: that is signalling, not a path", () => {
  const call = failing({ requestsSent: 16, responsesReceived: 0 });
  for (const [index, record] of call.records.entries()) {
    if (record.kind !== "sample") continue;
    const stats = record.stats.filter(({ type }) => type !== "remote-candidate" && type !== "candidate-pair");
    call.records[index] = { ...record, stats };
  }
  expect(ids(call.analyse())).not.toContain("ice-checks-failed");
});

test("closed by the app before ICE gave up", () => {
  const call = buildCall().run(8, connecting).event("connection-closed", {}, true).run(3, failed);
  expect(ids(call.analyse())).not.toContain("ice-checks-failed");
});

test("connected after all: cleared", () => {
  const call = buildCall().run(15, connecting).run(2, failed).run(10);
  expect(about(call.analyse(), "ice-checks-failed")).toEqual(["critical 1..18 cleared"]);
});

test("a relay on both sides and still no answer: a firewall between relays, or credentials of the other side", () => {
  const call = addStats(buildCall().run(15, connecting), 15, [
    { id: "L", type: "local-candidate", candidateType: "relay", protocol: "udp" },
    { id: "R", type: "remote-candidate", candidateType: "relay", protocol: "udp" },
  ]).run(3, failed);
  const analysis = call.analyse();
  expect(evidenceOf(analysis, "ice-checks-failed")).toMatchObject({
    "derived.relayCandidates": true,
    "derived.relayOnBothSides": true,
  });
  expect(analysis.verdict.faultDomain).toBe("unknown");
  expect(analysis.verdict.alternatives.map(({ faultDomain }) => faultDomain)).toContain("application");
  const found = analysis.observations.find(({ id }) => id === "ice-checks-failed");
  expect(found === undefined ? "" : describeObservation(found).developerAdvice).toMatch(/ICE credentials/);
});

test("N11: another connection comes up within 15 s: a retry, for the servers too", () => {
  const url = "turn:relay.example:3478?transport=udp";
  const call = gatheringCall([url])
    .event("ice-candidate-failed", { errorCode: 401, url }, true)
    .run(15, connecting)
    .run(3, failed);
  const before = call.analyse().observations.filter(({ severity }) => severity === "critical");
  expect(before.map(({ id }) => id).sort()).toEqual([
    "connection-never-established",
    "ice-checks-failed",
    "turn-auth-failed",
  ]);
  addSecondConnection(call);
  const analysis = call.analyse();
  expect(analysis.observations.filter(({ severity }) => severity === "critical")).toEqual([]);
  expect(about(analysis, "ice-checks-failed").map((line) => line.split(" ")[0])).toEqual(["minor"]);
  expect(about(analysis, "turn-auth-failed").map((line) => line.split(" ")[0])).toEqual(["major"]);
});

test("N11: a relay that is not configured is no cause where the next try needs none", () => {
  const call = gatheringCall([]).run(15, connecting).run(3, failed);
  expect(about(call.analyse(), "turn-not-configured")).toEqual(["major 1..18 session-end"]);
  addSecondConnection(call);
  expect(about(call.analyse(), "turn-not-configured").map((line) => line.split(" ")[0])).toEqual(["info"]);
});

/** Another connection of the same session, good from now on. */
function addSecondConnection(call: CallBuilder): void {
  const shift = call.now - callStart;
  for (const record of buildCall().run(20).records) {
    if (record.kind !== "sample") continue;
    call.records.push({
      ...record,
      connectionId: "second",
      at: record.at + shift,
      stats: record.stats.map((stats) => ({ ...stats, timestamp: stats.timestamp + shift })),
    });
  }
}
