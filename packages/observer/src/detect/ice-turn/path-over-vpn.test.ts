import { expect, test } from "vitest";
import { buildCall, type CallBuilder } from "../../testing/call-builder.ts";
import { about, addStats, notComputable } from "../../testing/ice-calls.ts";

const id = "path-over-vpn";
const over = (call: CallBuilder, seconds: number, networkType: string): CallBuilder =>
  addStats(call.run(seconds), seconds, [
    { id: "L", type: "local-candidate", candidateType: "host", protocol: "udp", networkType },
  ]);

test.each<[string, () => CallBuilder, string[]]>([
  ["a VPN, then Wi-Fi", () => over(over(buildCall(), 11, "vpn"), 10, "wifi"), ["info 1..13 cleared"]],
  ["Wi-Fi", () => over(buildCall(), 20, "wifi"), []],
])("%s", (_name, call, expected) => {
  expect(about(call().analyse(), id)).toEqual(expected);
});

test("a browser that does not say: not computable", () => {
  expect(notComputable(buildCall().run(10).analyse())).toContain(id);
});
