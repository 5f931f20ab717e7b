import type { ScoreWindow, SessionAnalysis, StreamWindows } from "@peerscope/schema";
import { describe, expect, test } from "vitest";
import { createSessionObserver } from "../session-observer.ts";
import { callPairs } from "./call-pairs.ts";
import { joinStreams } from "./joins.ts";

const start = 1_700_000_000_000;

function stream(direction: StreamWindows["direction"], id: string, bytes: readonly number[]): StreamWindows {
  const none = bytes.map(() => null);
  return {
    pcId: "pc",
    direction,
    kind: "video",
    ssrc: null,
    mid: null,
    trackId: id,
    from: start,
    packets: bytes.map(() => 300),
    lost: none,
    reported: none,
    bytes,
    level: [],
    dry: [],
  };
}

function windows(trackId: string, scores: readonly (number | null)[]): ScoreWindow[] {
  return scores.map((score, place) => ({
    scope: "track",
    from: start + place * 10_000,
    to: start + (place + 1) * 10_000,
    pcId: "pc",
    trackId,
    kind: "video",
    mos: null,
    score,
    reason: null,
    flags: [],
    terms: [],
  }));
}

const blank = createSessionObserver({ sessionId: "nobody" }).analysis();

function session(
  sessionId: string,
  streams: readonly StreamWindows[],
  of: readonly ScoreWindow[],
): SessionAnalysis {
  return {
    ...blank,
    sessionId,
    score: { ...blank.score, windows: of },
    callShare: {
      topology: "server",
      joinedAt: [start],
      attemptedAt: start,
      connectedAt: start,
      lostAt: null,
      streams,
    },
  };
}

const ana = [9000, 9100, 4000, 8000, 9000, 7000];
const ben = [3000, 8000, 8100, 2000, 9500, 3000];
const cem = [6000, 6100, 9900, 9800, 1000, 5000];
const about = (bytes: readonly number[]): number[] =>
  bytes.map((value, i) => value + (i % 2 === 0 ? 90 : -90));

describe("who received whom", () => {
  test("is known by the id of the track, and told as the worst of each bucket", () => {
    const sessions = [
      session("ana", [stream("outbound", "t1", ana)], []),
      session("ben", [stream("inbound", "t1", ana)], windows("t1", [90, null, 40, 90])),
    ];
    expect(callPairs(sessions, joinStreams(sessions))).toEqual({
      from: start,
      bucketMs: 10_000,
      pairs: [{ senderId: "ana", receiverId: "ben", kind: "video", mean: 73.3, scores: [90, null, 40, 90] }],
    });
  });

  test("is known by what the stream carries when a server gives it another id", () => {
    const sessions = [
      session("ana", [stream("outbound", "a", ana)], []),
      session("ben", [stream("outbound", "b", ben)], []),
      session("cem", [stream("outbound", "c", cem)], []),
      session(
        "dee",
        [stream("inbound", "x", about(ben)), stream("inbound", "y", about(ana))],
        [...windows("x", [80]), ...windows("y", [60])],
      ),
    ];
    const { pairs } = callPairs(sessions, joinStreams(sessions));
    expect(pairs.map(({ senderId, mean }) => [senderId, mean])).toEqual([
      ["ana", 60],
      ["ben", 80],
    ]);
  });

  test("is left open where two senders carry the same", () => {
    const sessions = [
      session("ana", [stream("outbound", "a", ana)], []),
      session("ben", [stream("outbound", "b", about(ana))], []),
      session("cem", [stream("outbound", "c", cem)], []),
      session("dee", [stream("inbound", "x", ana)], windows("x", [80])),
    ];
    expect(callPairs(sessions, joinStreams(sessions)).pairs.map(({ senderId }) => senderId)).toEqual([null]);
  });

  test("is clear when one is left on either side", () => {
    const lossy = ana.map((value) => value * 0.7);
    const sessions = [
      session("ana", [stream("outbound", "a", ana)], []),
      session("ben", [stream("outbound", "b", ben)], []),
      session(
        "cem",
        [stream("inbound", "x", lossy), stream("inbound", "y", ben)],
        [...windows("x", [30]), ...windows("y", [90])],
      ),
    ];
    expect(
      callPairs(sessions, joinStreams(sessions)).pairs.map(({ senderId, mean }) => [senderId, mean]),
    ).toEqual([
      ["ana", 30],
      ["ben", 90],
    ]);
  });
});

test("a long call of many people stays small", () => {
  const hours = Array.from({ length: 3 * 360 }, (_, place) => (place === 500 ? 7 : 90));
  const sessions = Array.from({ length: 20 }, (_, person) =>
    session(`p${person}`, [], Array.from({ length: 30 }, (_, track) => windows(`t${track}`, hours)).flat()),
  );
  const { pairs, bucketMs } = callPairs(sessions, []);
  expect(pairs).toHaveLength(20);
  for (const { scores } of pairs) {
    expect(scores.length).toBeLessThanOrEqual(120);
    // The one bad window survives.
    expect(Math.min(...scores.map((score) => score ?? 100))).toBe(7);
  }
  expect(bucketMs * (pairs[0]?.scores.length ?? 0)).toBeGreaterThanOrEqual(3 * 3_600_000);
});

test("nobody scored: no axis and no pairs", () => {
  expect(callPairs([session("ana", [], [])], [])).toEqual({ from: 0, bucketMs: 10_000, pairs: [] });
});
