import { expect, test } from "vitest";
import { buildCall, type CallBuilder, ids } from "../../testing/call-builder.ts";
import { about, addStats, evidenceOf } from "../../testing/ice-calls.ts";

const id = "network-interface-changed";
const told = (call: CallBuilder, type: string): CallBuilder =>
  call.event("network-information-changed", { type, effectiveType: "4g" });
const online = (call: CallBuilder, value: boolean): CallBuilder =>
  call.event("network-online-changed", { online: value });
const over = (call: CallBuilder, seconds: number, networkType: string): CallBuilder =>
  addStats(call.run(seconds), seconds, [
    { id: "L", type: "local-candidate", candidateType: "host", protocol: "udp", networkType },
  ]);

test.each<[string, () => CallBuilder, string[]]>([
  [
    "Wi-Fi to cellular",
    () => told(told(buildCall(), "wifi").run(20), "cellular").run(5),
    ["info 20..20 cleared"],
  ],
  ["the first word is no change", () => told(buildCall().run(20), "wifi").run(5), []],
  ["the same again", () => told(told(buildCall(), "wifi").run(20), "wifi").run(5), []],
  ["unknown before", () => told(told(buildCall(), "unknown").run(20), "wifi").run(5), []],
  ["unknown after", () => told(told(buildCall(), "wifi").run(20), "unknown").run(5), []],
  [
    "offline and online again",
    () => online(online(buildCall().run(20), false).run(3), true).run(5),
    ["info 23..23 cleared"],
  ],
  ["online all the time", () => online(buildCall().run(20), true).run(5), []],
  [
    "the candidate is of another network",
    () => over(over(buildCall(), 20, "wifi"), 5, "cellular"),
    ["info 21..21 cleared"],
  ],
  ["the candidate says nothing", () => over(over(buildCall(), 20, "wifi"), 5, "unknown"), []],
  [
    "event and candidate tell the same",
    () => over(told(over(told(buildCall(), "wifi"), 20, "wifi"), "cellular").run(2), 5, "cellular"),
    ["info 20..20 cleared"],
  ],
])("%s", (_name, call, expected) => {
  const analysis = call().analyse();
  expect(about(analysis, id)).toEqual(expected);
  // A change is no fault.
  expect(ids(analysis)).toEqual([]);
  expect(analysis.verdict.statedCause).toBeNull();
});

test("it says from what to what", () => {
  const analysis = told(told(buildCall(), "ethernet").run(20), "wifi").run(5).analyse();
  expect(evidenceOf(analysis, id)).toEqual({ "navigator.connection.type": "ethernet to wifi" });
});
