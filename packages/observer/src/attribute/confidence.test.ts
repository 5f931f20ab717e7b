import { expect, test } from "vitest";
import { type Signal, confidence, confidenceOf, independent, isStatable } from "./confidence.ts";

test.each<[number[], number[], number]>([
  [[0.6, 0.5], [], 0.8],
  [[0.4, 0.4], [], 0.64],
  [[0.6, 0.5, 0.3], [], 0.86],
  [[0.3, 0.3], [], 0.51],
  [[0.5, 0.5, 0.5], [], 0.875],
  [[0.6, 0.5], [0.4], 0.48],
  [[0.6, 0.5], [0.9], 0.08],
  [[0.6, 0.5, 0.4], [0.3], 0.616],
  [[0.9], [], 0.9],
  [[], [], 0],
])("for %j against %j gives %d", (supporting, contradicting, expected) => {
  expect(confidence(supporting, contradicting)).toBeCloseTo(expected, 10);
});

const signal = (family: string, weight: number): Signal => ({ family, weight, text: family });

test("signals of one counter family count once, the strongest", () => {
  expect(
    independent([signal("a", 0.4), signal("a", 0.6), signal("b", 0.5)]).map(({ weight }) => weight),
  ).toEqual([0.6, 0.5]);
});

test.each<[string, Signal[], boolean]>([
  ["one definitive event", [signal("event", 0.9)], true],
  ["one direct measurement alone", [signal("a", 0.6)], false],
  ["two of one family", [signal("a", 0.6), signal("a", 0.5)], false],
  ["two independent ones", [signal("a", 0.6), signal("b", 0.5)], true],
  ["two weak ones", [signal("a", 0.3), signal("b", 0.3)], false],
])("%s: may be stated %s", (_name, support, expected) => {
  expect(isStatable({ faultDomain: "sfu", for: support, against: [] })).toBe(expected);
});

test("never above 0.95, and 0.5 when the other side is not known", () => {
  const support = [signal("a", 0.9), signal("b", 0.9), signal("c", 0.9)];
  expect(confidenceOf({ faultDomain: "sfu", for: support, against: [] })).toBe(0.95);
  expect(confidenceOf({ faultDomain: "sfu", for: support, against: [], cap: 0.5 })).toBe(0.5);
});
