import type {
  CallList,
  CallRow,
  CountedName,
  FacetList,
  SavedViewList,
  SessionList,
  SessionSummary,
} from "@peerscope/schema/api";
import { hostile, minuteMs, noon } from "./people.ts";

const wellKept: SessionSummary = {
  sessionId: "session-kim",
  projectId: "default",
  callId: "stand-up",
  userId: "kim",
  startedAt: noon - 42 * minuteMs,
  lastAt: noon - 12 * minuteMs,
  live: false,
  ended: true,
  score: 93,
  scoreClass: "good",
  coverage: 0.97,
  faultDomain: "unknown",
  confidence: 0,
  statedCause: null,
  observationIds: [],
  worstSeverity: "none",
  browser: "Chromium 157",
  os: "Linux",
  tags: { room: "blue", plan: "pro" },
  traits: {
    browserName: "Chromium",
    browserVersion: "Chromium 157",
    osName: "Linux",
    device: "desktop",
    country: "DE",
    network: "ethernet",
    sdkVersion: "1.2.3",
    appVersion: "8.1.0",
    paths: ["direct/udp"],
    codecs: ["opus", "vp8"],
  },
  sample: false,
};

function session(of: Partial<SessionSummary> & Pick<SessionSummary, "sessionId">): SessionSummary {
  return { ...wellKept, ...of };
}

/** One of each class, a live one, one without a name, and one that ships with the product. */
export const sessions: readonly SessionSummary[] = [
  session({
    sessionId: "session-lin",
    userId: "lin@example.org",
    startedAt: noon - 9 * minuteMs,
    lastAt: noon - 1_500,
    live: true,
    ended: false,
    score: 71,
    scoreClass: "fair",
    faultDomain: "publisher-uplink",
    confidence: 0.6,
    statedCause: "uplink-loss",
    observationIds: ["uplink-loss"],
    worstSeverity: "major",
    browser: "Safari 26",
    os: "iOS",
    traits: { ...wellKept.traits, device: "mobile", network: "wifi", browserName: "Safari" },
  }),
  wellKept,
  session({
    sessionId: "session-mo",
    userId: "mo",
    startedAt: noon - 95 * minuteMs,
    lastAt: noon - 61 * minuteMs,
    score: 38,
    scoreClass: "poor",
    faultDomain: "receiver-downlink",
    confidence: 0.86,
    statedCause: "downlink-loss",
    observationIds: ["downlink-loss", "audio-concealment", "video-freeze"],
    worstSeverity: "critical",
    browser: "Firefox 144",
    os: "Windows",
    traits: { ...wellKept.traits, network: "cellular", paths: ["relay/tcp"], country: "BR" },
  }),
  session({
    sessionId: "session-nia",
    callId: null,
    userId: "nia",
    startedAt: noon - 3 * 60 * minuteMs,
    lastAt: noon - 3 * 60 * minuteMs + 21_000,
    score: null,
    scoreClass: "failed",
    faultDomain: "application",
    confidence: 0.9,
    statedCause: "connection-never-established",
    observationIds: ["connection-never-established"],
    worstSeverity: "critical",
    tags: {},
  }),
  session({
    sessionId: "0199f3a2-7c11-7b9e-9d55-5f0c2f1b7a10",
    userId: null,
    callId: "0199f3a2-7c11-7b9e-9d55-aaaaaaaaaaaa",
    startedAt: noon - 26 * 60 * minuteMs,
    lastAt: noon - 25 * 60 * minuteMs,
    ended: false,
    score: 52,
    scoreClass: "dropped",
    browser: null,
    os: null,
    tags: {},
  }),
  session({
    sessionId: "capture-good-call-a",
    userId: "anna",
    callId: "good-call",
    startedAt: noon - 40 * 24 * 60 * minuteMs,
    lastAt: noon - 40 * 24 * 60 * minuteMs + 4_000,
    score: null,
    scoreClass: "not-measured",
    coverage: 0,
    sample: true,
  }),
];

