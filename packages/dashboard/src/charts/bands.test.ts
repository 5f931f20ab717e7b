import { expect, test } from "vitest";
import { mergeBands, type Band } from "./bands.ts";

const band = (from: number, to: number, kind: Band["kind"], selected = false): Band => ({
  from,
  to,
  kind,
  selected,
});

test("overlapping bands become one with the worse look; hidden and selected ones stay themselves", () => {
  expect(
    mergeBands([
      band(10, 20, "minor"),
      band(0, 12, "major"),
      band(30, 40, "critical"),
      band(5, 35, "hidden"),
      band(31, 33, "minor", true),
    ]),
  ).toEqual([
    band(0, 20, "major"),
    band(5, 35, "hidden"),
    band(30, 40, "critical"),
    band(31, 33, "minor", true),
  ]);
});
