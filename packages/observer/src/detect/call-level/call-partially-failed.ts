import type { SessionAnalysis } from "@peerscope/schema";
import type { CallDetector, CallFinding } from "../call-detector.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";

const thresholds = { leftBeforeSeconds: 5 };

export const definition: ObservationDefinition = {
  id: "call-partially-failed",
  category: "call-level",
  tier: "A",
  title: "One person never got into the call",
  meaning: "This person tried and never connected, while others were in the call.",
  domainHint: "unknown",
  effect: false,
  severities: ["major"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "a person never connected and that was found to be a failure, while at least one other person connected",
  clearText: "the person connects in another session",
  evidence: ["derived.triedSeconds", "derived.connectedPeople"],
  exceptions: [
    { guard: "G14", when: "the person left within 5 s" },
    { when: "nobody connected: then the whole call failed" },
    { when: "the browser still tries" },
    { when: "the person got in in another session" },
  ],
  blindIn: "People who never started the SDK are not seen.",
  thresholds,
};

/** Who stayed outside. */
export const callPartiallyFailed: CallDetector = {
  definition,
  detect(view) {
    const { leftBeforeSeconds } = view.thresholds(definition, thresholds);
    const inside = view.sessions.filter(isConnected);
    if (inside.length === 0) return [];
    return view.sessions.flatMap((session, person): CallFinding[] => {
      const attemptedAt = session.callShare?.attemptedAt ?? null;
      if (attemptedAt === null || isConnected(session)) return [];
      if (session.end - attemptedAt < leftBeforeSeconds * 1000) return [];
      const isFailure = session.observations.some(
        ({ id, severity }) => id === "connection-never-established" && severity === "critical",
      );
      if (!isFailure || inside.some((other) => isLater(other, session))) return [];
      const people = inside.filter((other) => other.userId === null || other.userId !== session.userId);
      if (people.length === 0) return [];
      const tried = (session.end - attemptedAt) / 1000;
      return [
        {
          severity: "major",
          from: attemptedAt,
          to: session.end,
          person,
          evidence: [
            evidence("derived", "triedSeconds", tried, "s", attemptedAt, session.end),
            evidence("derived", "connectedPeople", people.length, "", attemptedAt, session.end),
          ],
          causedIn: [person],
        },
      ];
    });
  },
};

function isConnected({ callShare }: SessionAnalysis): boolean {
  return (callShare?.connectedAt ?? null) !== null;
}

/** The same person, who got in later or was in already. */
function isLater(other: SessionAnalysis, session: SessionAnalysis): boolean {
  return session.userId !== null && other.userId === session.userId;
}