/** The same list as somebody would send it who means harm. */
export const hostileSessions: readonly SessionSummary[] = [
  session({
    sessionId: "session-evil-1",
    userId: hostile.markup,
    callId: hostile.quotes,
    tags: { [hostile.markup]: hostile.directions },
    browser: hostile.markup,
    os: hostile.directions,
  }),
  session({
    sessionId: hostile.long,
    userId: hostile.long,
    callId: hostile.long,
    browser: hostile.long,
    os: hostile.long,
    tags: { room: hostile.long },
    score: 12,
    scoreClass: "poor",
    statedCause: hostile.markup,
    observationIds: [hostile.markup],
    worstSeverity: "major",
  }),
  session({ sessionId: "session-evil-3", userId: hostile.directions, callId: hostile.directions }),
];

export function listOf(list: readonly SessionSummary[]): SessionList {
  return { sessions: [...list], nextCursor: null, total: list.length };
}

function callOf(of: Partial<CallRow> & Pick<CallRow, "callId">): CallRow {
  return {
    sessions: 3,
    bad: 1,
    startedAt: noon - 42 * minuteMs,
    lastAt: noon - 12 * minuteMs,
    live: false,
    worstScore: 38,
    meanScore: 74,
    scoreClass: "poor",
    statedCause: "downlink-loss",
    faultDomain: "receiver-downlink",
    ...of,
  };
}

export const calls: CallList = {
  calls: [
    callOf({ callId: "stand-up", live: true, lastAt: noon - 1_000 }),
    callOf({
      callId: "retrospective",
      sessions: 12,
      bad: 0,
      worstScore: 81,
      meanScore: 91,
      scoreClass: "good",
      statedCause: null,
      faultDomain: "unknown",
    }),
    callOf({
      callId: "support-4711",
      sessions: 2,
      bad: 2,
      worstScore: null,
      meanScore: null,
      scoreClass: "failed",
      statedCause: "connection-never-established",
    }),
  ],
  nextOffset: null,
};
export const hostileCalls: CallList = {
  calls: [
    callOf({ callId: hostile.markup }),
    callOf({ callId: hostile.long, statedCause: hostile.markup }),
    callOf({ callId: hostile.directions }),
  ],
  nextOffset: null,
};

const counted: Readonly<Partial<Record<CountedName, Readonly<Record<string, number>>>>> = {
  score: {
    "0": 3,
    "10": 8,
    "20": 2,
    "30": 21,
    "40": 34,
    "50": 55,
    "60": 89,
    "70": 144,
    "80": 377,
    "90": 610,
  },
  cause: {
    "": 812,
    "uplink-loss": 211,
    "downlink-loss": 190,
    "cpu-limited-encoding": 77,
    "connection-never-established": 12,
  },
  browser: { Chromium: 900, Firefox: 260, Safari: 140, none: 3 },
  os: { Windows: 600, macOS: 400, Linux: 200, iOS: 80, Android: 23 },
};

export const facets: FacetList = {
  facets: Object.entries(counted).map(([name, values]) => ({
    name: name as CountedName,
    values: Object.entries(values)
      .map(([value, count]) => ({ value, sessions: count }))
      .toSorted((a, b) => (name === "score" ? Number(a.value) - Number(b.value) : b.sessions - a.sessions)),
    isCut: name === "cause",
  })),
};
/** One could not be counted in time, one has nothing, and one has values that nobody chose kindly. */
export const oddFacets: FacetList = {
  facets: [
    { name: "score", values: null, isCut: false },
    { name: "cause", values: [], isCut: false },
    { name: "browser", values: [{ value: hostile.markup, sessions: 3 }], isCut: false },
    { name: "os", values: [{ value: hostile.long, sessions: 1 }], isCut: true },
  ],
};

export const views: SavedViewList = {
  views: [
    {
      viewId: "v1",
      name: "Poor on mobile",
      url: "/sessions?class=poor",
      shared: true,
      createdAt: noon,
      own: true,
    },
  ],
};
