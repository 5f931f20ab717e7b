import { describe, expect, test } from "vitest";
import { readDays } from "./days.ts";

/** A Saturday. */
const now = Date.UTC(2026, 10, 21, 9, 30);
const hours = (value: number): number => value * 3_600_000;
const span = (from: string, to: string): { from: number; to: number } => ({
  from: Date.parse(from),
  to: Date.parse(to),
});
const wholeDay = (day: string): { from: number; to: number } => {
  const from = Date.parse(`${day}T00:00Z`);
  return { from, to: from + hours(24) };
};

describe("days that people type", () => {
  test.each([
    ["8f3a today", wholeDay("2026-11-21")],
    ["8f3a yesterday", wholeDay("2026-11-20")],
    ["yesterday 8f3a", wholeDay("2026-11-20")],
    ["8f3a Monday", wholeDay("2026-11-16")],
    ["8f3a last fri", wholeDay("2026-11-20")],
    ["8f3a saturday", wholeDay("2026-11-21")],
    ["8f3a 2026-11-02", wholeDay("2026-11-02")],
    ["8f3a 2 Nov", wholeDay("2026-11-02")],
    ["8f3a November 2 2025", wholeDay("2025-11-02")],
    ["8f3a 24 dec", wholeDay("2025-12-24")],
    ["8f3a yesterday 14:00", span("2026-11-20T12:00Z", "2026-11-20T15:00Z")],
    ["yesterday at 0:30 8f3a", span("2026-11-19T22:30Z", "2026-11-20T01:30Z")],
    ["8f3a 2026-11-02 around 9:05", span("2026-11-02T07:05Z", "2026-11-02T10:05Z")],
  ])("%s", (text, expected) => expect(readDays(text, now, "utc")).toEqual({ span: expected, rest: "8f3a" }));

  test.each(["8f3a", "2026-02-30", "31 feb", "satisfaction", "yesterday's", "mon-itor", "14:00", ""])(
    "%j names no day",
    (text) => expect(readDays(text, now, "utc")).toEqual({ span: null, rest: text }),
  );

  test("are days of the reader's own time, however long", () => {
    const { span: day } = readDays("2026-10-25", now, "local");
    expect(day).toEqual({ from: new Date(2026, 9, 25).getTime(), to: new Date(2026, 9, 26).getTime() });
  });
});
