import type { FaultDomain, ScoreClass, Severity } from "@peerscope/schema";

/** Labels of the user interface. What observations and verdicts say comes from the observer's own catalogue. */

export const classWords: Readonly<Record<ScoreClass, string>> = {
  good: "Good",
  fair: "Fair",
  poor: "Poor",
  failed: "Failed",
  dropped: "Dropped",
  "not-measured": "Not measured",
};

export const classMeanings: Readonly<Record<ScoreClass, string>> = {
  good: "score 80 or more",
  fair: "score 60 to 79",
  poor: "score below 60",
  failed: "never connected",
  dropped: "connected, then lost for good",
  "not-measured": "too little was reported to tell",
};

export const severityWords: Readonly<Record<Severity, string>> = {
  critical: "Critical",
  major: "Major",
  minor: "Minor",
  info: "Info",
};

/** Fault domains as one session sees them: the person whose session this is, or someone else. */
export const domainWords: Readonly<Record<FaultDomain, string>> = {
  "publisher-device": "This person's device, sending",
  "publisher-uplink": "This person's outgoing line",
  sfu: "The media server",
  turn: "The relay",
  "receiver-downlink": "This person's incoming line",
  "receiver-device": "This person's device, receiving",
  application: "The page or its settings",
  browser: "A browser version",
  "voice-agent-backend": "The voice agent's service",
  population: "Something many users share",
  remote: "Someone else or the server",
  unknown: "Cannot tell",
};

/** First eight characters of an id, enough to recognise it. Short names that somebody gave stay whole. */
export function shortId(id: string): string {
  return id.length > 20 ? id.slice(0, 8) : id;
}

/** "Chromium 156 · Linux" from the row of a session: "Chromium 156.0.8078.79" and "Linux". */
export function browserWords(browser: string | null, os: string | null): string {
  const major = browser?.replace(/ (\d+)\.\S*$/, " $1");
  return [major, os].filter((part) => part !== null && part !== undefined && part !== "").join(" · ") || "–";
}

/** "Chromium 156 · Linux" from whatever the client said. */
export function machine(browser: unknown, version: unknown, os: unknown, osVersion?: unknown): string | null {
  const text = (value: unknown): string =>
    typeof value === "string" || typeof value === "number" ? String(value) : "";
  const major = text(version).split(".")[0] ?? "";
  const parts = [`${text(browser)} ${major}`.trim(), `${text(os)} ${text(osVersion)}`.trim()].filter(Boolean);
  return parts.length === 0 ? null : parts.join(" · ");
}
