import type { SessionOutline } from "@peerscope/observer";
import type { Observation, ScoreClass, Severity } from "@peerscope/schema";
import type { LiveObservation } from "@peerscope/schema/api";

/** How a session is at this moment: what lists leave out, as it is over in a second. */
export interface SessionNow {
  /** Of the last seconds; of the whole session when it never connected or was lost. */
  readonly class: ScoreClass;
  /** Open observations above info: causes first, then worst first. */
  readonly observations: readonly LiveObservation[];
}

/** "Now" is the end of the log and so long before it, in milliseconds: some windows of the score. Ours. */
const nowMs = 20_000;
/** Open observations that are told of one session. Ours. */
const maxObservations = 6;

const severityRank: Readonly<Record<Severity, number>> = { info: 0, minor: 1, major: 2, critical: 3 };

export function sessionNow(analysis: SessionOutline): SessionNow {
  const rank = ({ severity, parentId }: Observation): number =>
    severityRank[severity] * 2 + (parentId === null ? 1 : 0);
  const open = analysis.observations.filter(
    ({ clearedAt, severity }) => clearedAt === null && severity !== "info",
  );
  return {
    class: classNow(analysis),
    observations: open
      .toSorted((a, b) => rank(b) - rank(a) || a.startedAt - b.startedAt)
      .slice(0, maxObservations)
      .map(({ id, key, severity, startedAt }) => ({ id, key, severity, startedAt: Math.round(startedAt) })),
  };
}

function classNow({ score, end }: SessionOutline): ScoreClass {
  if (score.class === "failed" || score.class === "dropped") return score.class;
  const scores = score.windows.flatMap((window) =>
    window.scope === "session" && window.to >= end - nowMs && window.score !== null ? [window.score] : [],
  );
  if (scores.length === 0) return "not-measured";
  const mean = scores.reduce((sum, value) => sum + value, 0) / scores.length;
  return mean >= 80 ? "good" : mean >= 60 ? "fair" : "poor";
}
