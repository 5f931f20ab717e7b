import type { CallAnalysis, CallLink, SessionAnalysis } from "@peerscope/schema";
import { callPairs } from "./attribute/call-pairs.ts";
import { callWindows } from "./attribute/call-windows.ts";
import { explainedFromOutside, findInCall, type Found } from "./attribute/call-findings.ts";
import { linkSessions } from "./attribute/call-links.ts";
import { callVerdict, legsInTrouble, sessionsInCall } from "./attribute/call-verdict.ts";
import { joinStreams } from "./attribute/joins.ts";
import { callDetectors } from "./detect/catalog.ts";
import type { CallView } from "./detect/call-detector.ts";
import { versionInForce } from "./extend/in-force.ts";
import type { Thresholds } from "./extend/thresholds.ts";
import { meetingScore } from "./score/meeting.ts";

/** How the sessions of a call are looked at. */
export interface CallOptions {
  /** Thresholds of the project, from `parseThresholds`. */
  readonly thresholds?: Thresholds;
}

/** Joins the analyses of the sessions of one call. Their order does not matter. */
export type AnalyseCall = (sessions: readonly SessionAnalysis[], options?: CallOptions) => CallAnalysis;

/**
 * Observations, verdicts and score of one call: what only all sessions together show, and whose fault it was. Mean and worst
 * participant, never only one of them (scoring reference 6.4).
 */
export function analyseCall(
  sessions: readonly SessionAnalysis[],
  { thresholds }: CallOptions = {},
): CallAnalysis {
  const ordered = [...sessions].sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
  const { mean, worst } = meetingScore(
    ordered.map(({ score, start, end }) => ({
      score: score.value,
      class: score.class,
      expectedMinutes: Math.max(0, end - start) / 60_000,
    })),
  );
  const view = viewOf(ordered, thresholds);
  const active = callDetectors.filter(({ definition }) => thresholds?.off.has(definition.id) !== true);
  const found = findInCall(active, view, versionInForce(thresholds, []));
  const judged = { view, found, explained: explainedFromOutside(view, found) };
  const { verdict, people } = callVerdict(judged);
  return {
    callId: ordered[0]?.callId ?? null,
    verdict,
    people,
    observations: found.map(({ observation }) => observation),
    explained: found.flatMap((one) => linkOf(one, view)),
    sessions: sessionsInCall(judged),
    legs: legsInTrouble(judged),
    pairs: callPairs(ordered, view.legs),
    score: { mean, worst },
  };
}

function viewOf(sessions: readonly SessionAnalysis[], thresholds: Thresholds | undefined): CallView {
  const legs = joinStreams(sessions);
  const overServer = sessions.some(({ callShare }) => callShare?.topology === "server");
  return {
    sessions,
    overServer,
    legs,
    windows: callWindows(sessions, legs),
    links: linkSessions({ sessions, legs, overServer }),
    inForce: (definition) => thresholds?.tuned.get(definition.id) ?? definition,
    thresholds: (definition, catalogued) => ({
      ...catalogued,
      ...thresholds?.tuned.get(definition.id)?.thresholds,
    }),
  };
}

/** What explains an observation of the call, and in whose session that is. */
function linkOf({ observation, parent }: Found, { sessions }: CallView): CallLink[] {
  if (parent === null) return [];
  const session = parent.person === null ? undefined : sessions[parent.person];
  const isOfSession = session?.observations.includes(parent.observation) ?? false;
  return [
    {
      key: observation.key,
      bySessionId: isOfSession && session !== undefined ? session.sessionId : null,
      byKey: parent.observation.key,
    },
  ];
}
