import * as fc from "fast-check";
import { expect, test } from "vitest";
import { exponential, ln, power } from "./real-functions.ts";

const seed = Number(process.env["SCORE_SEED"] ?? Date.now() % 2 ** 31);
const real = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

/** Relative, and absolute where the value is nearly 0. */
function expectClose(ours: number, theirs: number): void {
  expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(1e-15 * Math.max(1, Math.abs(theirs)) * 4);
}

test("what the engine's own functions give, to the last digits", () => {
  fc.assert(
    fc.property(real(1e-300, 1e300), real(-700, 700), real(0, 4), (value, exponent, small) => {
      expectClose(ln(value), Math.log(value));
      expectClose(ln(1 + small), Math.log(1 + small));
      expect(Math.abs(exponential(exponent) / Math.exp(exponent) - 1)).toBeLessThan(4e-15);
      expectClose(power(small, 1.7), small ** 1.7);
    }),
    { seed, numRuns: 10_000 },
  );
});

test.each([
  [ln(1), 0],
  [ln(0), -Infinity],
  [ln(5e-324), Math.log(5e-324)],
  [ln(Infinity), Infinity],
  [ln(-1), Number.NaN],
  [exponential(0), 1],
  [exponential(800), Infinity],
  [exponential(-800), 0],
  [exponential(Number.NaN), Number.NaN],
  [power(0, 2), 0],
  [power(0, 0), 1],
  [power(5, 0), 1],
])("at its edges: %d", (ours, expected) => {
  expect(ours).toEqual(expected);
});
