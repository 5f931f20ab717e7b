import { expect, test } from "vitest";
import { buildCall, type CallBuilder } from "../../testing/call-builder.ts";
import { calls, describes, outcomes } from "../../testing/negotiate.ts";

const call = (): CallBuilder => buildCall().run(10);

/** An own offer, and the far end's after `after` seconds, which stands for `open` seconds. */
function cross(builder: CallBuilder, after: number, open: number): CallBuilder {
  describes(builder, "Local", "offer").skip(after);
  describes(builder, "Remote", "offer").skip(open);
  return describes(builder, "Local", "answer");
}

function often(times: number, open: number): CallBuilder {
  const builder = call();
  for (let count = 0; count < times; count += 1) cross(builder, 0.2, open).run(5);
  return builder;
}

test.each<[string, CallBuilder, string[]]>([
  ["agreed within 2 s", cross(call(), 0.2, 0.5).run(10), ["info session-end"]],
  ["agreed after 3 s", cross(call(), 0.2, 3).run(10), ["minor session-end"]],
  ["60 s without", cross(call(), 0.2, 3).run(70), ["minor cleared"]],
  ["three times in a minute", often(3, 3), ["minor session-end"]],
  ["four times in a minute", often(4, 3), ["major session-end"]],
  ["four times, each resolved at once", often(4, 0.5), ["info session-end"]],
  ["the own offer is 2.5 s old", cross(call(), 2.5, 3).run(10), []],
  ["offer and answer", describes(describes(call(), "Local", "offer"), "Remote", "answer").run(10), []],
])("%s", (_name, builder, expected) => {
  expect(outcomes(builder, "negotiation-glare")).toEqual(expected);
});

test("taken back by hand before the far end's offer is applied", () => {
  const builder = describes(call(), "Local", "offer").skip(0.3);
  describes(builder, "Local", "rollback");
  describes(builder, "Remote", "offer").skip(0.2);
  expect(outcomes(describes(builder, "Local", "answer").run(10), "negotiation-glare")).toEqual([
    "info session-end",
  ]);
});

test("states alone show it too", () => {
  const builder = call().event("signaling-state-changed", { state: "have-local-offer" }, true).skip(0.3);
  builder.event("signaling-state-changed", { state: "have-remote-offer" }, true).skip(4);
  builder.event("signaling-state-changed", { state: "stable" }, true).run(5);
  expect(outcomes(builder, "negotiation-glare")).toEqual(["minor session-end"]);
  expect(outcomes(calls(call(), "createOffer", {}).run(5), "negotiation-glare")).toEqual([]);
});
