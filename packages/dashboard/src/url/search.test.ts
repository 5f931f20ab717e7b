import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatInstant,
  formatRange,
  parseRange,
  parseSearch,
  readCallSearch,
  readIntent,
  readSessionSearch,
  readSessionsSearch,
  scoreClasses,
  stringifySearch,
  tabs,
} from "./search.ts";

const words = fc.string({ minLength: 1, maxLength: 60 });
const now = Date.UTC(2026, 10, 21, 9, 30);
const instants = fc.integer({ min: 0, max: 4_000_000_000_000 }).map(formatInstant);
const optional = { requiredKeys: [] as [] };

describe("every view is a URL", () => {
  test("state of the list survives the URL", () => {
    const states = fc.record(
      {
        q: words,
        user: words,
        call: words,
        tag: words,
        live: fc.constant("true"),
        class: fc.constantFrom(...scoreClasses),
        observation: words,
        from: instants,
        to: instants,
        sort: fc.constant("worst"),
        tz: fc.constant("utc"),
      },
      optional,
    );
    fc.assert(
      fc.property(states, (state) => {
        expect(readSessionsSearch(parseSearch(stringifySearch(state)))).toEqual(state);
      }),
    );
  });

  test("state of a session survives the URL", () => {
    const tenth = fc.integer({ min: -50, max: 300_000 }).map((value) => value / 10);
    const states = fc.record(
      {
        tab: fc.constantFrom(...tabs.filter((tab) => tab !== "timeline")),
        t: fc
          .tuple(tenth, fc.integer({ min: 1, max: 9999 }))
          .map(([from, span]) => formatRange({ from, to: from + span / 10 })),
        at: tenth.map((value) => value + 0),
        axis: fc.constant("abs"),
        obs: words,
        panel: words,
        ev: words,
        find: words,
        record: fc.nat({ max: 999_999_999 }),
        recordKind: fc.constantFrom("sample", "event", "context", "gap"),
        recordType: words,
        recordText: words,
        tz: fc.constant("utc"),
      },
      optional,
    );
    fc.assert(
      fc.property(states, (state) => {
        const { at, ...rest } = readSessionSearch(parseSearch(stringifySearch(state)));
        const { at: wanted, ...others } = state;
        expect(rest).toEqual(others);
        expect(at === undefined ? undefined : at + 0).toEqual(wanted === undefined ? undefined : wanted + 0);
      }),
    );
  });

  test("the pair of a call survives the URL", () => {
    const pair = { sender: "?", receiver: "anna-1" };
    expect(readCallSearch(parseSearch(stringifySearch(pair)))).toEqual(pair);
    expect(readCallSearch({ sender: "", receiver: [] })).toEqual({});
  });

  test("ranges survive to a tenth of a second and always go forward", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -100, max: 90_000, noNaN: true }),
        fc.double({ min: 0, max: 90_000, noNaN: true }),
        (from, span) => {
          const range = parseRange(formatRange({ from, to: from + span }));
          expect(range).not.toBeNull();
          expect(range?.from).toBeCloseTo(from, 0);
          expect((range?.to ?? 0) - (range?.from ?? 0)).toBeGreaterThan(0);
        },
      ),
    );
  });

  test("what a link says and nobody understands is dropped", () => {
    expect(
      readSessionSearch({ tab: "nonsense", t: "9-3", at: "NaN", axis: "sideways", tz: "mars", extra: "1" }),
    ).toEqual({});
    expect(readSessionsSearch({ class: "<img>", sort: "random", live: "maybe", q: "" })).toEqual({});
    for (const bad of ["", "a-b", "5", "5-5", "-", "1e9-2e9x"]) expect(parseRange(bad)).toBeNull();
  });
});

describe("the search box", () => {
  test("goes to what was pasted", () => {
    expect(readIntent("https://scope.example/sessions/01J9X%2F1?t=1-2&at=1.5&x=y#end", now, "utc")).toEqual({
      go: "session",
      id: "01J9X/1",
      search: { t: "1-2", at: 1.5 },
    });
    expect(readIntent("/calls/stand-up", now, "utc")).toEqual({ go: "call", id: "stand-up" });
    expect(readIntent("http://h/sessions/%E0%A4%A", now, "utc")).toEqual({
      go: "session",
      id: "%E0%A4%A",
      search: {},
    });
  });

  test("turns typed filters into filters and leaves the rest as text", () => {
    expect(
      readIntent('kim user:8f3a tag:site=Berlin call:"stand up" is:live score:poor', now, "utc"),
    ).toEqual({
      go: "sessions",
      search: { q: "kim", user: "8f3a", tag: "site:Berlin", call: "stand up", live: "true", class: "poor" },
    });
    expect(readIntent("8f3a yesterday score:poor", now, "utc")).toEqual({
      go: "sessions",
      search: { q: "8f3a", from: "2026-11-20T00:00Z", to: "2026-11-21T00:00Z", class: "poor", sort: "worst" },
    });
    expect(readIntent("is:sunny", now, "utc")).toEqual({ go: "sessions", search: { q: "is:sunny" } });
    expect(readIntent("   ", now, "utc")).toEqual({ go: "sessions", search: {} });
  });

  test.each(["score:80", "score:<80", "score:terrible", "score=80", 'user:""', "is:live-ish"])(
    "%s is no filter and stays text",
    (text) => {
      expect(readIntent(text, now, "utc")).toEqual({ go: "sessions", search: { q: text } });
    },
  );

  test.each([
    ["score:Poor", { class: "poor" }],
    ["score:Not-Measured", { class: "not-measured" }],
    ["score<80 kim", { filter: "score<80", q: "kim" }],
    ["user:kim user:kim", { user: "kim" }],
    ["user:kim user:bea os:iOS", { filter: "user:kim,bea os:iOS" }],
    ["score:poor score:failed", { filter: "class:poor,failed" }],
    ['tag:site=Berlin tag:"room=a b"', { tag: "site:Berlin,room:a b" }],
  ] as const)("%s loses nothing", (text, search) => {
    expect(readIntent(text, now, "utc")).toEqual({ go: "sessions", search });
  });
});
