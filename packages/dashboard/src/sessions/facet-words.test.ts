import { noValue } from "@peerscope/schema";
import { expect, test } from "vitest";
import { isComplete, valueWords } from "./facet-words.ts";

test("sessions without a stated cause are not told as good", () => {
  expect(valueWords("cause", "")).toBe("No cause stated");
  expect(valueWords("cause", noValue)).toBe("No cause stated");
  expect(valueWords("browser", "")).toBe("Not known");
});

test("a value that was not counted has no session only where all values were counted", () => {
  expect(isComplete("browser", { isCut: false }, "")).toBe(true);
  expect(isComplete("browser", { isCut: true }, "")).toBe(false);
  expect(isComplete("browser", { isCut: false }, "saf")).toBe(false);
  expect(isComplete("cause", { isCut: false }, "")).toBe(false);
  expect(isComplete("path", { isCut: false }, "")).toBe(false);
});
