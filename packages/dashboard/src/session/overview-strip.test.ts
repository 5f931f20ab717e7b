import { expect, test } from "vitest";
import { stripSummary } from "./overview-strip.tsx";

const bars = (...scores: (number | null)[]): { readonly score: number | null }[] =>
  scores.map((score) => ({ score }));

test("the overview says in words how much of the session has a score", () => {
  expect(stripSummary(bars(null, null))).toBe("Overview: no part of the session could be scored");
  expect(stripSummary(bars(90, 60.4))).toBe("Overview: scores from 60 to 90 in all parts of the session");
  expect(stripSummary(bars(90, null, 70))).toBe(
    "Overview: scores from 70 to 90 in 2 of 3 parts of the session",
  );
});
