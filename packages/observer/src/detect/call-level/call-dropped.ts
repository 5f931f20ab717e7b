import type { SessionAnalysis } from "@peerscope/schema";
import type { CallDetector, CallFinding, CallView } from "../call-detector.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";

const thresholds = { rejoinSeconds: 60, noticedSeconds: 15 };

export const definition: ObservationDefinition = {
  id: "call-dropped",
  category: "call-level",
  tier: "A",
  title: "A person was lost from the call",
  meaning:
    "This person had no path left without having left the call, and did not come back within a minute.",
  domainHint: "unknown",
  effect: false,
  severities: ["critical"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "the recording ends without a path that works, or it ends while others go on for 60 s and notice that the path is gone; and the same person does not join again within 60 s",
  clearText: "does not clear",
  evidence: ["derived.lostBy", "derived.othersStayedSeconds"],
  exceptions: [
    { guard: "G14", when: "the person left, or the app closed the connection" },
    { when: "the person joined again within a minute" },
    { when: "the recording just stops and nobody noticed anything" },
  ],
  blindIn: "A page that crashed looks the same as a lost network.",
  thresholds,
};

/** Who goes without leaving. */
export const callDropped: CallDetector = {
  definition,
  detect(view) {
    const limits = view.thresholds(definition, thresholds);
    return view.sessions.flatMap((session, person): CallFinding[] => {
      const lost = lossOf(view, session, limits);
      if (lost === null || cameBack(view, session, lost.at, limits.rejoinSeconds * 1000)) return [];
      const stayed = Math.max(0, lastEnd(view.sessions) - lost.at) / 1000;
      return [
        {
          severity: "critical",
          from: lost.at,
          to: Math.max(lost.at, session.end),
          person,
          evidence: [
            evidence("derived", "lostBy", lost.by, "", lost.at, lost.at),
            evidence("derived", "othersStayedSeconds", stayed, "s", lost.at, lost.at),
          ],
          ...(lost.by === "others" ? { missing: ["whether the page crashed or was closed"] } : {}),
          causedIn: [person],
        },
      ];
    });
  },
};

interface Loss {
  readonly at: number;
  /** Its own recording says it, or only what the others noticed. */
  readonly by: "path" | "others";
}

function lossOf(view: CallView, session: SessionAnalysis, limits: typeof thresholds): Loss | null {
  const { callShare, ended, end, score } = session;
  const at = callShare?.lostAt ?? null;
  if (at !== null) return { at, by: "path" };
  if (ended || score.class === "dropped" || (callShare?.connectedAt ?? null) === null) return null;
  if (lastEnd(view.sessions) - end < limits.rejoinSeconds * 1000) return null;
  const slackMs = limits.noticedSeconds * 1000;
  const isNoticed =
    view.sessions.length === 2 &&
    view.sessions.some(
      (other) =>
        other !== session &&
        other.observations.some(
          ({ id, startedAt }) =>
            (id === "ice-disconnected" || id === "ice-failed-midcall") &&
            Math.abs(startedAt - end) <= slackMs,
        ),
    );
  return isNoticed ? { at: end, by: "others" } : null;
}

function lastEnd(sessions: readonly SessionAnalysis[]): number {
  return sessions.reduce((last, { end }) => Math.max(last, end), 0);
}

/** Did the same person join again? Without a user id anybody who joins then may be the one. */
function cameBack({ sessions }: CallView, session: SessionAnalysis, at: number, withinMs: number): boolean {
  return sessions.some((other) => {
    if (other === session) return false;
    const isSame = session.userId === null || other.userId === null || other.userId === session.userId;
    return (
      isSame && (other.callShare?.joinedAt ?? []).some((joined) => joined >= at && joined - at <= withinMs)
    );
  });
}
