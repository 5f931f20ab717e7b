import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Matrix, lossTerm, medianPolish } from "./median-polish.ts";

const percent = [
  [null, 10, 11, 9],
  [1, null, 1.2, 1.1],
  [0.8, 1.2, null, 25],
  [1, 0.9, 1.3, null],
];
const terms = (matrix: Matrix): Matrix =>
  matrix.map((row) => row.map((value) => (value === null ? null : lossTerm(value / 100))));

test("the vector of the reference: sender 0 stands out, and the pair 2 to 3", () => {
  const { mu, rows, columns, residuals } = medianPolish(terms(percent));
  expect(mu).toBeCloseTo(0.01157, 4);
  for (const [i, value] of [0.09379, -0.00051, 0.00051, -0.00152].entries())
    expect(rows[i]).toBeCloseTo(value, 4);
  for (const [j, value] of [-0.00101, 0, 0.00303, 0].entries()) expect(columns[j]).toBeCloseTo(value, 4);
  expect(residuals[2]?.[3]).toBeCloseTo(0.2756, 4);
  for (const [i, row] of residuals.entries()) {
    for (const [j, value] of row.entries()) {
      if (value !== null && !(i === 2 && j === 3)) expect(Math.abs(value)).toBeLessThan(0.0115);
    }
  }
});

test("loss is clamped: everything lost is a number", () => {
  expect(lossTerm(1)).toBeCloseTo(6.9078, 3);
  expect(lossTerm(-0.2)).toBe(0);
});

const cell = fc.option(fc.double({ min: 0, max: 3, noNaN: true }), { nil: null });
const matrices = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
  .chain(([height, width]) =>
    fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
      minLength: height,
      maxLength: height,
    }),
  );

test("the parts add up to what was measured, and missing cells stay missing", () => {
  fc.assert(
    fc.property(matrices, (matrix) => {
      const { mu, rows, columns, residuals } = medianPolish(matrix);
      for (const [i, row] of matrix.entries()) {
        for (const [j, value] of row.entries()) {
          const residual = residuals[i]?.[j];
          if (value === null) expect(residual).toBeNull();
          else expect(mu + (rows[i] ?? 0) + (columns[j] ?? 0) + (residual ?? NaN)).toBeCloseTo(value, 9);
        }
      }
    }),
    { seed: 20_260_102, numRuns: 300 },
  );
});

test("a constant that all cells share moves into mu and nowhere else", () => {
  fc.assert(
    fc.property(matrices, fc.double({ min: 0.01, max: 2, noNaN: true }), (matrix, constant) => {
      // A row or column without any cell says nothing that could shift.
      fc.pre(matrix.every((row) => row.some((value) => value !== null)));
      fc.pre((matrix[0] ?? []).every((_, j) => matrix.some((row) => row[j] !== null)));
      const before = medianPolish(matrix);
      const after = medianPolish(matrix.map((row) => row.map((v) => (v === null ? null : v + constant))));
      expect(after.mu - before.mu).toBeCloseTo(constant, 6);
      for (const [i, value] of before.rows.entries()) expect(after.rows[i]).toBeCloseTo(value, 6);
      for (const [j, value] of before.columns.entries()) expect(after.columns[j]).toBeCloseTo(value, 6);
    }),
    { seed: 20_260_103, numRuns: 300 },
  );
});
