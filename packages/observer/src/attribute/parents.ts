import type { Observation } from "@peerscope/schema";
import { severityRank } from "../detect/open-record.ts";
import { pathDirection } from "./causes.ts";
import { parentRows } from "./parents-table.ts";

const parentsOf = new Map<string, Map<string, number>>();
for (const [rank, [parents, effects]] of parentRows.entries()) {
  for (const effect of effects) {
    const known = parentsOf.get(effect) ?? new Map<string, number>();
    for (const parent of parents) if (!known.has(parent)) known.set(parent, rank);
    parentsOf.set(effect, known);
  }
}

/** Ids that may explain an effect, with their rank in the table; lower ones stand higher. */
export function parentRanks(effectId: string): ReadonlyMap<string, number> | undefined {
  return parentsOf.get(effectId);
}

/** A parent may begin this much later than its effect: one window. Catalogue 3.2 and 4. */
const laterMs = 10_000;
/** An effect that outlives its parent this much is judged on its own. Catalogue 4. */
const detachMs = 20_000;

/**
 * Attaches each effect to the earliest parent whose scope contains it and whose time overlaps. `now` is the end of what is known;
 * open records last until then.
 */
export function attachParents(
  observations: readonly Observation[],
  now: number,
  troubleEnds: ReadonlyMap<string, number | null> = new Map(),
): Observation[] {
  return observations.map((effect) => {
    const until = troubleEnds.get(effect.key) ?? effect.clearedAt ?? now;
    const parent = findParent(effect, observations, { now, until });
    return parent === null ? effect : { ...effect, parentId: parent.key };
  });
}

function isOfTheWay({ id }: Observation): boolean {
  return pathDirection(id) !== null;
}

interface EffectTime {
  readonly now: number;
  /** Until when the trouble of the effect was seen. */
  readonly until: number;
}

function findParent(effect: Observation, all: readonly Observation[], time: EffectTime): Observation | null {
  const ranks = parentsOf.get(effect.id);
  if (ranks === undefined) return null;
  let best: Observation | null = null;
  for (const candidate of all) {
    const rank = ranks.get(candidate.id);
    // Context (info) explains nothing that somebody noticed.
    if (rank === undefined || candidate.severity === "info") continue;
    if (!contains(candidate, effect) || !overlaps(candidate, effect, time)) continue;
    if (best === null || isEarlier(candidate, best, ranks)) best = candidate;
  }
  return best;
}

function isEarlier(a: Observation, b: Observation, ranks: ReadonlyMap<string, number>): boolean {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt;
  const byRank = (ranks.get(a.id) ?? 0) - (ranks.get(b.id) ?? 0);
  return byRank === 0 ? a.key < b.key : byRank < 0;
}

/** A parent without a member does not narrow it; a member that both have must agree. */
function contains(parent: Observation, effect: Observation): boolean {
  const { scope: outer } = parent;
  const { scope: inner } = effect;
  if (outer.pcId !== undefined && outer.pcId !== inner.pcId) return false;
  if (outer.direction !== undefined && inner.direction !== undefined && outer.direction !== inner.direction) {
    return false;
  }
  if (outer.kind !== undefined && inner.kind !== undefined && outer.kind !== inner.kind) return false;
  if (outer.ssrc !== undefined && inner.ssrc !== undefined && outer.ssrc !== inner.ssrc) return false;
  return true;
}

/** The estimate of the path reacts to loss and jitter: what comes a step later is their effect, not their cause. Ours. */
const stepMs = 2000;

function overlaps(parent: Observation, effect: Observation, { now, until }: EffectTime): boolean {
  const parentEnd = parent.clearedAt ?? now;
  const later = parent.startedAt - effect.startedAt;
  // Loss is measured on what arrives: seen before and all the while, it shows a way that was poor and not broken.
  if (effect.id === "ice-disconnected" && isOfTheWay(parent))
    return later <= -stepMs && parentEnd >= until && severityRank(parent.severity) >= severityRank("major");
  if (parent.id === "uplink-bandwidth-limited" && later > stepMs) return false;
  if (effect.id === "uplink-bandwidth-limited" && later >= -stepMs) return false;
  if (later > laterMs) return false;
  if (parent.startedAt > until || parentEnd < effect.startedAt) return false;
  return until - parentEnd <= detachMs;
}
