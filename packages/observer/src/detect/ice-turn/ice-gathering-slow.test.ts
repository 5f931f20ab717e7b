import { expect, test } from "vitest";
import type { CallBuilder, Change } from "../../testing/call-builder.ts";
import { buildCall } from "../../testing/call-builder.ts";
import { about, connecting, gatheringCall, notComputable } from "../../testing/ice-calls.ts";

const id = "ice-gathering-slow";
const stun = "stun:stun.example:3478";
const turn = "turn:relay.example:3478?transport=udp";
const start = (more: Change = {}): CallBuilder => gatheringCall([stun, turn], more);
const gathered = (call: CallBuilder, type: string, url?: string): CallBuilder =>
  call.event("ice-candidate-gathered", { type, ...(url === undefined ? {} : { url }) }, true);
const complete = (call: CallBuilder): CallBuilder =>
  call.event("ice-gathering-state-changed", { state: "complete" }, true);

test.each<[string, () => CallBuilder, string[]]>([
  ["490 ms", () => gathered(start().skip(0.49), "srflx", stun), []],
  ["510 ms", () => complete(gathered(start().skip(0.51), "srflx", stun).skip(1)), ["minor 0..2 cleared"]],
  ["5.1 s", () => complete(gathered(start().skip(5.1), "relay", turn).skip(1)), ["major 0..6 cleared"]],
  ["without a URL", () => complete(gathered(start().skip(2), "relay")), ["minor 0..2 cleared"]],
  ["host addresses are nobody's answer", () => gathered(start().skip(9), "host"), []],
  [
    "each server counts, one record",
    () => complete(gathered(gathered(start().skip(1), "srflx", stun).skip(5), "relay", turn)),
    ["major 0..6 cleared"],
  ],
  [
    "only the first candidate of a server",
    () => gathered(gathered(start().skip(0.2), "relay", turn).skip(6), "relay", turn),
    [],
  ],
  [
    "connected before",
    () =>
      gathered(
        start().skip(0.3).event("connection-state-changed", { state: "connected" }, true).skip(3),
        "relay",
        turn,
      ),
    [],
  ],
  [
    "gathered before it was needed",
    () => gathered(start({ iceCandidatePoolSize: 2 }).skip(9), "relay", turn),
    [],
  ],
])("%s", (_name, call, expected) => {
  expect(about(call().run(1, connecting).analyse(), id)).toEqual(expected);
});

test("connecting ends it", () => {
  const call = gathered(start().skip(2), "srflx", stun).skip(1);
  const analysis = call.event("connection-state-changed", { state: "connected" }, true).run(9).analyse();
  expect(about(analysis, id)).toEqual(["minor 0..3 cleared"]);
  // One measure is no proof: it may be the server, its name or the path to it.
  expect(analysis.verdict.faultDomain).toBe("unknown");
});

test("nobody said when gathering began: not computable", () => {
  const analysis = gathered(buildCall().run(1, connecting).skip(9), "relay", turn)
    .run(1, connecting)
    .analyse();
  expect(about(analysis, id)).toEqual([]);
  expect(notComputable(analysis)).toContain(id);
});
