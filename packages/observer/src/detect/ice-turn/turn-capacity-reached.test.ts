import { expect, test } from "vitest";
import type { CallBuilder } from "../../testing/call-builder.ts";
import { about, connecting, failed, gatheringCall } from "../../testing/ice-calls.ts";

const url = "turn:full.example:3478?transport=udp";
const start = (): CallBuilder => gatheringCall(["turn:full.example", "turns:other.example"]).skip(1);
const full = (call: CallBuilder, errorCode = 486): CallBuilder =>
  call.event("ice-candidate-failed", { errorCode, url }, true);
const relayed = (call: CallBuilder, from: string): CallBuilder =>
  call.event("ice-candidate-gathered", { type: "relay", relayProtocol: "tls", url: from }, true);

test.each([486, 508])("code %d and never connected: critical, the relay is the cause", (code) => {
  const analysis = full(start(), code).run(15, connecting).run(3, failed).analyse();
  expect(about(analysis, "turn-capacity-reached")).toEqual(["critical 1..19 session-end"]);
  expect(analysis.verdict).toMatchObject({ statedCause: "turn-capacity-reached", faultDomain: "turn" });
});

test("another server gave a relay: minor", () => {
  const call = relayed(full(start()), "turns:other.example:5349?transport=tcp").run(20);
  expect(about(call.analyse(), "turn-capacity-reached")).toEqual(["minor 1..21 session-end"]);
});

test("connected without a relay: major", () => {
  expect(about(full(start()).run(20).analyse(), "turn-capacity-reached")).toEqual([
    "major 1..21 session-end",
  ]);
});

test("room after all: cleared", () => {
  const call = relayed(full(start()).run(5, connecting), url).run(10);
  expect(about(call.analyse(), "turn-capacity-reached")).toEqual(["major 1..6 cleared"]);
});

test("wrong credentials are another matter", () => {
  expect(about(full(start(), 401).run(20).analyse(), "turn-capacity-reached")).toEqual([]);
});

test("closed by the app before: nothing", () => {
  const call = full(start().event("connection-closed", {}, true)).skip(9);
  expect(
    about(call.event("session-ended", { reason: "stopped" }).analyse(), "turn-capacity-reached"),
  ).toEqual([]);
});
