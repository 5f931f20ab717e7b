import { expect, test } from "vitest";
import {
  only,
  rangeOf,
  stateOf,
  strangeWords,
  termsOf,
  toggled,
  withRange,
  withTerms,
} from "./filter-state.ts";
import { filterParts } from "./filter-bar.tsx";
import { formatColumns, readColumns, usualColumns } from "./columns.tsx";
import { valueWords } from "./facet-words.ts";

const terms = termsOf({ filter: "browser:safari,Firefox -os:Windows score>=20 score<60" });

test("facets and the text of the filter are one state", () => {
  expect(stateOf(terms, "browser", "Safari")).toBe("in");
  expect(stateOf(terms, "os", "Windows")).toBe("out");
  expect(stateOf(terms, "os", "iOS")).toBe("neither");
  const filterOf = (next: ReturnType<typeof toggled>): string | undefined =>
    withTerms({ filter: "kim" }, next).filter;
  expect(filterOf(toggled(terms, "browser", "Safari", false))).toBe(
    "browser:Firefox -os:Windows score>=20 score<60 kim",
  );
  expect(filterOf(toggled(terms, "browser", "Safari", true))).toBe(
    "browser:Firefox -os:Windows score>=20 score<60 -browser:Safari kim",
  );
  expect(filterOf(toggled(terms, "os", "Windows", true))).toBe(
    "browser:safari,Firefox score>=20 score<60 kim",
  );
  expect(filterOf(only(terms, "browser", "Chromium"))).toBe(
    "-os:Windows score>=20 score<60 browser:Chromium kim",
  );
  expect(rangeOf(terms, "score")).toEqual({ from: 20, to: 60 });
  expect(filterOf(withRange(terms, "score", { from: null, to: 40 }))).toBe(
    "browser:safari,Firefox -os:Windows score<40 kim",
  );
  expect(withTerms({ filter: "score<60", q: "a" }, [])).toEqual({ q: "a" });
});

test("each part of the filters can be dropped by itself", () => {
  const parts = filterParts({ q: "anna", filter: "browser:Safari score<60 kim", sort: "worst" });
  expect(parts.map(({ words }) => words)).toEqual([
    "text “anna”",
    "Browser: Safari",
    "Score below 60",
    "text “kim”",
  ]);
  expect(parts.map(({ without }) => without)).toEqual([
    { filter: "browser:Safari score<60 kim", sort: "worst" },
    { q: "anna", filter: "score<60 kim", sort: "worst" },
    { q: "anna", filter: "browser:Safari kim", sort: "worst" },
    { q: "anna", filter: "browser:Safari score<60", sort: "worst" },
  ]);
});

test("what looks like a filter and is none is told from words", () => {
  expect(strangeWords("score:80 kim duration>long -path:x 2026-11-20")).toEqual([
    "score:80",
    "duration>long",
    "-path:x",
  ]);
});

test("columns in the URL", () => {
  expect(readColumns(undefined)).toEqual(usualColumns);
  expect(readColumns("nothing,<b>")).toEqual(usualColumns);
  expect(readColumns("when,cause,constructor")).toEqual(["cause", "when"]);
  expect(formatColumns(usualColumns)).toBeUndefined();
  expect(formatColumns(["when", "cause"])).toBe("cause,when");
});

test.each([
  ["country", "DE", "Germany"],
  ["country", "not a code", "not a code"],
  ["path", "relay/tls", "Relay, TLS"],
  ["codec", "opus", "Opus"],
  ["device", "none", "Not known"],
  ["domain", "turn", "The relay"],
] as const)("%s %s is %s", (facet, value, words) => expect(valueWords(facet, value)).toBe(words));
