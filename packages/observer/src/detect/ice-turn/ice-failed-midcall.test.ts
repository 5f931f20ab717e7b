import { expect, test } from "vitest";
import { buildCall, outage, summary } from "../../testing/call-builder.ts";
import { about, evidenceOf } from "../../testing/ice-calls.ts";

const connected = () => buildCall().event("connection-state-changed", { state: "connected" }, true).run(20);

test("failed after it worked, until it works again", () => {
  const call = connected()
    .run(5, outage)
    .event("connection-state-changed", { state: "disconnected" }, true)
    .run(10, outage)
    .event("connection-state-changed", { state: "failed" }, true)
    .run(5, outage)
    .event("connection-state-changed", { state: "connected" }, true)
    .run(10);
  const lines = summary(call.analyse());
  expect(lines).toContain("ice-disconnected major 25..40");
  expect(lines).toContain("ice-failed-midcall critical 35..40");
  const failed = call.analyse().observations.find(({ id }) => id === "ice-failed-midcall");
  expect(failed?.parentId).toMatch(/^ice-disconnected/);
});

test("closing it is not failing", () => {
  const call = connected()
    .event("connection-closed", {}, true)
    .event("connection-state-changed", { state: "failed" }, true)
    .skip(10)
    .event("session-ended", { reason: "stopped" });
  expect(summary(call.analyse())).toEqual([]);
});

test.each<[string, number, string[]]>([
  ["as it woke", 0, []],
  ["20 s after it woke", 20, []],
  ["40 s after it woke", 40, ["critical 660..661 session-end"]],
])("the machine slept for ten minutes, and it failed %s", (_name, seconds, expected) => {
  const call = connected().skip(600).run(seconds, outage);
  const analysis = call.event("connection-state-changed", { state: "failed" }, true).run(1, outage).analyse();
  expect(about(analysis, "ice-failed-midcall")).toEqual(expected);
});

test("evidence: since when nothing came back, and that the network changed before", () => {
  const call = connected().event("network-information-changed", { type: "wifi" });
  call.event("network-information-changed", { type: "cellular" }).run(15, outage);
  const analysis = call.event("connection-state-changed", { state: "failed" }, true).run(1, outage).analyse();
  expect(evidenceOf(analysis, "ice-failed-midcall")).toMatchObject({
    "derived.connectedForSeconds": 35,
    "derived.silentSeconds": 15,
    "derived.networkChangedBeforeSeconds": 15,
  });
});
