import { noNumbers } from "../pack/numbers.ts";
import type { EvaluatedWindow } from "./track-window.ts";
import type { NullReason, ScoreFlag, ScoreTerm, WindowTerm } from "./window-result.ts";

/** A window with its number, counted from the start of the session. */
export interface LoggedWindow {
  readonly index: number;
  readonly window: EvaluatedWindow;
}

/** Everything of a window but its numbers. Of closed lists only, so there are few, and all sessions share them. */
interface Shape {
  readonly rampUp: boolean;
  readonly reason: NullReason | null;
  readonly weight: "unknown" | "as-before" | "own";
  readonly flags: readonly ScoreFlag[];
  readonly terms: readonly ScoreTerm[];
}

const shapes: Shape[] = [];
const shapeNumbers = new Map<string, number>();

function numberOf(
  { rampUp, result: { reason, flags, terms } }: EvaluatedWindow,
  weight: Shape["weight"],
): number {
  let key = `${rampUp} ${reason} ${weight}`;
  for (const flag of flags) key += ` ${flag}`;
  key += ",";
  for (const { term } of terms) key += ` ${term}`;
  const known = shapeNumbers.get(key);
  if (known !== undefined) return known;
  const names = terms.map(({ term }) => term);
  const added = shapes.push({ rampUp, reason, weight, flags: [...flags], terms: names }) - 1;
  shapeNumbers.set(key, added);
  return added;
}

/** A window begins with its index times this, plus the number of its shape. */
const shapeLimit = 65_536;

const none: number[] = [];

/**
 * Windows of one track that cannot change any more, as one row of numbers: index and shape, MOS, weight, lost MOS of each term.
 * A window takes some 40 bytes; as objects it was 500. Eight hours of one track are 120 kB.
 */
export class WindowLog {
  private numbers: number[] = none;
  private length = 0;
  private weight: number | null = null;

  /** Adds an expected window. */
  add(index: number, window: EvaluatedWindow): void {
    const { mos, terms } = window.result;
    const { weight } = window;
    const how = weight === null ? "unknown" : Object.is(weight, this.weight) ? "as-before" : "own";
    this.write(index * shapeLimit + numberOf(window, how));
    if (mos !== null) this.write(mos);
    if (weight !== null && how === "own") this.write((this.weight = weight));
    for (const { lostMos } of terms) this.write(lostMos);
  }

  /** Windows from an index on, in the order of their indexes. */
  read(since = 0): LoggedWindow[] {
    const windows: LoggedWindow[] = [];
    let isSorted = true;
    let at = 0;
    let last = -1;
    let before: number | null = null;
    const next = (): number => this.numbers[at++] ?? Number.NaN;
    while (at < this.length) {
      const head = next();
      const index = Math.floor(head / shapeLimit);
      const shape = shapes[head % shapeLimit];
      if (shape === undefined) throw new Error(`A window of the score has no shape: ${head}.`);
      const { rampUp, reason, flags } = shape;
      const mos = reason === null ? next() : null;
      if (shape.weight === "own") before = next();
      if (index < since) {
        at += shape.terms.length;
        continue;
      }
      const weight = shape.weight === "unknown" ? null : before;
      const terms: WindowTerm[] = [];
      for (const term of shape.terms) terms.push({ term, lostMos: next() });
      windows.push({
        index,
        window: { expected: true, rampUp, weight, result: { mos, reason, flags, terms } },
      });
      isSorted &&= index > last;
      last = index;
    }
    return isSorted ? windows : windows.sort((a, b) => a.index - b.index);
  }

  private write(value: number): void {
    if (this.length === this.numbers.length) {
      const grown = noNumbers(Math.max(8, Math.ceil(this.length * 1.25)));
      for (let at = 0; at < this.length; at += 1) grown[at] = this.numbers[at] ?? Number.NaN;
      this.numbers = grown;
    }
    this.numbers[this.length] = value;
    this.length += 1;
  }
}
