import type { SessionRecord } from "@peerscope/schema";
import { expect, test } from "vitest";
import { createSessionObserver } from "./session-observer.ts";
import { analyseRecords, buildCall, type CallBuilder, outage } from "./testing/call-builder.ts";

const state = (call: CallBuilder, to: "connected" | "disconnected" | "failed"): CallBuilder =>
  call.event("connection-state-changed", { state: to }, true);

const connected = (): CallBuilder => state(buildCall(), "connected").run(40);
const failed = (): CallBuilder =>
  state(state(connected().run(5, outage), "disconnected").run(10, outage), "failed");

/** The same call over another connection, `seconds` after the first one ended. */
function rejoined(first: CallBuilder, seconds: number): SessionRecord[] {
  const second = buildCall();
  second.now = first.now + seconds * 1000;
  state(second, "connected").run(20);
  const renamed = second.records.map((record) =>
    record.kind === "context" ? record : { ...record, connectionId: "pc-2" },
  );
  return [...first.records, ...renamed];
}

test.each<[string, () => CallBuilder, string]>([
  ["the path failed and the recording ends", () => failed(), "dropped"],
  ["it failed and the application closed it", () => failed().event("connection-closed", {}, true), "dropped"],
  ["it failed and the page was left", () => failed().event("session-ended", { reason: "page" }), "dropped"],
  [
    "it ends while the browser still tries",
    () => state(connected().run(5, outage), "disconnected"),
    "dropped",
  ],
  ["it ends in an outage that nobody has noticed yet", () => connected().run(5, outage), "dropped"],
  ["the recording just stops", () => connected(), "good"],
  ["it stops in a hiccup", () => connected().run(2, outage), "good"],
  ["it was closed", () => connected().event("connection-closed", {}, true), "good"],
  [
    "the person leaves while the browser still tries",
    () => state(connected().run(5, outage), "disconnected").event("session-ended", { reason: "stopped" }),
    "other",
  ],
  ["the path came back", () => state(failed(), "connected").run(60), "other"],
])("%s: %s", (_name, make, expected) => {
  const { score } = make().analyse();
  if (expected === "other") expect(score.class).not.toBe("dropped");
  else expect(score.class).toBe(expected);
  if (expected === "dropped") expect(score.value).toBeLessThanOrEqual(60);
  const total = score.reasons.reduce((sum, { points }) => sum + points, 0);
  expect(total).toBeCloseTo(100 - (score.value ?? NaN), 6);
});

test("who comes back over another connection was not dropped", () => {
  expect(analyseRecords(failed().records).score.class).toBe("dropped");
  expect(analyseRecords(rejoined(failed(), 5)).score.class).not.toBe("dropped");
});

test("who reloaded the page goes on, and what happened before it is over", () => {
  /** The call of the next page, whose connection is another one. */
  const reloaded = (first: CallBuilder, next: (call: CallBuilder) => CallBuilder): SessionRecord[] => {
    const left = first.event("session-ended", { reason: "pagehide" });
    const second = buildCall();
    second.now = left.now + 3_000;
    second.event("session-resumed", { pages: 2 });
    next(state(second, "connected").run(20));
    const renamed = second.records.map((record) =>
      "connectionId" in record && record.connectionId !== undefined
        ? { ...record, connectionId: `p2-${record.connectionId}` }
        : record,
    );
    return [...left.records, ...renamed];
  };
  const good = analyseRecords(reloaded(connected(), (call) => call));
  expect([good.ended, good.score.class]).toEqual([false, "good"]);
  expect(good.observations).toEqual([]);
  // It ends on a broken path, whatever became of the connection of the page before.
  const dropped = analyseRecords(
    reloaded(connected(), (call) => state(call.run(5, outage), "disconnected").run(10, outage)),
  );
  expect(dropped.score.class).toBe("dropped");
  expect(analyseRecords(connected().event("session-ended", { reason: "pagehide" }).records).ended).toBe(true);
});

test("while the session is recorded, a broken path is a drop only after the minute for coming back", () => {
  const observer = createSessionObserver({ sessionId: "session" });
  const call = failed();
  for (const record of call.records) observer.push(record);
  expect(observer.analysis().score.class).not.toBe("dropped");
  const seen = call.records.length;
  call.run(59, outage);
  for (const record of call.records.slice(seen)) observer.push(record);
  expect(observer.analysis().score.class).not.toBe("dropped");
  const later = call.records.length;
  call.run(2, outage);
  for (const record of call.records.slice(later)) observer.push(record);
  expect(observer.analysis().score.class).toBe("dropped");
});
