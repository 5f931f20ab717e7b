import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes } from "../../testing/call-builder.ts";
import { agrees, begins, connecting, facts, ice, outcomes, state } from "../../testing/negotiate.ts";

const shakes = (seconds: number, call = begins()): CallBuilder =>
  state(ice(state(agrees(call), "connecting"), "connected").skip(seconds), "connected");
const slowPath: Changes = { pair: { currentRoundTripTime: 0.6 } };
const encrypting: Changes = { ...connecting, transport: { iceState: "connected", dtlsState: "connecting" } };

test.each<[string, CallBuilder, string[]]>([
  ["0.9 s", shakes(0.9).run(5), []],
  ["1.2 s", shakes(1.2).run(5), ["minor cleared"]],
  ["3.5 s", shakes(3.5).run(5), ["major cleared"]],
  [
    "told by the transport itself",
    ice(agrees(begins()), "connected")
      .skip(2)
      .event("dtls-state-changed", { state: "connected" }, true)
      .run(5),
    ["minor cleared"],
  ],
  ["3.5 s with a round trip of 600 ms", shakes(3.5).run(5, slowPath), []],
  ["hidden meanwhile", shakes(3.5, begins().event("page-visibility-changed", { visible: false })).run(5), []],
  ["plain statistics: one sample in between", buildCall().run(1, encrypting).run(10), []],
  ["plain statistics: at least 4 s", buildCall().run(5, encrypting).run(10), ["major cleared"]],
  ["round trip not known", shakes(1.2).run(7, { pair: { currentRoundTripTime: null } }), ["minor cleared"]],
  ["a recording that begins in the middle", buildCall().run(20), []],
  [
    "an ICE restart later says nothing about it",
    ice(ice(shakes(0.2).run(5), "checking").run(5), "connected").run(5),
    [],
  ],
])("%s", (_name, call, expected) => {
  expect(outcomes(call, "dtls-slow")).toEqual(expected);
});

test("evidence has the time, and how many round trips that is", () => {
  const found = shakes(1.2)
    .run(5)
    .analyse()
    .observations.find(({ id }) => id === "dtls-slow");
  expect(facts(found)).toEqual([
    "handshakeMs=1200",
    "dtlsState=connected",
    "currentRoundTripTime=40",
    "handshakeRoundTrips=30",
  ]);
  expect(found?.domainHint).toBe("unknown");
});
