import { expect, test } from "vitest";
import { createLineLimit } from "./line-limit.ts";

test("ten lines of a kind a minute; the next that is written says how many are missing", () => {
  let now = 0;
  const limit = createLineLimit(() => now);
  const passed = Array.from({ length: 1_000 }, () => limit.pass("key-revoked"));
  expect(passed.filter((held) => held !== null)).toEqual(Array.from({ length: 10 }, () => 0));
  expect(limit.pass("token-expired")).toBe(0);
  now = 59_999;
  expect(limit.pass("key-revoked")).toBeNull();
  now = 60_000;
  expect(limit.pass("key-revoked")).toBe(991);
  expect(limit.pass("key-revoked")).toBe(0);
});
