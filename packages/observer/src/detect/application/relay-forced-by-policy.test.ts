import { expect, test } from "vitest";
import { buildCall, ids } from "../../testing/call-builder.ts";
import { about, gatheringCall, notComputable } from "../../testing/ice-calls.ts";

const id = "relay-forced-by-policy";
const relayOnly = { iceTransportPolicy: "relay" };

test("told as a fact, never as a fault", () => {
  const analysis = gatheringCall(["turn:relay.example"], relayOnly).run(20).analyse();
  expect(about(analysis, id)).toEqual(["info 0..20 session-end"]);
  expect(ids(analysis)).toEqual([]);
  expect(analysis.verdict.statedCause).toBeNull();
});

test.each([{}, { iceTransportPolicy: "all" }])("not with %j", (configuration) => {
  expect(about(gatheringCall(["turn:relay.example"], configuration).run(20).analyse(), id)).toEqual([]);
});

test("another configuration clears it", () => {
  const call = gatheringCall(["turn:relay.example"], relayOnly)
    .run(10)
    .event(
      "api-called",
      { callId: 1, method: "setConfiguration", arguments: { configuration: { iceTransportPolicy: "all" } } },
      true,
    )
    .run(10);
  expect(about(call.analyse(), id)).toEqual(["info 0..10 cleared"]);
});

test("without the configuration it is not computable", () => {
  expect(notComputable(buildCall().run(10).analyse())).toContain(id);
});
