import type { SessionAnalysis, SessionReport } from "@peerscope/schema";

/** One session as `peerscope analyze --json` prints it: the score flattened to number and reasons. */
export function toSessionReport(analysis: SessionAnalysis): SessionReport {
  const { sessionId, callId, userId, peer, start, end, score, verdict, observations } = analysis;
  return {
    sessionId,
    callId,
    userId,
    peer,
    start,
    end,
    score: score.value,
    scoreClass: score.class,
    scoreReasons: score.reasons,
    verdict,
    observations,
  };
}
