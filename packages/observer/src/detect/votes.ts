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
}

/** Longest time between two reports that one of them speaks for: 5 s on average, times 1.5 (RFC 3550, 6.3.1). */
export const longestReportMs: number = 7500;

/** A step of two evaluation steps or more counts twice: a report about five seconds is no less than two about two. */
const longVoteMs = 4000;

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
  const recent = votes.slice(-judgedForClearing);
  let excluded = 0;
  for (const vote of recent) if (vote.value === null) excluded += 1;
  return excluded * 2 > recent.length;
}

/** Start of the first true step when the condition holds now, else null. */
export function holds(
  definition: ObservationDefinition,
  level: Level,
  votes: readonly Vote[],
  value: number | null,
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
  if (excluded * 2 > on.of || bad < on.need) return null;
  return first;
}

/** A judged step below every level. */
export function isGood({ levels }: ObservationDefinition, value: number | null): boolean {
  const mildest = levels[0];
  return value !== null && mildest !== undefined && value <= mildest.on;
}

/** How many steps a bad step is worth. A report that speaks for longer than reports do covers a silence: it proves one. */
function weightOf(vote: Vote, value: number, level: Level, strong: number | undefined): number {
  if (vote.lengthMs > longestReportMs) return 1;
  const isStrong = strong !== undefined && value > strong * level.on;
  return (isStrong ? 2 : 1) * (vote.lengthMs >= longVoteMs ? 2 : 1);
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
