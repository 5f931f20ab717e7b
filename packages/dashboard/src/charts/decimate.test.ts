import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { align, decimate } from "./decimate.ts";
import { appendPoints, createSeries, gapLimit, indexAt, summarise, valueAt, type Series } from "./series.ts";

const origin = 1_000_000;

function seriesOf(points: readonly (readonly [seconds: number, value: number | null])[]): Series {
  const series = createSeries("k", "loss-ratio", {
    pcId: "pc",
    statsId: "s",
    kind: "audio",
    direction: "inbound",
  });
  appendPoints(
    series,
    Float64Array.from(points, ([seconds]) => origin + seconds * 1000),
    Float32Array.from(points, ([, value]) => value ?? Number.NaN),
  );
  return series;
}

const everySecond = (values: readonly (number | null)[]): Series =>
  seriesOf(values.map((value, i) => [i, value] as const));

describe("a bad second survives zooming out", () => {
  test("smallest and largest value of the window are always drawn", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 3000 }),
        fc.integer({ min: 5, max: 400 }),
        (values, width) => {
          const series = everySecond(values);
          const end = origin + (values.length - 1) * 1000;
          const drawn = decimate(series, origin, end + 1, width, origin);
          const numbers = drawn.ys.filter((y) => y !== null);
          expect(Math.max(...numbers)).toBe(Math.max(...values));
          expect(Math.min(...numbers)).toBe(Math.min(...values));
          expect(drawn.xs.length).toBeLessThanOrEqual(2 * width + 4);
          for (let i = 1; i < drawn.xs.length; i++) expect(drawn.xs[i]).toBeGreaterThan(drawn.xs[i - 1] ?? 0);
        },
      ),
    );
  });

  test("with room for every point nothing is left out", () => {
    const drawn = decimate(everySecond([1, 2, 3]), origin, origin + 2000, 100, origin, 10);
    expect(drawn).toEqual({ xs: [0, 1, 2], ys: [10, 20, 30], bucketSeconds: 0 });
  });
});

describe("gaps are never interpolated", () => {
  test("a missing value breaks the line once, and never becomes zero", () => {
    const drawn = decimate(everySecond([1, null, null, 4]), origin, origin + 3000, 100, origin);
    expect(drawn.ys).toEqual([1, null, 4]);
  });

  test("a hole of more than 5 s breaks the line, one of 4 s does not", () => {
    const series = seriesOf([
      [0, 1],
      [1, 1],
      [2, 1],
      [6, 2],
      [12.5, 3],
      [13.5, 3],
    ]);
    expect(gapLimit(series)).toBe(5000);
    expect(decimate(series, origin, origin + 20_000, 100, origin).ys).toEqual([1, 1, 1, 2, null, 3, 3]);
  });

  test("slow series break later: twice their own interval", () => {
    const series = seriesOf([0, 10, 20, 30, 49, 70].map((seconds) => [seconds, 1] as const));
    expect(gapLimit(series)).toBe(20_000);
    expect(decimate(series, origin, origin + 80_000, 100, origin).ys.indexOf(null)).toBe(5);
  });

  test("gaps survive decimation", () => {
    const values = Array.from({ length: 2000 }, (_, i) => (i >= 1000 && i < 1200 ? null : i));
    const drawn = decimate(everySecond(values), origin, origin + 2_000_000, 50, origin);
    const at = drawn.ys.indexOf(null);
    expect(drawn.xs[at - 1]).toBe(999);
    expect(drawn.xs[at + 1]).toBe(1200);
  });
});

test("lines with different times share one axis without breaking each other", () => {
  const a = { xs: [0, 1, 2], ys: [1, null, 3], bucketSeconds: 0 };
  const b = { xs: [0.5, 2], ys: [7, 8], bucketSeconds: 0 };
  expect(align([a, b])).toEqual({
    xs: [0, 0.5, 1, 2],
    columns: [
      [1, undefined, null, 3],
      [undefined, 7, undefined, 8],
    ],
  });
});

describe("reading a series", () => {
  test("the value under the cursor is the last one before it, and nothing inside a gap", () => {
    const series = seriesOf([
      [0, 5],
      [1, 6],
      [2, null],
      [3, 8],
    ]);
    expect(valueAt(series, origin - 1000)).toBeNull();
    expect(valueAt(series, origin + 1900)).toBe(6);
    expect(valueAt(series, origin + 2500)).toBeNull();
    expect(valueAt(series, origin + 4000)).toBe(8);
    expect(valueAt(series, origin + 60_000)).toBeNull();
  });

  test("summary of a window", () => {
    const series = everySecond([5, 1, null, 9, 100]);
    expect(summarise(series, origin, origin + 3000)).toEqual({
      min: 1,
      max: 9,
      mean: 5,
      maxAt: origin + 3000,
      minAt: origin + 1000,
      points: 3,
    });
    expect(summarise(series, origin + 2000, origin + 2500)).toBeNull();
  });

  test("points that go back in time are refused, growth keeps what is there", () => {
    const series = everySecond(Array.from({ length: 700 }, (_, i) => i));
    appendPoints(series, Float64Array.of(origin + 100), Float32Array.of(1));
    appendPoints(series, Float64Array.of(origin + 700_000), Float32Array.of(700));
    expect(series.length).toBe(701);
    expect(series.values[650]).toBe(650);
    expect(indexAt(series, origin + 650_000)).toBe(650);
  });
});
