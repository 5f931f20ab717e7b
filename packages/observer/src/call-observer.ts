import type { CallAnalysis, SessionAnalysis } from "@peerscope/schema";
import { callVerdict } from "./attribute/call-verdict.ts";
import { meetingScore } from "./score/meeting.ts";

/** Joins the analyses of the sessions of one call. Their order does not matter. */
export type AnalyseCall = (sessions: readonly SessionAnalysis[]) => CallAnalysis;

/** Verdict and score of one call: mean and worst participant, never only one of them (scoring reference 6.4). */
export function analyseCall(sessions: readonly SessionAnalysis[]): CallAnalysis {
  const ordered = [...sessions].sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
  const { mean, worst } = meetingScore(
    ordered.map(({ score, start, end }) => ({
      score: score.value,
      class: score.class,
      expectedMinutes: Math.max(0, end - start) / 60_000,
    })),
  );
  const { verdict, people } = callVerdict(ordered);
  return {
    callId: ordered[0]?.callId ?? null,
    verdict,
    people,
    score: { mean, worst },
  };
}
