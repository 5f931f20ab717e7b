import { expect, test } from "vitest";
import { buildCall, type CallBuilder, ids, summary } from "../../testing/call-builder.ts";

const trying = (call: CallBuilder, seconds: number, state = "checking"): CallBuilder =>
  call.run(seconds, {
    transport: {
      iceState: state,
      dtlsState: "new",
      bytesReceived: 0,
      bytesSent: 0,
      selectedCandidatePairId: null,
    },
    pair:
      state === "failed"
        ? null
        : {
            state: "in-progress",
            nominated: false,
            responsesReceived: 0,
            requestsSent: 16,
            bytesReceived: 0,
          },
    inAudio: null,
    inVideo: null,
    remoteInAudio: null,
    remoteInVideo: null,
    remoteOutAudio: null,
    remoteOutVideo: null,
    outAudio: { packetsSent: 0 },
    outVideo: { packetsSent: 0 },
  });

test.each<[string, CallBuilder, string[]]>([
  [
    "failed by statistics",
    trying(trying(buildCall(), 15), 5, "failed"),
    ["connection-never-established critical 1..20", "ice-checks-failed critical 1..20"],
  ],
  ["connecting for more than 20 s", trying(buildCall(), 25), ["connection-never-established critical 1..25"]],
  [
    "session ends after 8 s of trying",
    trying(buildCall(), 9),
    ["connection-never-established critical 1..9"],
  ],
  ["page left within 5 s", trying(buildCall(), 4), []],
  ["connects after 15 s", trying(buildCall(), 15).run(20), ["join-slow major 1..15"]],
  [
    "connects after 25 s",
    trying(buildCall(), 25).run(20),
    ["connection-never-established critical 1..26", "join-slow major 1..25"],
  ],
  [
    "never negotiated",
    buildCall().event("connection-created", {}, true).skip(60).event("session-ended", { reason: "stopped" }),
    [],
  ],
])("%s", (_name, call, expected) => {
  expect(summary(call.analyse())).toEqual(expected);
});

test("a second connection that comes up within 15 s makes it a retry", () => {
  const call = trying(trying(buildCall(), 14), 1, "failed");
  for (const record of buildCall().run(40).records) {
    if (record.kind === "sample")
      call.records.push({
        ...record,
        connectionId: "second",
        at: record.at + 18_000,
        stats: record.stats.map((stats) => ({ ...stats, timestamp: stats.timestamp + 18_000 })),
      });
  }
  const [never] = call.analyse().observations.filter(({ id }) => id === "connection-never-established");
  expect(never?.severity).toBe("minor");
  expect(never?.counter).toHaveLength(1);
});

/** A first connection that ends in `state` after 8 s, and a second one that comes up `later` seconds after that. */
function tries(state: string, later: number): CallBuilder {
  const call = buildCall().event("connection-state-changed", { state: "connecting" }, true).skip(8);
  if (state === "closed") call.event("connection-closed", {}, true);
  else call.event("connection-state-changed", { state }, true).event("connection-closed", {}, true);
  call.skip(later);
  for (const [index, second] of ["connecting", "connected"].entries()) {
    call.skip(index).event("connection-state-changed", { state: second });
    const record = call.records.pop();
    if (record?.kind === "event") call.records.push({ ...record, connectionId: "second" });
  }
  return call;
}

const severities = (call: CallBuilder): string[] =>
  call
    .analyse()
    .observations.filter(({ id }) => id === "connection-never-established")
    .map(({ severity }) => severity);

test.each([
  ["failed and closed", "failed", 5, ["minor"]],
  ["given up without failing", "closed", 5, ["minor"]],
  ["the other one comes after 14 s", "failed", 13, ["minor"]],
  ["the other one comes after 16 s", "failed", 15, ["critical"]],
])("N11: a second connection comes up, the first was %s", (_name, state, later, expected) => {
  expect(severities(tries(state, later))).toEqual(expected);
});

test("events decide over statistics", () => {
  const call = buildCall()
    .event("connection-state-changed", { state: "connecting" }, true)
    .skip(15)
    .event("connection-state-changed", { state: "failed" }, true)
    .skip(5)
    .event("session-ended", { reason: "stopped" });
  expect(ids(call.analyse())).toEqual(["connection-never-established"]);
  expect(call.analyse().observations[0]?.missing).toEqual(["candidate-pair.requestsSent"]);
});
