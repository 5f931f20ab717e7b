import { expect, test } from "vitest";
import { exampleAnalysis } from "./testing/example-analysis.ts";
import { whichAnalysis } from "./which-analysis.ts";

const whole = exampleAnalysis();
const part = exampleAnalysis({ end: whole.start + 20_000 });
const longer = exampleAnalysis({ end: whole.end + 5_000 });

test("half of a log does not take the place of what the server knows of all of it", () => {
  expect(whichAnalysis({ phase: "loading", analysis: part }, whole)).toBe(whole);
  expect(whichAnalysis({ phase: "failed", analysis: part }, whole)).toBe(whole);
});

test("this browser's own takes over when it knows as much, or when there is no other", () => {
  expect(whichAnalysis({ phase: "loading", analysis: longer }, whole)).toBe(longer);
  expect(whichAnalysis({ phase: "live", analysis: longer }, whole)).toBe(longer);
  expect(whichAnalysis({ phase: "done", analysis: part }, whole)).toBe(part);
  expect(whichAnalysis({ phase: "loading", analysis: part }, null)).toBe(part);
  expect(whichAnalysis({ phase: "loading", analysis: null }, whole)).toBe(whole);
});
