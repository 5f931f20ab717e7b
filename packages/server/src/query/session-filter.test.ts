import { expect, test } from "vitest";
import { sessionQuerySchema, type SessionSummary } from "@peerscope/schema/api";
import { toSessionFilter } from "./session-filter.ts";

test.each([
  ["K7M-3QX", true],
  ["k7m3qx", true],
  ["k7m 3qx", true],
  ["blue", true],
  ["Blue", false],
  ["K7M", false],
  ["k7m-3q", false],
])("a search for %s finds the session that reported K7M-3QX and is blue: %s", (q, isFound) => {
  const filter = toSessionFilter(sessionQuerySchema.parse({ q }));
  const session = {
    sessionId: "s",
    userId: null,
    callId: null,
    tags: { "issue-1": "K7M-3QX", room: "blue" },
  };
  expect(filter.matches(session as unknown as SessionSummary)).toBe(isFound);
  const { q: text, qIssue: issue } = filter.parameters;
  expect([text, issue].some((value) => value === "K7M-3QX" || value === "blue")).toBe(isFound);
});
