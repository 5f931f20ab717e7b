import { expect, test } from "vitest";
import type { NullReason } from "../../../observer/src/score/window-result.ts";
import { unscoredReasons, unscoredWords } from "./unscored.ts";

/** Does not compile when the observer has a code without words, or words have no code any more. */
const allCodes: Readonly<Record<NullReason, string>> = unscoredReasons;
const codes: Readonly<Record<keyof typeof unscoredReasons, NullReason>> = {
  "no-stats": "no-stats",
  "invalid-input": "invalid-input",
  "out-of-range": "out-of-range",
  "codec-unsupported": "codec-unsupported",
  "sender-unknown": "sender-unknown",
  "too-short": "too-short",
};

test("every reason for no score is a sentence, and a code that is not known is never shown", () => {
  expect(Object.keys(allCodes).toSorted()).toEqual(Object.keys(codes).toSorted());
  for (const code of Object.values(codes)) expect(unscoredWords(code)).toMatch(/^[A-Z][^.]+ [^.]+$/);
  expect(unscoredWords("code-of-tomorrow")).toBe("Too little was reported to compute a score");
  expect(unscoredWords(null)).toBe("Too little was reported to compute a score");
});
