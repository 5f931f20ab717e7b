import { expect, test } from "vitest";
import { exampleAnalysis } from "./testing/example-analysis.ts";
import { analysisOfServer, whichAnalysis } from "./which-analysis.ts";

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

test("nothing is told of a part before the server has said what it knows, or that it knows nothing", () => {
  const asked = analysisOfServer({ data: undefined, isPending: true });
  const refused = analysisOfServer({ data: undefined, isPending: false });
  expect(whichAnalysis({ phase: "loading", analysis: part }, asked)).toBe(null);
  expect(whichAnalysis({ phase: "loading", analysis: part }, refused)).toBe(part);
  // Where nothing more is read, what there is stands.
  expect(whichAnalysis({ phase: "done", analysis: part }, asked)).toBe(part);
  expect(whichAnalysis({ phase: "live", analysis: part }, asked)).toBe(part);
  expect(whichAnalysis({ phase: "failed", analysis: part }, asked)).toBe(part);
  expect(analysisOfServer({ data: whole, isPending: false })).toBe(whole);
});
