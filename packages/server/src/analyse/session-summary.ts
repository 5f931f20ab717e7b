import type { SessionOutline } from "@peerscope/observer";
import type { JsonValue, Observation, Severity } from "@peerscope/schema";
import type { SessionSummary, SessionTraits } from "@peerscope/schema/api";
import type { LogReference } from "../ingest/session-registry.ts";
import { noTraits } from "./session-traits.ts";

const severityRank: Readonly<Record<Severity, number>> = { info: 0, minor: 1, major: 2, critical: 3 };

/** Characters of a browser or a system with its version. Ours. */
const maxNameLength = 160;

/** The row of a session in lists. `live` is left to the main thread, which knows the connections. */
export function toSessionSummary(
  analysis: SessionOutline,
  log: LogReference,
  traits: SessionTraits,
): SessionSummary {
  const empty = analysis.counts.samples + analysis.counts.events === 0;
  const { context, score, verdict } = analysis;
  return {
    sessionId: log.sessionId,
    projectId: log.projectId,
    callId: analysis.callId,
    userId: analysis.userId,
    startedAt: empty ? log.createdAt : Math.round(analysis.start),
    lastAt: empty ? log.createdAt : Math.round(analysis.end),
    live: false,
    ended: analysis.ended,
    score: score.value,
    scoreClass: score.class,
    coverage: score.coverage,
    faultDomain: verdict.faultDomain,
    confidence: verdict.confidence,
    statedCause: verdict.statedCause,
    observationIds: causesFirst(analysis.observations),
    worstSeverity: worstSeverity(analysis.observations),
    browser: words(context["browserName"], context["browserVersion"]),
    os: words(context["osName"], context["osVersion"]),
    tags: toTags(context["tags"]),
    traits,
    sample: log.sample,
  };
}

/** What is known of a session before the first analysis. */
export function emptySummary(log: LogReference, lastAt: number): SessionSummary {
  return {
    sessionId: log.sessionId,
    projectId: log.projectId,
    callId: null,
    userId: null,
    startedAt: log.createdAt,
    lastAt,
    live: false,
    ended: false,
    score: null,
    scoreClass: "not-measured",
    coverage: 0,
    faultDomain: "unknown",
    confidence: 0,
    statedCause: null,
    observationIds: [],
    worstSeverity: "none",
    browser: null,
    os: null,
    tags: {},
    traits: noTraits,
    sample: log.sample,
  };
}

/** Ids above info, each once, those that nothing else explains first, then by severity. */
function causesFirst(observations: readonly Observation[]): string[] {
  const rank = ({ parentId, severity }: Observation): number =>
    (parentId === null ? 10 : 0) + severityRank[severity];
  const shown = observations.filter(({ severity }) => severity !== "info");
  return [...new Set(shown.toSorted((a, b) => rank(b) - rank(a)).map(({ id }) => id))];
}

function worstSeverity(observations: readonly Observation[]): SessionSummary["worstSeverity"] {
  let worst: SessionSummary["worstSeverity"] = "none";
  for (const { severity } of observations) {
    if (worst === "none" || severityRank[severity] > severityRank[worst]) worst = severity;
  }
  return worst;
}

function words(name: JsonValue | undefined, version: JsonValue | undefined): string | null {
  if (typeof name !== "string") return null;
  const text = typeof version === "string" ? `${name} ${version}` : name;
  return text.slice(0, maxNameLength);
}

function toTags(value: JsonValue | undefined): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const tags: [string, string][] = [];
  for (const [key, tag] of Object.entries(value)) if (typeof tag === "string") tags.push([key, tag]);
  return Object.fromEntries(tags);
}
