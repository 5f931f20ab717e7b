import { expect, test } from "vitest";
import { buildCall, type CallBuilder } from "../../testing/call-builder.ts";
import { about, evidenceOf } from "../../testing/ice-calls.ts";

const id = "ice-path-flapping";
/** Runs over the pair of that name. */
const on = (call: CallBuilder, pair: string, seconds: number): CallBuilder =>
  call.run(seconds, { pair: { id: pair }, transport: { selectedCandidatePairId: pair } });
const steady = (seconds = 20): CallBuilder => on(buildCall(), "A", seconds);
const flapping = (call: CallBuilder, changes: number, every = 5): CallBuilder => {
  for (let index = 1; index <= changes; index += 1) on(call, index % 2 === 1 ? "B" : "A", every);
  return call;
};

test("three changes in 30 s, until none came for 60 s", () => {
  const analysis = on(flapping(steady(), 3), "B", 70).analyse();
  expect(about(analysis, id)).toEqual(["minor 21..31 cleared"]);
  expect(evidenceOf(analysis, id)).toMatchObject({
    "derived.pathChanges": 3,
    "derived.paths": "host - host, host - host, host - host",
  });
});

test.each<[string, () => CallBuilder]>([
  ["two changes", () => flapping(steady(), 2)],
  ["three changes in 32 s", () => flapping(steady(), 3, 16)],
  ["just connected", () => flapping(steady(1), 3, 4)],
  [
    "after an ICE restart",
    () => flapping(steady().event("api-called", { callId: 1, method: "restartIce" }, true), 3, 4),
  ],
])("not raised: %s", (_name, call) => {
  expect(about(call().analyse(), id)).toEqual([]);
});

test("events tell changes between samples, and are not counted twice", () => {
  const event = (call: CallBuilder, local: string): CallBuilder =>
    call.event("selected-candidate-pair-changed", { local: { type: local }, remote: { type: "host" } }, true);
  const two = on(event(on(event(event(buildCall(), "host").run(20), "relay"), "B", 5), "host"), "A", 5);
  expect(about(two.analyse(), id)).toEqual([]);
  const analysis = event(two, "relay").run(5).analyse();
  expect(about(analysis, id)).toEqual(["minor 20..35 session-end"]);
  expect(evidenceOf(analysis, id)["derived.paths"]).toBe("relay - host, host - host, relay - host");
});

test("without a pair nothing is said", () => {
  expect(about(buildCall().run(60, { pair: null }).analyse(), id)).toEqual([]);
});
