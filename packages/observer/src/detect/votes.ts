import { longestReportMs } from "../derive/receiver-reports.ts";
import type { Level, ObservationDefinition } from "./definition.ts";

/* Judged steps of one condition, and whether they are enough to raise a level. */

/** One judged step of one condition. */
export interface Vote {
  /** Start of the trouble if the step is bad. */
  readonly from: number;
  readonly to: number;
  readonly lengthMs: number;
  /** null: a guard excludes the step, it counts neither way. */
  readonly value: number | null;
  /** The detector knows more than the value says: it counts twice. */
  readonly isStrong: boolean;
  /** How many things the value, a share in percent, is of; null: it is no share of things that are counted. */
  readonly counted: number | null;
  /** Most that it may count, in steps. */
  readonly atMost: number;
}

/** A step of two evaluation steps or more counts twice: a report about five seconds is no less than two about two. */
const longVoteMs = 4000;

/**
 * Of the level, what goes wrong in trouble and in health, and the logarithm that makes a step. Ours, by simulated calls: chance that
 * loses 0.2 % of the packets of sound and a small picture raises loss 4 times an hour, where shares alone raised it 16 times.
 */
const troubleShare = 1.5;
const healthShare = 0.3;
const surpriseOfStep = 1.6;

/** Most that one step of two seconds counts for what was counted in it: with a second stream that confirms it not yet three steps. Ours. */
export const mostByCount = 2.5;

/** Votes of which no more than half may be excluded when a level is let go. */
const judgedForClearing = 5;

/** Longest stretch of votes that is kept for "for N s" rules. */
const longestWindowMs = 60_000;

/** Forgets steps that no rule looks back on. */
export function trim(votes: Vote[], { on }: ObservationDefinition, to: number): void {
  const keep = on.rule === "share" ? on.of : on.rule === "now" ? judgedForClearing : 200;
  // Half of a stretch may be excluded: twice its length is looked back on.
  const longest = on.rule === "for" ? Math.max(longestWindowMs, 2500 * on.seconds) : longestWindowMs;
  while (votes.length > keep || (votes[0] !== undefined && to - votes[0].to > longest)) {
    votes.shift();
  }
}

/** More than half of the latest steps do not count: nothing is let go on the rest. */
export function mostlyExcluded(votes: readonly Vote[]): boolean {
  const first = Math.max(0, votes.length - judgedForClearing);
  let excluded = 0;
  for (let index = first; index < votes.length; index += 1) if (votes[index]?.value === null) excluded += 1;
  return excluded * 2 > votes.length - first;
}

/** How far back the steps of other streams on the same way count, ms: as long as five evaluation steps. */
const jointWindowMs = 10_000;

/**
 * Start of the first true step when the condition holds now, else null. `beside`: the steps of the same condition for other streams on
 * the same way.
 */
export function holds(
  definition: ObservationDefinition,
  level: Level,
  votes: readonly Vote[],
  value: number | null,
  beside: () => readonly (readonly Vote[])[],
): number | null {
  if (value === null || value <= level.on) return null;
  const last = votes.at(-1);
  if (last === undefined) return null;
  const { on } = definition;
  if (on.rule === "now") return last.from;
  if (on.rule === "for") return holdsFor(on.seconds * 1000, level, votes);
  let excluded = 0;
  let bad = 0;
  let first: number | null = null;
  for (const vote of votes) {
    if (vote.value === null) excluded += 1;
    else if (vote.value > level.on) {
      bad += weightOf(vote, vote.value, level, on.strong);
      first ??= vote.from;
    }
  }
  if (excluded * 2 > on.of) return null;
  if (bad >= on.need) return first;
  return on.joint === true && jointWeight(level, [votes, ...beside()], last.to, on.strong) >= on.need
    ? first
    : null;
}

/** What a stretch of time is worth more when a second stream was bad in it as well, in steps. Ours. */
const confirmedWeight = 0.4;

/** A stretch of time in which something was bad, and the worst that was said of it. */
interface Slot {
  readonly from: number;
  readonly to: number;
  weight: number;
  isConfirmed: boolean;
}

/**
 * What the bad steps of all streams on one way are worth. Two that lie mostly in the same time tell of the same trouble: they are no two
 * steps, one confirms the other.
 */
function jointWeight(
  level: Level,
  streams: readonly (readonly Vote[])[],
  now: number,
  strong: number | undefined,
): number {
  const slots: Slot[] = [];
  for (const votes of streams) {
    for (const vote of votes) {
      if (vote.value === null || vote.value <= level.on || now - vote.to > jointWindowMs) continue;
      const weight = weightOf(vote, vote.value, level, strong);
      const same = slots.find((slot) => isMostlyWithin(slot, vote));
      if (same === undefined) slots.push({ from: vote.from, to: vote.to, weight, isConfirmed: false });
      else {
        same.weight = Math.max(same.weight, weight);
        same.isConfirmed = true;
      }
    }
  }
  let sum = 0;
  for (const { weight, isConfirmed } of slots) sum += weight + (isConfirmed ? confirmedWeight : 0);
  return sum;
}

/** Do they share more than half of the shorter one? */
function isMostlyWithin(a: Slot, b: Vote): boolean {
  const shared = Math.min(a.to, b.to) - Math.max(a.from, b.from);
  return shared * 2 > Math.min(a.to - a.from, b.to - b.from);
}

/** A judged step below every level. */
export function isGood({ levels }: ObservationDefinition, value: number | null): boolean {
  const mildest = levels[0];
  return value !== null && mildest !== undefined && value <= mildest.on;
}

/** All steps are judged, and below every level. */
export function areGood(definition: ObservationDefinition, votes: readonly Vote[]): boolean {
  for (const { value } of votes) if (!isGood(definition, value)) return false;
  return true;
}

/** How many steps a bad step is worth. A report that speaks for longer than reports do covers a silence: it proves one. */
function weightOf(vote: Vote, value: number, level: Level, strong: number | undefined): number {
  if (vote.lengthMs > longestReportMs) return 1;
  const isStrong = vote.isStrong || (strong !== undefined && value > strong * level.on);
  const steps = vote.lengthMs >= longVoteMs ? 2 : 1;
  const weight =
    vote.counted === null ? (isStrong ? 2 : 1) : Math.min(mostByCount, surprise(value, vote.counted, level));
  return Math.min(vote.atMost, steps * weight);
}

/**
 * How much a counted share speaks for trouble at the level, in steps: the logarithm of how many times likelier it is where things go wrong
 * at one and a half times the level than where they do at a third of it. Two lost packets of a hundred are a good step at 1 %;
 * one of sixty is half of one, and happens by chance.
 */
function surprise(value: number, counted: number, { on }: Level): number {
  const bad = (value / 100) * counted;
  const expected = (on / 100) * counted;
  return (
    Math.max(0, bad * Math.log(troubleShare / healthShare) - expected * (troubleShare - healthShare)) /
    surpriseOfStep
  );
}

function holdsFor(windowMs: number, level: Level, votes: readonly Vote[]): number | null {
  let judgedMs = 0;
  let excludedMs = 0;
  for (let index = votes.length - 1; index >= 0; index -= 1) {
    const vote = votes[index];
    if (vote === undefined) break;
    if (vote.value === null) excludedMs += vote.lengthMs;
    else if (vote.value > level.on) judgedMs += vote.lengthMs;
    else return null;
    if (judgedMs >= windowMs) return excludedMs * 2 > judgedMs + excludedMs ? null : vote.from;
  }
  return null;
}
