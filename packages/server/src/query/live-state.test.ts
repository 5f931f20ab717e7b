import { beforeEach, describe, expect, test } from "vitest";
import type { ScoreClass } from "@peerscope/schema";
import type { LiveObservation, SessionSummary } from "@peerscope/schema/api";
import { emptySummary } from "../analyse/session-summary.ts";
import { createLiveState, type LiveState } from "./live-state.ts";

let clock = 0;
let live: Map<string, SessionSummary>;
let state: LiveState;

beforeEach(() => {
  clock = Date.UTC(2026, 3, 5, 6, 0, 0);
  live = new Map();
  state = createLiveState({ liveSessions: () => live.values(), now: () => clock });
});

function join(sessionId: string, callId: string | null, projectId = "one"): void {
  const log = {
    sessionId,
    projectId,
    path: "",
    bytes: 1,
    createdAt: clock,
    finished: false,
    sample: false,
  };
  live.set(sessionId, { ...emptySummary(log, clock), callId, userId: `user-${sessionId}`, live: true });
}

const observation = (id: string, severity: LiveObservation["severity"] = "major"): LiveObservation => ({
  id,
  key: `${id}@${clock}`,
  severity,
  startedAt: clock,
});

function hear(sessionId: string, of: ScoreClass, ...observations: LiveObservation[]): void {
  const summary = live.get(sessionId) ?? expect.fail();
  state.heard(summary, { class: of, observations });
}

test("an erased session is in no list of what changed", () => {
  for (const name of ["a", "b"]) {
    join(name, "stand-up");
    hear(name, "poor", observation("downlink-loss"));
  }
  expect(state.snapshot("one").changes).toHaveLength(2);
  live.delete("a");
  state.forget("a");
  expect(JSON.stringify(state.snapshot("one"))).not.toContain("user-a");
  expect(state.snapshot("one").changes).toHaveLength(1);
});

describe("the snapshot", () => {
  test("counts clients by how it is now and has those who suffer first, longest of the worst first", () => {
    for (const name of ["a", "b", "c", "d"]) join(name, "stand-up");
    join("other", null, "two");
    hear("a", "good");
    hear("b", "fair", observation("downlink-loss", "minor"));
    clock += 5_000;
    hear("c", "good", observation("no-incoming-audio", "critical"));
    hear("other", "poor", observation("uplink-loss"));
    const snapshot = state.snapshot("one");
    expect(snapshot).toMatchObject({ clients: 4, calls: 1, affected: 2 });
    expect(snapshot.classes).toEqual({
      good: 2,
      fair: 1,
      poor: 0,
      failed: 0,
      dropped: 0,
      "not-measured": 1,
    });
    expect(snapshot.sessions.map(({ sessionId }) => sessionId)).toEqual(["c", "b", "a", "d"]);
    expect(snapshot.sessions[1]?.since).toBe(clock - 5_000);
    expect(snapshot.worstCalls[0]).toMatchObject({
      callId: "stand-up",
      sessions: 4,
      affected: 2,
      class: "fair",
    });
  });

  test("says what opened and what cleared, newest first, each once", () => {
    join("a", null);
    const loss = observation("uplink-loss");
    hear("a", "poor", loss);
    clock += 3_000;
    hear("a", "poor", loss);
    clock += 3_000;
    hear("a", "good");
    const { changes, affected } = state.snapshot("one");
    expect(changes.map(({ change, at }) => [change, clock - at])).toEqual([
      ["cleared", 0],
      ["opened", 6_000],
    ]);
    expect(changes[0]).toMatchObject({ userId: "user-a", observation: { id: "uplink-loss" } });
    expect(affected).toBe(0);
  });

  test("keeps since when somebody suffers while one thing follows another", () => {
    join("a", null);
    const first = observation("uplink-loss");
    hear("a", "poor", first);
    clock += 4_000;
    hear("a", "poor", first, observation("freeze"));
    clock += 4_000;
    hear("a", "poor");
    expect(state.snapshot("one").sessions[0]?.since).toBe(clock - 8_000);
    hear("a", "good");
    expect(state.snapshot("one").sessions[0]?.since).toBeNull();
  });
});

describe("the last half hour of a call", () => {
  test("has the worst of each minute, gaps where nobody was there, and moves on", () => {
    join("a", "stand-up");
    join("b", "stand-up");
    hear("a", "good");
    hear("b", "poor");
    state.look();
    hear("b", "good");
    state.look();
    clock += 60_000;
    state.look();
    clock += 120_000;
    state.look();
    const minutes = state.snapshot("one").worstCalls[0]?.minutes ?? [];
    expect(minutes).toHaveLength(30);
    expect(minutes.slice(-5)).toEqual([null, "poor", "good", null, "good"]);
  });

  test("is forgotten with its sessions", () => {
    join("a", "stand-up");
    hear("a", "poor", observation("uplink-loss"));
    state.look();
    live.clear();
    state.look();
    join("a", "stand-up");
    clock += 30 * 60_000;
    state.look();
    const [call] = state.snapshot("one").worstCalls;
    expect(call).toMatchObject({ affected: 0, class: "not-measured" });
    expect(call?.minutes.filter((one) => one !== null)).toEqual(["not-measured"]);
  });
});
