import { expect, test } from "vitest";
import { differences, draftState, isSame } from "./draft.ts";

test("a draft is in conflict only when somebody else saved something else meanwhile", () => {
  const base = { logDays: 30, rowDays: null };
  const value = { logDays: 90, rowDays: null };
  expect(draftState(null, base)).toBe("clean");
  expect(draftState({ base, value: base }, base)).toBe("clean");
  expect(draftState({ base, value }, { rowDays: null, logDays: 30 })).toBe("changed");
  expect(draftState({ base, value }, { logDays: 7, rowDays: null })).toBe("conflict");
  // They saved what was meant here: nothing is left to do.
  expect(draftState({ base, value }, value)).toBe("clean");
});

test("a conflict shows the members that differ, and what each has", () => {
  expect(
    differences(
      { retention: { logDays: 90, rowDays: null }, thresholds: { "uplink-loss": { off: true } } },
      { retention: { logDays: 7, rowDays: null }, thresholds: {} },
    ),
  ).toEqual([
    { path: "retention.logDays", mine: "90", theirs: "7" },
    { path: "thresholds.uplink-loss", mine: '{"off":true}', theirs: "not set" },
  ]);
});

test("the order of members does not matter, that of a list does", () => {
  expect(isSame({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
  expect(isSame([1, 2], [2, 1])).toBe(false);
});
