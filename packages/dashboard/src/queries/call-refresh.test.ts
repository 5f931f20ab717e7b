import type { CallSummary, SessionSummary } from "@peerscope/schema/api";
import { expect, test } from "vitest";
import { afterEndRefreshMs, callRefreshMs } from "./sessions.ts";

const now = 1_000_000_000;
const call = (lastAt: number, live: boolean, analysis: unknown = {}): CallSummary =>
  ({ callId: "c", sessions: [{ lastAt, live }], analysis }) as unknown as CallSummary;

test("a call is asked for again while somebody is in it, may come back, or nothing is known of it", () => {
  expect(callRefreshMs(undefined, now)).toBe(10_000);
  expect(callRefreshMs(call(now, true), now)).toBe(2000);
  expect(callRefreshMs(call(now - 60_000, false), now)).toBe(10_000);
  expect(callRefreshMs(call(now - 86_400_000, false, null), now)).toBe(10_000);
});

test("a call that is over stays as it is", () => {
  expect(callRefreshMs(call(now - 600_000, false), now)).toBe(false);
});

test("whether a session goes on is asked as long as its page may be there again", () => {
  const session = (lastAt: number, ended: boolean): SessionSummary =>
    ({ lastAt, ended }) as unknown as SessionSummary;
  expect(afterEndRefreshMs(undefined, now)).toBe(5000);
  expect(afterEndRefreshMs(session(now - 86_400_000, false), now)).toBe(5000);
  expect(afterEndRefreshMs(session(now - 60_000, true), now)).toBe(2000);
  expect(afterEndRefreshMs(session(now - 900_000, true), now)).toBe(false);
});
