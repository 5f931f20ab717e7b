import { expect, test } from "vitest";
import { buildCall, type CallBuilder, outage } from "../../testing/call-builder.ts";
import { about, notComputable } from "../../testing/ice-calls.ts";

const id = "ice-restart-missing";
const connected = (): CallBuilder =>
  buildCall()
    .event("api-called", { callId: 1, method: "setLocalDescription" }, true)
    .event("connection-state-changed", { state: "connected" }, true)
    .run(20);
const lost = (call: CallBuilder = connected()): CallBuilder =>
  call.event("connection-state-changed", { state: "disconnected" }, true);
const back = (call: CallBuilder): CallBuilder =>
  call.event("connection-state-changed", { state: "connected" }, true).run(10);
const called = (call: CallBuilder, method: string, given = {}): CallBuilder =>
  call.event("api-called", { callId: 2, method, arguments: given }, true);
const described = (call: CallBuilder, ufrag: string): CallBuilder =>
  called(call, "setRemoteDescription", {
    description: { type: "offer", sdp: `v=0\r\na=ice-ufrag:${ufrag}\r\n` },
  });

test.each<[string, () => CallBuilder, string[]]>([
  ["12 s disconnected", () => back(lost().run(12, outage)), ["major 20..32 cleared"]],
  [
    "disconnected, then failed",
    () => lost().run(6, outage).event("connection-state-changed", { state: "failed" }, true).run(8, outage),
    ["major 20..34 session-end"],
  ],
  ["9 s: it came back by itself", () => back(lost().run(9, outage)), []],
  ["restartIce()", () => called(lost().run(6, outage), "restartIce").run(20, outage), []],
  [
    "an offer with iceRestart",
    () => called(lost().run(6, outage), "createOffer", { options: { iceRestart: true } }).run(20, outage),
    [],
  ],
  [
    "an offer without",
    () => called(lost().run(6, outage), "createOffer", { options: {} }).run(20, outage),
    ["major 20..46 session-end"],
  ],
  [
    "the other side restarts: its user fragment changes",
    () => described(lost(described(connected(), "before")).run(6, outage), "after").run(20, outage),
    [],
  ],
  [
    "the same description again",
    () => described(lost(described(connected(), "before")).run(6, outage), "before").run(20, outage),
    ["major 20..46 session-end"],
  ],
  [
    "the statistics show another user fragment",
    () =>
      lost(connected().run(2, { transport: { iceLocalUsernameFragment: "a" } }))
        .run(6, { ...outage, transport: { ...outage.transport, iceLocalUsernameFragment: "a" } })
        .run(20, { ...outage, transport: { ...outage.transport, iceLocalUsernameFragment: "b" } }),
    [],
  ],
  [
    "restarted late",
    () => called(lost().run(15, outage), "restartIce").run(5, outage),
    ["major 20..35 cleared"],
  ],
  ["offline", () => lost(connected().event("network-online-changed", { online: false })).run(20, outage), []],
  [
    "closed by the app",
    () =>
      lost()
        .run(6, outage)
        .event("connection-closed", {}, true)
        .skip(20)
        .event("session-ended", { reason: "stopped" }),
    [],
  ],
  ["asleep meanwhile", () => lost().run(4, outage).skip(600).run(4, outage), []],
])("%s", (_name, call, expected) => {
  expect(about(call().analyse(), id)).toEqual(expected);
});

test("another connection instead is a restart too", () => {
  const call = lost().run(4, outage);
  call.records.push({
    kind: "event",
    at: call.now,
    name: "connection-created",
    connectionId: "next",
    data: {},
  });
  expect(about(call.run(20, outage).analyse(), id)).toEqual([]);
});

test("neither calls nor user fragments: not computable", () => {
  const start = buildCall().event("connection-state-changed", { state: "connected" }, true).run(20);
  const analysis = lost(start).run(20, outage).analyse();
  expect(about(analysis, id)).toEqual([]);
  expect(notComputable(analysis)).toContain(id);
});
