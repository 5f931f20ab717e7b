import { expect, test } from "vitest";
import { isReportCode, nearReportCodes, reportCodeIn, toReportCode } from "./report-code.ts";

test.each([
  ["7C2-F9A", "7C2-F9A"],
  ["7c2f9a", "7C2-F9A"],
  [" 7c2 f9a ", "7C2-F9A"],
])("%j is the code %s", (typed, code) => {
  expect(isReportCode(typed)).toBe(true);
  expect(toReportCode(typed)).toBe(code);
});

test.each(["", "7C2-F9", "7C2-F9A1", "kim", "7C0-F9A", "7C2-F9I", "7C2--F9A", "call:7C2F9A", "yesterday"])(
  "%j is none",
  (typed) => {
    expect(isReportCode(typed)).toBe(false);
  },
);

test("near ones differ in one character, are codes themselves, and fit into one question to the server", () => {
  const near = nearReportCodes("7c2f9a");
  expect(new Set(near).size).toBe(90);
  expect(near).not.toContain("7C2-F9A");
  for (const code of near) {
    expect(isReportCode(code)).toBe(true);
    expect(code.split("").filter((character, place) => character !== "7C2-F9A"[place])).toHaveLength(1);
  }
});

test("the code of a session is in a tag of its own; the same text in another tag is none", () => {
  expect(reportCodeIn({ "issue-1": "222-222", "issue-2": "7C2-F9A" }, ["7C2-F9A"])).toBe("7C2-F9A");
  expect(reportCodeIn({ room: "7C2-F9A", "issue-x": "7C2-F9A" }, ["7C2-F9A"])).toBeNull();
});
