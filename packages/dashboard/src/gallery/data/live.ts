import type { LiveCall, LiveChange, LiveObservation, LiveSession, LiveSnapshot } from "@peerscope/schema/api";
import { hostile, minuteMs, noon } from "./people.ts";

const at = noon - 1_000;

function observation(id: string, severity: LiveObservation["severity"], agoMs: number): LiveObservation {
  return { id, key: `${id}|${agoMs}`, severity, startedAt: at - agoMs };
}

const suffering: LiveSession = {
  sessionId: "session-mo",
  callId: "stand-up",
  userId: "mo",
  startedAt: at - 12 * minuteMs,
  class: "poor",
  since: at - 94_000,
  faultDomain: "receiver-downlink",
  observations: [
    observation("downlink-loss", "critical", 94_000),
    observation("video-freeze", "major", 60_000),
  ],
  browser: "Firefox 144",
  os: "Windows",
};
const well: LiveSession = {
  ...suffering,
  sessionId: "session-kim",
  userId: "kim",
  class: "good",
  since: null,
  faultDomain: "unknown",
  observations: [],
};

function minutes(worst: LiveCall["class"], since: number): LiveCall["minutes"] {
  return Array.from({ length: 30 }, (_, place) =>
    place < 8 ? null : place >= since ? worst : place % 9 === 0 ? "fair" : "good",
  );
}

const calls: readonly LiveCall[] = [
  {
    callId: "stand-up",
    sessionId: "session-mo",
    sessions: 5,
    affected: 2,
    class: "poor",
    minutes: minutes("poor", 28),
  },
  {
    callId: null,
    sessionId: "session-nia",
    sessions: 1,
    affected: 1,
    class: "failed",
    minutes: minutes("failed", 29),
  },
  {
    callId: "retrospective",
    sessionId: "session-kim",
    sessions: 12,
    affected: 0,
    class: "good",
    minutes: minutes("good", 20),
  },
];
const changes: readonly LiveChange[] = [
  {
    at: at - 60_000,
    change: "opened",
    sessionId: "session-mo",
    userId: "mo",
    observation: observation("video-freeze", "major", 60_000),
  },
  {
    at: at - 94_000,
    change: "opened",
    sessionId: "session-mo",
    userId: "mo",
    observation: observation("downlink-loss", "critical", 94_000),
  },
  {
    at: at - 200_000,
    change: "cleared",
    sessionId: "session-kim",
    userId: "kim",
    observation: observation("downlink-jitter", "minor", 230_000),
  },
];

export const busy: LiveSnapshot = {
  at,
  clients: 60,
  calls: 3,
  classes: { good: 41, fair: 12, poor: 4, failed: 1, dropped: 0, "not-measured": 2 },
  affected: 3,
  sessions: [
    suffering,
    {
      ...suffering,
      sessionId: "session-lin",
      userId: "lin@example.org",
      class: "fair",
      since: at - 20_000,
      faultDomain: "publisher-uplink",
      observations: [observation("uplink-loss", "major", 20_000)],
      browser: "Safari 26",
      os: "iOS",
    },
    {
      ...suffering,
      sessionId: "session-nia",
      callId: null,
      userId: null,
      class: "failed",
      since: at - 4_000,
      observations: [observation("connection-never-established", "critical", 4_000)],
      browser: null,
      os: null,
    },
    well,
  ],
  worstCalls: [...calls],
  factorsTried: 31,
  factors: [
    {
      dimension: "network",
      value: "cellular",
      clients: 22,
      affected: 3,
      controlClients: 38,
      controlAffected: 0,
      ratio: null,
      p: 0.004,
    },
  ],
  changes: [...changes],
};

export const calm: LiveSnapshot = {
  ...busy,
  clients: 12,
  calls: 1,
  classes: { good: 12, fair: 0, poor: 0, failed: 0, dropped: 0, "not-measured": 0 },
  affected: 0,
  sessions: [well],
  worstCalls: calls.slice(2),
  factorsTried: 0,
  factors: [],
  changes: [],
};

const evil = { userId: hostile.markup, callId: hostile.long };
export const hostileLive: LiveSnapshot = {
  ...busy,
  sessions: [
    { ...suffering, ...evil, browser: hostile.markup, os: hostile.long },
    { ...suffering, sessionId: "session-long", userId: hostile.long, callId: hostile.directions },
  ],
  worstCalls: calls
    .slice(0, 2)
    .map((one, place) => ({ ...one, callId: place === 0 ? hostile.long : hostile.markup })),
  factors: busy.factors.map((one) => ({ ...one, dimension: `tag:${hostile.markup}`, value: hostile.long })),
  changes: changes.map((one, place) => ({ ...one, userId: place === 0 ? hostile.long : hostile.markup })),
};
