import type { SkipCode, Skipped } from "../reader.ts";

/** How much was skipped for one reason, and where first. */
export interface SkippedKind {
  readonly code: SkipCode;
  readonly count: number;
  readonly first: Skipped;
}

/** What was skipped of a source, in bounded memory. */
export interface SkippedTally {
  readonly total: number;
  /** By reason, in the order in which they came up. */
  readonly kinds: readonly SkippedKind[];
  /** The first of all, with their places. */
  readonly examples: readonly Skipped[];
}

/** Places that are kept; what is beyond is only counted. Ours. */
const maxExamples = 50;

/** Nothing was skipped. */
export const nothingSkipped: SkippedTally = { total: 0, kinds: [], examples: [] };

/** Counts what a reader skips. */
export interface SkippedCounter {
  add(what: Skipped): void;
  tally(): SkippedTally;
}

export function createSkippedCounter(): SkippedCounter {
  const kinds = new Map<SkipCode, { count: number; readonly first: Skipped }>();
  const examples: Skipped[] = [];
  let total = 0;
  return {
    add(what) {
      total += 1;
      const kind = kinds.get(what.code);
      if (kind === undefined) kinds.set(what.code, { count: 1, first: what });
      else kind.count += 1;
      if (examples.length < maxExamples) examples.push(what);
    },
    tally: () => ({
      total,
      kinds: [...kinds].map(([code, { count, first }]) => ({ code, count, first })),
      examples: [...examples],
    }),
  };
}

/** What happened to the parts, after their number: "3 lines unreadable". */
const words: Readonly<Record<SkipCode, string>> = {
  unreadable: "unreadable",
  truncated: "cut off",
  "limit-exceeded": "over a limit",
  "version-unsupported": "of a version that is not read here",
  "unknown-event": "without a counterpart here",
  "invalid-entry": "not usable",
  "time-unknown": "without a known time",
  "out-of-step": "resting on something that is missing",
};

/** A sentence a reason, as the terminal and the page show it: "3 lines unreadable, first at line 214". */
export function describeSkipped({ kinds }: Pick<SkippedTally, "kinds">): string[] {
  return kinds.map(({ code, count, first }) => {
    const thing = code === "unknown-event" ? "event" : first.line === null ? "part" : "line";
    const place = describePlace(first);
    const where = place === null ? "" : count === 1 ? `, at ${place}` : `, first at ${place}`;
    return `${count} ${thing}${count === 1 ? "" : "s"} ${words[code]}${where}`;
  });
}

/** "line 214", "byte 7000"; null when the place is not known. */
export function describePlace({ line, offset }: Pick<Skipped, "line" | "offset">): string | null {
  if (line !== null) return `line ${line}`;
  return offset === null ? null : `byte ${offset}`;
}
