import { expect, test } from "vitest";
import { buildCall, outage, summary } from "../../testing/call-builder.ts";

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
