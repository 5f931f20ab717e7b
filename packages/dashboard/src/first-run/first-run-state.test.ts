import type { FirstSample, RefusalSummary } from "@peerscope/schema/api";
import { expect, test } from "vitest";
import { firstRunState } from "./first-run-state.ts";

const nothing: FirstSample = {
  hasOwn: false,
  newestAt: null,
  newestSessionId: null,
  openSessions: 0,
  openFrames: 0,
  now: 1_000_000,
  refusals: [],
};
const refusal = (code: string, about: Partial<RefusalSummary>): RefusalSummary => ({
  code,
  message: code,
  hint: null,
  detail: null,
  count: 1,
  lastAt: 900_000,
  ofProject: false,
  ...about,
});

test("it waits, and after a minute says what else may be wrong", () => {
  expect(firstRunState(nothing, 5_000)).toEqual({ kind: "waiting", isLong: false });
  expect(firstRunState(nothing, 60_000)).toEqual({ kind: "waiting", isLong: true });
});

test("refusals of this project come first, then the newest", () => {
  const refusals = [
    refusal("token-invalid", { lastAt: 990_000 }),
    refusal("hello-timeout", { lastAt: 980_000 }),
    refusal("key-origin-wrong", { ofProject: true }),
  ];
  const state = firstRunState({ ...nothing, refusals }, 5_000);
  expect(state.kind === "refused" && state.refusals.map(({ code }) => code)).toEqual([
    "key-origin-wrong",
    "token-invalid",
    "hello-timeout",
  ]);
});

test("a sample that came counts for more than what was refused", () => {
  const sample: FirstSample = {
    ...nothing,
    hasOwn: true,
    newestAt: 999_000,
    newestSessionId: "s1",
    openFrames: 7,
    refusals: [refusal("token-invalid", {})],
  };
  expect(firstRunState(sample, 0)).toEqual({ kind: "arrived", sessionId: "s1", frames: 7, at: 999_000 });
});

test("a store that does not answer is not the same as nothing", () => {
  expect(firstRunState({ ...nothing, hasOwn: null }, 90_000)).toEqual({ kind: "unknown", refusals: [] });
});
