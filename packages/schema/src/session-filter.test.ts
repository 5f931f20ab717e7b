import { describe, expect, test } from "vitest";
import { formatSessionFilter, parseSessionFilter, sessionFilterLimits } from "./session-filter.ts";

describe("the filter that one types", () => {
  test("has values, what is not wanted, numbers and words", () => {
    const text = `score<60 browser:safari,Firefox -os:Windows duration>=10m tag:"site=Berlin 3" kim room`;
    expect(parseSessionFilter(text)).toEqual({
      terms: [
        { facet: "score", comparison: "<", limit: 60 },
        { facet: "browser", not: false, values: ["safari", "Firefox"] },
        { facet: "os", not: true, values: ["Windows"] },
        { facet: "duration", comparison: ">=", limit: 600 },
        { facet: "tag", not: false, values: ["site=Berlin 3"] },
      ],
      words: "kim room",
    });
  });

  test.each([
    "",
    "kim",
    "score<60 score>=20",
    "browser:safari,Firefox -browser:Chromium",
    `tag:"site=Berlin 3",room=a call:"a, b"`,
    "duration>600 K7M-3QX",
  ])("%j is written as it was read", (text) => {
    expect(formatSessionFilter(parseSessionFilter(text))).toBe(text);
  });

  test("values of one facet are one choice, each once", () => {
    expect(formatSessionFilter(parseSessionFilter("os:iOS os:Android,iOS -os:Linux os:Linux"))).toBe(
      "os:iOS,Android,Linux -os:Linux",
    );
  });

  test.each(["nothing:1", "score<x", "score<5m", "browser:", "-", ":", `tag:"`, "http://a/b", "score:60"])(
    "%j is a word",
    (text) => expect(parseSessionFilter(text)).toEqual({ terms: [], words: text }),
  );

  test("has limits, and long nonsense is read in no time", () => {
    const many = Array.from({ length: 1_000 }, (_, index) => `score<${index}`).join(" ");
    expect(parseSessionFilter(many).terms).toHaveLength(sessionFilterLimits.terms);
    const started = performance.now();
    for (const nonsense of ["a:".repeat(50_000), "browser:" + ",".repeat(50_000), '-tag:"'.repeat(20_000)])
      parseSessionFilter(nonsense);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
