import { describe, expect, test } from "vitest";
import { decodeCursor, encodeCursor, rankOf } from "./cursor.ts";
import { emptySummary } from "../analyse/session-summary.ts";

const session = emptySummary(
  { sessionId: "s", projectId: "p", path: "", bytes: 0, createdAt: 5, finished: false, sample: false },
  5,
);

describe("cursor", () => {
  test("comes back as it was", () => {
    const cursor = { sort: "worst", rank: 71.25, sessionId: "abc_-9" } as const;
    expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
    expect(encodeCursor(cursor)).toMatch(/^[\w-]+$/);
  });

  test.each(["", "x", "e30", encodeCursor({ sort: "newest", rank: 1, sessionId: "a" }).slice(2), "👾"])(
    "%j is no cursor",
    (text) => expect(decodeCursor(text)).toBeNull(),
  );

  test("worst first: failed, then low scores; what is unknown comes last", () => {
    const order = [
      { ...session, sessionId: "unknown" },
      { ...session, sessionId: "good", score: 90, scoreClass: "good" as const },
      { ...session, sessionId: "failed", scoreClass: "failed" as const },
      { ...session, sessionId: "poor", score: 10, scoreClass: "poor" as const },
    ].toSorted((a, b) => rankOf(a, "worst") - rankOf(b, "worst"));
    expect(order.map(({ sessionId }) => sessionId)).toEqual(["failed", "poor", "good", "unknown"]);
  });
});
