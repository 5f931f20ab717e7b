import { expect, test } from "vitest";
import { buildCall, type Change, ids } from "../../testing/call-builder.ts";

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
