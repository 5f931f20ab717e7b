import { expect, it } from "vitest";
import { createSkippedCounter, describeSkipped } from "./skipped-tally.ts";

it("says by reason how much was skipped and where first", () => {
  const counter = createSkippedCounter();
  for (const line of [214, 300, 301])
    counter.add({ code: "unreadable", line, offset: line * 9, reason: "no JSON" });
  counter.add({ code: "truncated", line: 900, offset: 9_000, reason: "it ends" });
  counter.add({ code: "invalid-entry", line: null, offset: 77, reason: "no type" });
  counter.add({ code: "time-unknown", line: null, offset: null, reason: "nothing says when" });
  counter.add({ code: "unknown-event", line: 3, offset: 4, reason: '"teleported"' });
  expect(describeSkipped(counter.tally())).toEqual([
    "3 lines unreadable, first at line 214",
    "1 line cut off, at line 900",
    "1 part not usable, at byte 77",
    "1 part without a known time",
    "1 event without a counterpart here, at line 3",
  ]);
});

it("keeps the first places only, and counts on", () => {
  const counter = createSkippedCounter();
  for (let line = 1; line <= 100_000; line++)
    counter.add({ code: "unreadable", line, offset: null, reason: "" });
  const { total, examples, kinds } = counter.tally();
  expect(total).toBe(100_000);
  expect(examples).toHaveLength(50);
  expect(kinds.map(({ count }) => count)).toEqual([100_000]);
});
