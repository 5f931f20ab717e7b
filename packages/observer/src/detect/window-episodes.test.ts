import { expect, test } from "vitest";
import { windowEpisodes } from "./window-episodes.ts";

const rule = { on: 60, clear: 30, windows: 2, clearWindows: 2 };
const run = (values: (number | null)[]): string[] =>
  windowEpisodes(
    values.map((value, index) => ({ from: index * 10, to: index * 10 + 10, value })),
    rule,
  ).map(({ from, to, peak }) => `${from}..${to} ${peak.value}`);

test.each<[string, (number | null)[], string[]]>([
  ["one window", [0, 70, 0, 70], []],
  ["two windows, at the limit", [0, 60, 60, 0, 0], ["10..30 60"]],
  ["just below", [59.9, 59.9], []],
  ["held above the clear value", [70, 80, 40, 30, 0, 0], ["0..40 80"]],
  ["one quiet window does not let go", [70, 70, 0, 70, 0, 0], ["0..40 70"]],
  ["what cannot be judged counts neither way", [70, null, 70, null, 0, null, 0], ["0..30 70"]],
  ["still going on", [70, 90], ["0..20 90"]],
])("%s", (_name, values, expected) => {
  expect(run(values)).toEqual(expected);
});

test("nothing known for a minute ends it", () => {
  const at = (from: number, value: number | null): { from: number; to: number; value: number | null } => ({
    from: from * 1000,
    to: from * 1000 + 10_000,
    value,
  });
  const episodes = windowEpisodes([at(0, 70), at(10, 70), at(100, 70), at(110, 70)], rule);
  expect(episodes.map(({ from, to }) => [from, to])).toEqual([
    [0, 20_000],
    [100_000, 120_000],
  ]);
});
