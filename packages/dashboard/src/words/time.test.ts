import fc from "fast-check";
import { expect, test } from "vitest";
import { ago, clock, day, duration, onAxis, position, timeTicks, when } from "./time.ts";

const noon = Date.UTC(2026, 10, 21, 12, 0, 0);

test("durations read like a clock, long ones in words", () => {
  expect(duration(0)).toBe("0:00");
  expect(duration(42_400)).toBe("0:42");
  expect(duration(1_450_000)).toBe("24:10");
  expect(duration(25_920_000)).toBe("7 h 12 min");
  expect(duration(-5)).toBe("0:00");
});

test("positions keep their width and round without reaching 60", () => {
  expect(position(190)).toBe("03:10");
  expect(position(3790)).toBe("1:03:10");
  expect(position(59.96, true)).toBe("01:00.0");
  expect(position(59.7)).toBe("01:00");
  expect(position(-2)).toBe("-00:02");
});

test("instants in UTC", () => {
  expect(clock(noon + 131_000, "utc")).toBe("12:02:11");
  expect(clock(Date.UTC(2026, 10, 21, 0, 0, 1), "utc")).toBe("00:00:01");
  expect(onAxis(131, noon, "abs", "utc")).toBe("12:02:11");
  expect(onAxis(131, noon, "rel", "utc")).toBe("02:11");
});

test("days are named from where the reader stands", () => {
  expect(when(noon - 3_600_000, noon, "utc")).toBe("today 11:00");
  expect(when(noon - 13 * 3_600_000, noon, "utc")).toBe("yesterday 23:00");
  expect(when(noon - 4 * 86_400_000, noon, "utc")).toBe("Tue 17 Nov 12:00");
  expect(day(Date.UTC(2025, 0, 2, 12), noon, "utc")).toBe("2 Jan 2025");
});

test("ages", () => {
  expect(ago(noon - 4000, noon)).toBe("4 s ago");
  expect(ago(noon + 4000, noon)).toBe("0 s ago");
  expect(ago(noon - 7_300_000, noon)).toBe("2 h ago");
});

test("ticks lie inside the window, in order, and never crowd", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 90_000, noNaN: true }),
      fc.double({ min: 0.5, max: 80_000, noNaN: true }),
      fc.integer({ min: 100, max: 3000 }),
      (from, span, width) => {
        const ticks = timeTicks(from, from + span, width);
        for (const [i, tick] of ticks.entries()) {
          expect(tick).toBeGreaterThanOrEqual(from - 0.002);
          expect(tick).toBeLessThanOrEqual(from + span + 0.002);
          const before = ticks[i - 1];
          if (before !== undefined) expect(((tick - before) / span) * width).toBeGreaterThan(83);
        }
      },
    ),
  );
});

test("clock ticks fall on round clock times", () => {
  const offset = 12 * 3600 + 7;
  expect(timeTicks(0, 60, 300, 84, offset)).toEqual([23, 53]);
});
