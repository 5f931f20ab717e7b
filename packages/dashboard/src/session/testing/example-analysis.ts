import type { SessionAnalysis, Verdict } from "@peerscope/schema";

/** A verdict that says nothing. */
export const exampleVerdict: Verdict = {
  faultDomain: "unknown",
  confidence: 0,
  statedCause: null,
  for: [],
  against: [],
  missing: [],
  alternatives: [],
};

/** The analysis of a minute in which nothing was wrong, with some members replaced. */
export function exampleAnalysis(more: Partial<SessionAnalysis> = {}): SessionAnalysis {
  const start = Date.UTC(2026, 10, 20, 9, 0);
  return {
    catalogVersion: "1.1.0",
    scoreVersion: "1.0.0",
    sessionId: "session-1",
    callId: "stand-up",
    userId: "kim",
    peer: null,
    start,
    end: start + 60_000,
    ended: true,
    context: { browserName: "Chromium", browserVersion: "156.0.1", osName: "Linux" },
    counts: { samples: 60, events: 20, connections: 1 },
    score: {
      modelVersion: "1.0.0",
      value: 92,
      reason: null,
      class: "good",
      flags: [],
      coverage: 1,
      goodMinutes: 1,
      reasons: [],
      windows: [],
    },
    verdict: exampleVerdict,
    observations: [],
    ...more,
  };
}
