import type { Observation } from "@peerscope/schema";
import { expect, test } from "vitest";
import { attachParents } from "./parents.ts";

function observation(
  id: string,
  from: number,
  to: number | null,
  scope: Partial<Observation["scope"]> = {},
): Observation {
  return {
    id,
    key: id,
    catalogVersion: "1",
    severity: "major",
    category: "",
    startedAt: from * 1000,
    clearedAt: to === null ? null : to * 1000,
    endReason: null,
    peak: null,
    evidence: [],
    counter: [],
    missing: [],
    domainHint: "unknown",
    parentId: null,
    verdict: null,
    scope: { sessionId: "s", participantId: null, pcId: "pc", ...scope },
  };
}

const parentOf = (effect: Observation, ...others: Observation[]): string | null | undefined =>
  attachParents([...others, effect], 100_000).at(-1)?.parentId;

const freeze = observation("video-freeze", 20, 40, { ssrc: 1 });

test.each<[string, Observation[], string | null]>([
  ["the loss it overlaps", [observation("downlink-loss", 18, 35, { ssrc: 1 })], "downlink-loss"],
  [
    "a loss that begins nine seconds later",
    [observation("downlink-loss", 29, 45, { ssrc: 1 })],
    "downlink-loss",
  ],
  ["one that begins eleven seconds later", [observation("downlink-loss", 31, 45, { ssrc: 1 })], null],
  ["one that was over before", [observation("downlink-loss", 5, 15, { ssrc: 1 })], null],
  ["one of another stream", [observation("downlink-loss", 18, 35, { ssrc: 2 })], null],
  ["one of another connection", [observation("ice-disconnected", 18, 35, { pcId: "other" })], null],
  [
    "the connection's, which contains the stream",
    [observation("ice-disconnected", 18, 35)],
    "ice-disconnected",
  ],
  [
    "the earliest of several",
    [observation("downlink-jitter", 19, 40, { ssrc: 1 }), observation("downlink-loss", 18, 35, { ssrc: 1 })],
    "downlink-loss",
  ],
  [
    "one it outlives by more than twenty seconds",
    [observation("downlink-loss", 18, 21 - 2, { ssrc: 1 })],
    null,
  ],
  ["what is no parent of it", [observation("high-rtt", 18, 40)], null],
])("a freeze and %s", (_name, others, expected) => {
  expect(parentOf(freeze, ...others)).toBe(expected);
});

test("context explains nothing", () => {
  expect(
    parentOf(freeze, { ...observation("downlink-loss", 18, 35, { ssrc: 1 }), severity: "info" }),
  ).toBeNull();
});

test("an effect that detaches is judged anew", () => {
  const long = observation("video-freeze", 20, 80, { ssrc: 1 });
  expect(parentOf(long, observation("downlink-loss", 18, 35, { ssrc: 1 }))).toBeNull();
});

test("estimate and jitter: whichever came first explains the other, never both", () => {
  const estimate = (from: number): Observation =>
    observation("uplink-bandwidth-limited", from, 60, { direction: "outbound" });
  const jitter = observation("uplink-jitter", 20, 60, { direction: "outbound", ssrc: 1 });
  const link = (from: number): (string | null)[] =>
    attachParents([estimate(from), jitter], 100_000).map(({ parentId }) => parentId);
  expect(link(15)).toEqual([null, "uplink-bandwidth-limited"]);
  expect(link(21)).toEqual([null, "uplink-bandwidth-limited"]);
  for (let from = 10; from <= 60; from += 1)
    expect(link(from).filter((parent) => parent !== null).length).toBeLessThanOrEqual(1);
});

test("a way that loses much before, and all the while, explains that checks of it got lost; one that broke is the cause", () => {
  const lost = observation("ice-disconnected", 20, 30);
  expect(parentOf(lost, observation("uplink-loss", 12, 35, { ssrc: 1 }))).toBe("uplink-loss");
  // What is measured on arriving packets ends when none arrive any more.
  expect(parentOf(lost, observation("uplink-loss", 12, 22, { ssrc: 1 }))).toBeNull();
  expect(parentOf(lost, observation("uplink-loss", 21, 35, { ssrc: 1 }))).toBeNull();
  expect(parentOf(lost, { ...observation("uplink-loss", 12, 35), severity: "minor" })).toBeNull();
});
