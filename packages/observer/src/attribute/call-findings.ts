import type { Observation } from "@peerscope/schema";
import type { CallDetector, CallFinding, CallView, Reach } from "../detect/call-detector.ts";
import type { ObservationDefinition } from "../detect/definition.ts";
import { type Explanation } from "./confidence.ts";
import { spanOf } from "./call-links.ts";
import { parentRanks } from "./parents.ts";

/** An observation, and whose session it is in; `person` is null for those of the call. */
export interface Placed {
  readonly person: number | null;
  readonly observation: Observation;
}

/** A finding of the call as an observation, with what explains it and what it says about fault domains. */
export interface Found extends Placed {
  readonly finding: CallFinding;
  readonly explanations: readonly Explanation[];
  readonly parent: Placed | null;
}

/** A parent may begin this much later, and end this much earlier: one window. Catalogue 3.2 and 4; clocks of people differ too. */
const slackMs = 10_000;

/** Runs the detectors of the call. Each finding may be explained by sessions, or by a finding of a detector before it. */
export function findInCall(
  detectors: readonly CallDetector[],
  view: CallView,
  catalogVersion: string,
): Found[] {
  const found: Found[] = [];
  const keys = new Set<string>();
  for (const detector of detectors) {
    const { definition } = detector;
    for (const finding of detector.detect(view)) {
      const observation = toObservation(definition, finding, view, catalogVersion, keys);
      const parent = parentOf(observation, finding, view, found);
      found.push({
        person: finding.person,
        observation: parent === null ? observation : { ...observation, parentId: parent.observation.key },
        finding,
        explanations: finding.explanations ?? standing(definition, observation),
        parent,
      });
    }
  }
  return found.sort(
    (a, b) =>
      a.observation.startedAt - b.observation.startedAt || (a.observation.key < b.observation.key ? -1 : 1),
  );
}

function toObservation(
  definition: ObservationDefinition,
  finding: CallFinding,
  { sessions }: CallView,
  catalogVersion: string,
  keys: Set<string>,
): Observation {
  const { person, scope = {}, from, to } = finding;
  const session = person === null ? undefined : sessions[person];
  const about = [
    session?.sessionId ?? "call",
    scope.pcId,
    scope.direction,
    scope.kind,
    scope.mid,
    scope.ssrc,
  ];
  const subject = about.filter((part) => part !== undefined).join("/");
  let key = `${definition.id}@${subject}@${Math.round(from)}`;
  for (let ordinal = 1; keys.has(key); ordinal += 1) {
    key = `${definition.id}@${subject}@${Math.round(from)}.${ordinal}`;
  }
  keys.add(key);
  const end = session?.end ?? sessions.reduce((last, other) => Math.max(last, other.end), 0);
  return {
    id: definition.id,
    key,
    catalogVersion,
    severity: finding.severity,
    category: definition.category,
    scope: { sessionId: session?.sessionId ?? "", participantId: session?.userId ?? null, ...scope },
    startedAt: from,
    clearedAt: to,
    endReason: to >= end ? "session-end" : "cleared",
    peak: finding.peak ?? null,
    evidence: finding.evidence,
    counter: finding.counter ?? [],
    missing: finding.missing ?? [],
    domainHint: finding.domainHint ?? definition.domainHint,
    parentId: null,
    verdict: null,
  };
}

/** What the definition says speaks for its domain whenever it is raised. */
function standing(
  { signals = [] }: ObservationDefinition,
  { id, domainHint, startedAt, clearedAt }: Observation,
): Explanation[] {
  if (signals.length === 0 || domainHint === "unknown") return [];
  const when = { from: startedAt, ...(clearedAt === null ? {} : { to: clearedAt }) };
  return [
    {
      faultDomain: domainHint,
      for: signals.map((signal) => ({ observationId: id, ...signal, ...when })),
      against: [],
    },
  ];
}

/** The earliest observation that explains it, of those in whose sessions its cause may lie. */
function parentOf(
  observation: Observation,
  { parent, causedIn, from, to }: CallFinding,
  { sessions }: CallView,
  before: readonly Found[],
): Placed | null {
  if (parent !== undefined) {
    const person = sessions.findIndex(({ observations }) => observations.includes(parent));
    return person < 0 ? null : { person, observation: parent };
  }
  const ranks = parentRanks(observation.id);
  if (ranks === undefined) return null;
  const candidates: Placed[] = causedIn.flatMap((person) =>
    (sessions[person]?.observations ?? []).map((candidate) => ({ person, observation: candidate })),
  );
  for (const other of before) {
    if (other.person !== null && causedIn.includes(other.person)) candidates.push(other);
  }
  const { kind } = observation.scope;
  let best: Placed | null = null;
  for (const candidate of candidates) {
    const { id, severity, scope } = candidate.observation;
    if (!ranks.has(id) || severity === "info") continue;
    if (kind !== undefined && scope.kind !== undefined && scope.kind !== kind) continue;
    const span = spanOf(candidate.observation, sessions[candidate.person ?? -1]);
    if (span.from > from + slackMs || span.to < from - slackMs || span.from > to) continue;
    if (best === null || isEarlier(candidate, best, ranks)) best = candidate;
  }
  return best;
}

function isEarlier(a: Placed, b: Placed, ranks: ReadonlyMap<string, number>): boolean {
  if (a.observation.startedAt !== b.observation.startedAt)
    return a.observation.startedAt < b.observation.startedAt;
  const byRank = (ranks.get(a.observation.id) ?? 0) - (ranks.get(b.observation.id) ?? 0);
  if (byRank !== 0) return byRank < 0;
  if (a.person !== b.person) return (a.person ?? -1) < (b.person ?? -1);
  return a.observation.key < b.observation.key;
}

/**
 * What explains observations of the sessions from outside of them: what was recorded at a sender first, then findings of the call.
 * The keys are the observations themselves.
 */
export function explainedFromOutside(view: CallView, found: readonly Found[]): Map<Observation, Placed> {
  const explained = new Map<Observation, Placed>();
  for (const { effect, sender, cause } of view.links) {
    explained.set(effect, { person: sender, observation: cause });
  }
  for (const { person, observation, finding } of found) {
    if (observation.severity === "info") continue;
    for (const reach of finding.explains ?? []) {
      for (const effect of view.sessions[reach.person]?.observations ?? []) {
        if (explained.has(effect) || !isExplained(effect, observation, reach, view)) continue;
        explained.set(effect, { person, observation });
      }
    }
  }
  return explained;
}

function isExplained(
  effect: Observation,
  cause: Observation,
  { person, pcId, ssrc }: Reach,
  { sessions }: CallView,
): boolean {
  if (effect.severity === "info" || effect.parentId !== null || effect.scope.direction === "outbound")
    return false;
  if (parentRanks(effect.id)?.has(cause.id) !== true) return false;
  if (pcId !== undefined && effect.scope.pcId !== pcId) return false;
  if (ssrc !== undefined && effect.scope.ssrc !== undefined && effect.scope.ssrc !== ssrc) return false;
  const { from, to } = spanOf(effect, sessions[person]);
  const end = cause.clearedAt ?? to;
  return cause.startedAt <= from + slackMs && cause.startedAt <= to && end >= from;
}
