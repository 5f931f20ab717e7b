import { expect, test } from "vitest";
import { buildCall, type CallBuilder } from "../../testing/call-builder.ts";
import {
  about,
  addStats,
  connecting,
  evidenceOf,
  failed,
  gatheringCall,
  notComputable,
} from "../../testing/ice-calls.ts";

const id = "turn-not-configured";
const srflx = { id: "L", type: "local-candidate", candidateType: "srflx", protocol: "udp" };
const neverConnects = (call: CallBuilder): CallBuilder =>
  addStats(call.run(15, connecting), 15, [srflx]).run(3, failed);
const lite = (call: CallBuilder): CallBuilder =>
  call.event(
    "api-called",
    {
      callId: 1,
      method: "setRemoteDescription",
      arguments: { description: { type: "answer", sdp: "v=0\r\na=ice-lite\r\na=ice-ufrag:abcd\r\n" } },
    },
    true,
  );

test("connected without TURN: a note, no more", () => {
  const analysis = gatheringCall(["stun:stun.example"]).run(20).analyse();
  expect(about(analysis, id)).toEqual(["info 0..20 session-end"]);
  expect(evidenceOf(analysis, id)["peer-connection.iceServers"]).toBe("stun");
  expect(analysis.verdict.statedCause).toBeNull();
});

test("no direct path answered: it is the cause", () => {
  const analysis = neverConnects(gatheringCall(["stun:stun.example"])).analyse();
  expect(about(analysis, id)).toEqual(["major 1..18 session-end"]);
  expect(analysis.verdict).toMatchObject({ statedCause: id, faultDomain: "application" });
});

test("not even STUN answered: a relay might not have been reached either", () => {
  const { verdict } = gatheringCall(["stun:stun.example"]).run(15, connecting).run(3, failed).analyse();
  expect(verdict).toMatchObject({ statedCause: id, faultDomain: "unknown" });
});

test("the other side had a relay: this one's would not have changed it", () => {
  const call = gatheringCall([]).run(15, connecting);
  const relay = { id: "R", type: "remote-candidate", candidateType: "relay", protocol: "udp" };
  expect(about(addStats(call, 15, [relay]).run(3, failed).analyse(), id)).toEqual(["info 1..18 session-end"]);
});

test.each<[string, () => CallBuilder]>([
  ["TURN is configured", () => neverConnects(gatheringCall(["turns:relay.example"]))],
  ["a server with a public address", () => lite(gatheringCall([])).run(20)],
  ["never negotiated", () => gatheringCall([]).skip(20).event("session-ended", { reason: "stopped" })],
])("not raised: %s", (_name, call) => {
  expect(about(call().analyse(), id)).toEqual([]);
});

test("configured later: cleared", () => {
  const call = gatheringCall([])
    .run(5)
    .event(
      "api-called",
      {
        callId: 1,
        method: "setConfiguration",
        arguments: { configuration: { iceServers: [{ urls: "turn:relay.example" }] } },
      },
      true,
    )
    .run(10);
  expect(about(call.analyse(), id)).toEqual(["info 0..5 cleared"]);
});

test("without the configuration it is not computable", () => {
  expect(notComputable(buildCall().run(10).analyse())).toContain(id);
});
