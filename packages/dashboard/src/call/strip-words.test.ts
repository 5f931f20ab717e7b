import { expect, test } from "vitest";
import { stripWords } from "./strip-words.ts";

test.each([
  [[], "nothing was measured"],
  [[null, null], "nothing was measured"],
  [[90, 85], "good all the time"],
  [[50], "poor all the time"],
  [[90, null, null], "good for 0:10, not measured for 0:20"],
  [[90, 70, 50, 50], "poor for 0:20, fair for 0:10, good for 0:10"],
] as const)("scores %j are told as %s", (scores, words) => {
  expect(stripWords(scores, 10_000)).toBe(words);
});
