import { describe, expect, test } from "vitest";
import { palettes, type ThemeName } from "./colors.ts";

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/** Machado, Oliveira and Fernandes 2009, severity 1.0, for linear RGB. */
const visions: Readonly<Record<string, Matrix>> = {
  common: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** sRGB to XYZ with the D65 white point (IEC 61966-2-1), and that white. */
const toXyz: Matrix = [
  [0.4124564, 0.3575761, 0.1804375],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339, 0.119192, 0.9503041],
];
const white: Triple = [0.95047, 1, 1.08883];

const times = (matrix: Matrix, of: Triple): Triple => {
  const row = (r: Triple): number => r[0] * of[0] + r[1] * of[1] + r[2] * of[2];
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])];
};

function linear(hex: string): Triple {
  const channel = (start: number): number => {
    const value = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

/** CIELAB of a colour as somebody with this vision sees it; what no screen can show is clipped. */
function lab(hex: string, vision: Matrix): Triple {
  const clip = (value: number): number => Math.min(1, Math.max(0, value));
  const [r, g, b] = times(vision, linear(hex));
  const xyz = times(toXyz, [clip(r), clip(g), clip(b)]);
  const f = (value: number): number =>
    value > 216 / 24389 ? Math.cbrt(value) : (841 / 108) * value + 4 / 29;
  const [x, y, z] = [f(xyz[0] / white[0]), f(xyz[1] / white[1]), f(xyz[2] / white[2])];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** CIE76: 2.3 is just noticeable. */
function distance(one: string, other: string, vision: Matrix): number {
  const [a, b] = [lab(one, vision), lab(other, vision)];
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** Smallest distance of two state colours in a theme, over all kinds of colour vision, and which two. */
function closest(theme: ThemeName): { readonly distance: number; readonly pair: string } {
  const { good, fair, poor, failed, unmeasured } = palettes[theme];
  const states = Object.entries({ good, fair, poor, failed, unmeasured });
  const found: { distance: number; pair: string }[] = [];
  for (const [vision, matrix] of Object.entries(visions)) {
    for (const [i, [one, a]] of states.entries()) {
      for (const [other, b] of states.slice(i + 1)) {
        found.push({ distance: distance(a.mark, b.mark, matrix), pair: `${one} and ${other}, ${vision}` });
      }
    }
  }
  expect(found).toHaveLength(40);
  return found.sort((a, b) => a.distance - b.distance)[0] ?? { distance: 0, pair: "" };
}

describe("states stay apart for every colour vision", () => {
  // What holds today, rounded down: a change of colours may not make it worse.
  test.each([
    { theme: "light", least: 19.9 },
    { theme: "dark", least: 22.7 },
  ] as const)("$theme", ({ theme, least }) => {
    const { distance: smallest, pair } = closest(theme);
    expect(smallest, pair).toBeGreaterThanOrEqual(least);
  });
});

test("the simulation agrees with what is known", () => {
  const common = visions["common"];
  const deuteranopia = visions["deuteranopia"];
  if (common === undefined || deuteranopia === undefined) throw new Error("A vision is missing.");
  expect(distance("#000000", "#ffffff", common)).toBeCloseTo(100, 2);
  // CIELAB of the sRGB red, as every table has it.
  const [l, a, b] = lab("#ff0000", common);
  expect([l, a, b].map((value) => value.toFixed(1))).toEqual(["53.2", "80.1", "67.2"]);
  // A red and a green of the same lightness: far apart for most people, nearly the same for a deuteranope.
  expect(distance("#c86432", "#7d8c32", common)).toBeGreaterThan(45);
  expect(distance("#c86432", "#7d8c32", deuteranopia)).toBeLessThan(20);
  // Greys are greys for everybody.
  for (const vision of Object.values(visions)) expect(distance("#808080", "#808080", vision)).toBe(0);
  for (const vision of Object.values(visions)) {
    const [, greyA, greyB] = lab("#808080", vision);
    expect(Math.hypot(greyA, greyB)).toBeLessThan(1);
  }
});
