import { expect, test } from "vitest";
import { describeObservation } from "../../words/describe.ts";
import type { CallBuilder } from "../../testing/call-builder.ts";
import {
  about,
  connecting,
  evidenceOf,
  failed,
  gatheringCall,
  notComputable,
} from "../../testing/ice-calls.ts";

const url = "turn:relay.example:3478?transport=udp";
const refused = (call: CallBuilder, errorCode = 401): CallBuilder =>
  call.event("ice-candidate-failed", { errorCode, errorText: "Unauthorized", url }, true);
const relayed = (call: CallBuilder): CallBuilder =>
  call.event("ice-candidate-gathered", { type: "relay", protocol: "udp", relayProtocol: "udp", url }, true);
const start = (): CallBuilder => gatheringCall(["turn:relay.example"]).skip(1);

test("refused and never connected: critical, and the stated cause", () => {
  const analysis = refused(start()).run(15, connecting).run(3, failed).analyse();
  expect(about(analysis, "turn-auth-failed")).toEqual(["critical 1..19 session-end"]);
  expect(evidenceOf(analysis, "turn-auth-failed")).toMatchObject({
    "icecandidateerror.errorCode": 401,
    "icecandidateerror.url": url,
  });
  expect(analysis.verdict).toMatchObject({ statedCause: "turn-auth-failed", faultDomain: "application" });
  const never = analysis.observations.find(({ id }) => id === "connection-never-established");
  expect(never?.parentId).not.toBeNull();
});

test("refused and connected without it: major, and not the cause of something else", () => {
  const call = refused(start())
    .run(20)
    .run(20, { inAudio: { packetsLost: 10 } });
  const analysis = call.analyse();
  expect(about(analysis, "turn-auth-failed")).toEqual(["major 1..41 session-end"]);
  expect(analysis.verdict.statedCause).toBe("downlink-loss");
});

test.each([403, 437, 438, 441])("code %d", (code) => {
  expect(about(refused(start(), code).run(10).analyse(), "turn-auth-failed")).toHaveLength(1);
});

test.each([300, 486, 701])("code %d is another matter", (code) => {
  expect(about(refused(start(), code).run(10).analyse(), "turn-auth-failed")).toEqual([]);
});

test("the challenge: a relay candidate from the same server follows", () => {
  expect(about(relayed(refused(start()).skip(0.2)).run(20).analyse(), "turn-auth-failed")).toEqual([]);
});

test("another interface is served within 2 s", () => {
  const call = relayed(refused(relayed(start())).skip(1)).run(20);
  expect(about(call.analyse(), "turn-auth-failed")).toEqual([]);
});

test("a relay candidate later clears it", () => {
  const call = relayed(refused(start()).run(6, connecting)).run(20);
  expect(about(call.analyse(), "turn-auth-failed")).toEqual(["major 1..7 cleared"]);
});

test("closed by the app: nothing is left to refuse", () => {
  const call = refused(start()).skip(1).event("connection-closed", {}, true).skip(20);
  expect(about(call.event("session-ended", { reason: "stopped" }).analyse(), "turn-auth-failed")).toEqual([]);
});

test("failed without a relay and without a word from the browser: not computable", () => {
  const analysis = start().run(15, connecting).run(3, failed).analyse();
  expect(notComputable(analysis)).toEqual(
    expect.arrayContaining(["turn-auth-failed", "turn-capacity-reached", "turn-unreachable"]),
  );
});

test("what the person reads", () => {
  const analysis = refused(start()).run(15, connecting).run(3, failed).analyse();
  const found = analysis.observations.find(({ id }) => id === "turn-auth-failed");
  expect(found).toBeDefined();
  if (found !== undefined) expect(describeObservation(found).sentence).toMatch(/^The relay server answered/);
});
