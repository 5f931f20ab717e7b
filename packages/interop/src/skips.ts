import type { ForeignSink, SkipCode } from "./reader.ts";

/** Where something is that was skipped: see `Skipped`. */
export interface Place {
  readonly line: number | null;
  readonly offset: number | null;
}

/** Of a source without lines, or when it is not known. */
export const nowhere: Place = { line: null, offset: null };

/** Names of unknown things that are told apart; what is beyond is not told. Ours. */
const maxNames = 500;
/** Characters of a text of the source that a reason repeats. Ours. */
const maxQuoted = 80;

/** Tells and counts what a reader had to leave out. */
export interface Skips {
  readonly count: number;
  add(code: SkipCode, place: Place, reason: string): void;
  /** Tells the first of that code and name; the others are no news. */
  once(code: SkipCode, name: string, place: Place, reason: string): void;
}

export function createSkips(sink: Pick<ForeignSink, "skipped">): Skips {
  const told = new Set<string>();
  let count = 0;
  function add(code: SkipCode, { line, offset }: Place, reason: string): void {
    count += 1;
    sink.skipped({ code, line, offset, reason });
  }
  return {
    get count() {
      return count;
    },
    add,
    once(code, name, place, reason) {
      const key = `${code} ${quoted(name)}`;
      if (told.has(key) || told.size >= maxNames) return;
      told.add(key);
      add(code, place, reason);
    },
  };
}

/** A name of the source as a reason may repeat it. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > maxQuoted ? `${text.slice(0, maxQuoted)}…` : text);
}
