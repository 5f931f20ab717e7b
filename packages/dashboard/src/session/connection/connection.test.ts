import { describe, expect, test } from "vitest";
import type { EventRow } from "../../worker/messages.ts";
import { candidatePairs, endWords } from "./candidate-pairs.ts";
import { pathEvents } from "./path-events.ts";
import { stateLanes } from "./state-lanes.ts";

const stats = [
  { id: "T", type: "transport", selectedCandidatePairId: "P2" },
  {
    id: "P1",
    type: "candidate-pair",
    localCandidateId: "L1",
    remoteCandidateId: "R1",
    state: "failed",
    bytesSent: 0,
  },
  {
    id: "P2",
    type: "candidate-pair",
    localCandidateId: "L2",
    remoteCandidateId: "R1",
    state: "succeeded",
    nominated: true,
    currentRoundTripTime: 0.042,
    requestsSent: 10,
    responsesReceived: 9,
  },
  { id: "P3", type: "candidate-pair", localCandidateId: "L1", remoteCandidateId: "gone", bytesSent: 400 },
  {
    id: "L1",
    type: "local-candidate",
    candidateType: "host",
    protocol: "udp",
    address: "10.1.2.0",
    port: 4000,
  },
  {
    id: "L2",
    type: "local-candidate",
    candidateType: "relay",
    protocol: "udp",
    relayProtocol: "tls",
    url: "turns:turn.example",
  },
  { id: "R1", type: "remote-candidate", candidateType: "srflx", protocol: "udp" },
];

describe("candidate pairs of a report", () => {
  const pairs = candidatePairs(stats.map((object) => ({ timestamp: 0, ...object })));

  test("the one in use comes first, then by what they carried", () => {
    expect(pairs.map(({ id, selected }) => [id, selected])).toEqual([
      ["P2", true],
      ["P3", false],
      ["P1", false],
    ]);
    expect(pairs[0]).toMatchObject({ roundTripTimeMs: 42, nominated: true, requestsSent: 10 });
  });

  test("say how each end is reached, and that a candidate is missing", () => {
    expect(pairs.map(({ local, remote }) => [endWords(local), endWords(remote)])).toEqual([
      ["relay over tls", "srflx udp"],
      ["host udp", "not in the report"],
      ["host udp", "srflx udp"],
    ]);
    expect(pairs[2]?.roundTripTimeMs).toBeNull();
  });
});

const event = (at: number, name: string, data: EventRow["data"], connectionId = "pc"): EventRow => ({
  at,
  name,
  connectionId,
  data,
});

describe("the way of a connection", () => {
  const events = [
    event(1, "ice-candidate-failed", { errorCode: 701, errorText: "lookup failed", url: "turn:x.example" }),
    event(2, "selected-candidate-pair-changed", {
      local: { type: "host", protocol: "udp", address: "10.0.0.0" },
      remote: { type: "relay", relayProtocol: "tcp" },
    }),
    event(3, "api-called", { callId: 1, method: "restartIce" }),
    event(4, "api-called", { callId: 2, method: "createOffer", arguments: { iceRestart: true } }),
    event(5, "api-called", { callId: 3, method: "createOffer" }),
    event(6, "selected-candidate-pair-changed", { local: {}, remote: {} }, "other"),
  ];

  test("tells servers that did not answer, changes of the path and restarts of this connection only", () => {
    expect(pathEvents(events, "pc").map(({ at, kind, text, isBad }) => [at, kind, text, isBad])).toEqual([
      [1, "gather-failed", "turn:x.example did not help: lookup failed (701)", true],
      [2, "path", "Media goes from host udp (10.0.0.0) to relay over tcp", false],
      [3, "restart", "The app restarted ICE", false],
      [4, "restart", "The app restarted ICE", false],
    ]);
  });

  test("every state machine has a lane of its own, DTLS one for each transport", () => {
    const lanes = stateLanes(
      [
        event(0, "dtls-state-changed", { state: "connected", mid: "0" }),
        event(0, "dtls-state-changed", { state: "failed", mid: "1" }),
        event(0, "connection-state-changed", { state: "connected" }),
        event(10, "connection-state-changed", { state: "failed" }),
        event(10, "ice-connection-state-changed", { state: "disconnected" }),
        event(10, "signaling-state-changed", { state: "stable" }, "other"),
      ],
      "pc",
      20,
    );
    expect(
      lanes.map(({ title, spans }) => [title, spans.map(({ word, look }) => `${word} ${look}`)]),
    ).toEqual([
      ["Connection", ["connected plain", "failed bad"]],
      ["ICE", ["disconnected warn"]],
      ["DTLS 0", ["connected plain"]],
      ["DTLS 1", ["failed bad"]],
    ]);
  });
});
