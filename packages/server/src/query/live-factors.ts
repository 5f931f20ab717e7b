import type { LiveFactor, SessionSummary } from "@peerscope/schema/api";

/** A live client as far as the comparison needs it. */
export interface ComparedClient {
  readonly summary: Pick<SessionSummary, "traits" | "tags">;
  /** Something is wrong in its session now. */
  readonly isAffected: boolean;
}

export interface LiveFactors {
  /** Values with enough clients on both sides to be compared. */
  readonly tried: number;
  /** Those that count, strongest first. */
  readonly factors: readonly LiveFactor[];
}

/** When a value counts as shared by those who suffer. Ours; the sizes are ObserveRTC's. */
const minClients = 20;
const minControl = 20;
const minAffected = 5;
const minRate = 0.3;
const minRatio = 3;
const maxP = 0.05;
/** Different values that are compared at most: tags are any text. Ours. */
const maxValues = 500;
const maxFactors = 5;

/**
 * What many of those who suffer share and others do not: each browser, system, network, path, country, version and tag
 * against all clients without it, by Fisher's exact test, corrected for their number after Benjamini and Hochberg.
 */
export function liveFactors(clients: readonly ComparedClient[]): LiveFactors {
  const groups = groupsOf(clients);
  const affectedClients = clients.filter(({ isAffected }) => isAffected).length;
  const compared: LiveFactor[] = [];
  for (const { dimension, value, clients: count, affected } of groups) {
    const controlClients = clients.length - count;
    if (count < minClients || controlClients < minControl) continue;
    const controlAffected = affectedClients - affected;
    const rate = affected / count;
    const controlRate = controlAffected / controlClients;
    compared.push({
      dimension,
      value,
      clients: count,
      affected,
      controlClients,
      controlAffected,
      ratio: controlRate === 0 ? null : rate / controlRate,
      p: fisherExact(affected, count - affected, controlAffected, controlClients - controlAffected),
    });
  }
  const factors = adjusted(compared).filter(({ clients: count, affected, controlClients, ...factor }) => {
    const rate = affected / count;
    if (affected < minAffected || rate <= factor.controlAffected / controlClients) return false;
    return (rate >= minRate || (factor.ratio ?? Infinity) >= minRatio) && factor.p <= maxP;
  });
  return { tried: compared.length, factors: factors.toSorted((a, b) => a.p - b.p).slice(0, maxFactors) };
}

interface Group {
  readonly dimension: string;
  readonly value: string;
  clients: number;
  affected: number;
}

function groupsOf(clients: readonly ComparedClient[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { summary, isAffected } of clients) {
    const { traits, tags } = summary;
    const values: (readonly [string, string | null | undefined])[] = [
      ["browser", traits.browserVersion],
      ["os", traits.osName],
      ["network", traits.network],
      ["path", traits.paths.at(-1)],
      ["country", traits.country],
      ["app-version", traits.appVersion],
      ...Object.entries(tags)
        .filter(([key]) => key !== "appVersion")
        .map(([key, value]) => [`tag:${key}`, value] as const),
    ];
    for (const [dimension, value] of values) {
      if (value === null || value === undefined || value === "") continue;
      const key = `${dimension}\n${value}`;
      let group = groups.get(key);
      if (group === undefined) {
        if (groups.size >= maxValues) continue;
        group = { dimension, value, clients: 0, affected: 0 };
        groups.set(key, group);
      }
      group.clients += 1;
      if (isAffected) group.affected += 1;
    }
  }
  return [...groups.values()];
}

/** With p as Benjamini and Hochberg correct it for as many comparisons. */
function adjusted(factors: readonly LiveFactor[]): LiveFactor[] {
  const falling = factors.toSorted((a, b) => b.p - a.p);
  let least = 1;
  return falling.map((factor, place) => {
    least = Math.min(least, (factor.p * factors.length) / (factors.length - place));
    return { ...factor, p: least };
  });
}

/** Chance of a table with these sums that is at most as likely as [a, b; c, d]: two-sided. */
export function fisherExact(a: number, b: number, c: number, d: number): number {
  const sums = logFactorial(a + b) + logFactorial(c + d) + logFactorial(a + c) + logFactorial(b + d);
  const logChance = (x: number): number =>
    sums -
    logFactorial(a + b + c + d) -
    logFactorial(x) -
    logFactorial(a + b - x) -
    logFactorial(a + c - x) -
    logFactorial(d - a + x);
  const seen = logChance(a) + 1e-9;
  let p = 0;
  for (let x = Math.max(0, a - d); x <= Math.min(a + b, a + c); x += 1) {
    const chance = logChance(x);
    if (chance <= seen) p += Math.exp(chance);
  }
  return Math.min(1, p);
}

const logFactorials: number[] = [0];

function logFactorial(n: number): number {
  for (let next = logFactorials.length; next <= n; next += 1)
    logFactorials.push((logFactorials[next - 1] ?? 0) + Math.log(next));
  return logFactorials[n] ?? 0;
}
