import type { Observation, Severity } from "@peerscope/schema";

const ranks: Readonly<Record<Severity, number>> = { critical: 0, major: 1, minor: 2, info: 3 };

/** Worst first, then longest; effects stand below the cause that explains them. */
export function ordered(
  observations: readonly Observation[],
): { observation: Observation; effects: Observation[] }[] {
  const length = (observation: Observation): number =>
    observation.clearedAt === null ? Infinity : observation.clearedAt - observation.startedAt;
  const worstFirst = (a: Observation, b: Observation): number =>
    ranks[a.severity] - ranks[b.severity] || length(b) - length(a) || a.startedAt - b.startedAt || 0;
  const byKey = new Map(observations.map((observation) => [observation.key, observation]));
  const rootOf = (observation: Observation): Observation => {
    let root = observation;
    // A chain cannot be longer than the list; a circle in foreign data must not hang the page.
    for (let step = 0; step < observations.length; step++) {
      const parent = root.parentId === null ? undefined : byKey.get(root.parentId);
      if (parent === undefined || parent === root) break;
      root = parent;
    }
    return root;
  };
  const groups = new Map<string, { observation: Observation; effects: Observation[] }>();
  for (const observation of observations) {
    const root = rootOf(observation);
    const group = groups.get(root.key) ?? { observation: root, effects: [] };
    if (root !== observation) group.effects.push(observation);
    groups.set(root.key, group);
  }
  return [...groups.values()]
    .map((group) => ({ ...group, effects: group.effects.sort(worstFirst) }))
    .sort((a, b) => worstFirst(a.observation, b.observation));
}
