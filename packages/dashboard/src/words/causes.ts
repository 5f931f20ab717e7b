import { describeObservation } from "@peerscope/observer";
import type { FaultDomain, Observation, ScoreClass } from "@peerscope/schema";
import { domainWords } from "./labels.ts";

const bare: Omit<Observation, "id" | "key"> = {
  catalogVersion: "",
  severity: "minor",
  category: "",
  scope: { sessionId: "", participantId: null },
  startedAt: 0,
  clearedAt: 0,
  endReason: null,
  peak: null,
  evidence: [],
  counter: [],
  missing: [],
  domainHint: "unknown",
  parentId: null,
  verdict: null,
};
const titles = new Map<string, string>();

/** An observation of which only the id is known, as far as words need it. */
export function namedObservation(id: string): Observation {
  return { ...bare, id, key: id };
}

/** Title of an observation of which only the id is known, from the observer's own words. */
export function observationTitle(id: string): string {
  let title = titles.get(id);
  if (title === undefined) {
    title = describeObservation(namedObservation(id)).title;
    titles.set(id, title);
  }
  return title;
}

/** Also of the sessions without a stated cause together: some of them were good, some were not, some were not measured. */
export const noCauseStated = "No cause stated";

export interface CauseWords {
  /** What happened, that nothing did, or that nobody can say. */
  readonly what: string;
  /** Whose it was; null when that adds nothing. */
  readonly where: string | null;
}

/** Cause of a session in the words of a row. */
export function causeWords(session: {
  readonly statedCause: string | null;
  readonly faultDomain: FaultDomain;
  readonly observationIds: readonly string[];
  readonly scoreClass: ScoreClass;
}): CauseWords {
  const where = session.faultDomain === "unknown" ? null : domainWords[session.faultDomain];
  const cause = session.statedCause ?? session.observationIds[0];
  if (cause !== undefined) return { what: observationTitle(cause), where };
  return { what: noCauseWords(session.scoreClass), where: null };
}

/** A cause that nobody stated, and nothing was noticed: only with a good score that means that all was well. */
function noCauseWords(scoreClass: ScoreClass): string {
  if (scoreClass === "not-measured") return "Nothing measured";
  return scoreClass === "good" ? "Nothing unusual" : noCauseStated;
}
