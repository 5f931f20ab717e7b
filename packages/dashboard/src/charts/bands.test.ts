import { expect, test } from "vitest";
import { mergeBands, placeBands, type Band } from "./bands.ts";

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

/** A thousand pixels; a second is one. */
const box = { left: 0, width: 1000 };
const place = (bands: readonly Band[]): unknown =>
  placeBands(bands, box, (seconds) => seconds, 1).map(({ band: { kind }, left, width }) => [
    kind,
    left,
    left + width,
  ]);

test("narrow bands that all but touch are drawn as one; what has room or another look stays itself", () => {
  expect(place([band(10, 11, "critical"), band(12, 13, "critical"), band(14.5, 16, "critical")])).toEqual([
    ["critical", 10, 16],
  ]);
  expect(place([band(10, 11, "critical"), band(14, 15, "critical")])).toHaveLength(2);
  expect(place([band(10, 11, "critical"), band(12, 13, "major")])).toHaveLength(2);
  expect(place([band(10, 30, "critical"), band(31, 33, "critical")])).toHaveLength(2);
  expect(place([band(10, 11, "critical"), band(12, 13, "critical", true)])).toHaveLength(2);
  expect(place([band(10, 11, "hidden"), band(12, 13, "hidden")])).toHaveLength(2);
});

test("a band outside of the box is not drawn", () => {
  expect(place([band(-20, -10, "major"), band(990, 1010, "major"), band(1001, 1020, "major")])).toEqual([
    ["major", 990, 1010],
  ]);
});
