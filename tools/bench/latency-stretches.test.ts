import { expect, test } from "vitest";
import { isApart, isWithin, medianP99 } from "./latency-stretches.ts";

const scan = { from: 20_000, to: 45_000 };
const stretches = [10, 30, 200, 80, 90, 50, 900].map((p99, index) => ({
  at: index * 10_000,
  p99,
  count: index === 6 ? 3 : 1_000,
}));

test("stretches count as during a scan, or without, when they are so from begin to end", () => {
  expect(stretches.filter((stretch) => isWithin(stretch, scan)).map(({ at }) => at)).toEqual([
    20_000, 30_000,
  ]);
  expect(stretches.filter((stretch) => isApart(stretch, scan)).map(({ at }) => at)).toEqual([
    0, 10_000, 50_000, 60_000,
  ]);
});

test("the median leaves out what is not counted, and the rest at the end", () => {
  expect(medianP99(stretches, (stretch) => isApart(stretch, scan))).toBe(30);
  expect(medianP99(stretches, () => false)).toBeNaN();
});
