import { noNumbers } from "./numbers.ts";

const none: number[] = [];

/**
 * The recent past as rows of numbers, oldest first, in one array: as objects each row would take ten times as much. What a column
 * means is for its user to name.
 */
export class RowQueue {
  readonly #width: number;
  #numbers: number[] = none;
  #used = 0;

  /** `width`: numbers of a row. */
  constructor(width: number) {
    this.#width = width;
  }

  /** Rows. */
  get length(): number {
    return this.#used / this.#width;
  }

  /** Adds a row: exactly as many numbers as it is wide. */
  push(...row: readonly number[]): void {
    if (this.#used + this.#width > this.#numbers.length) {
      // Queues soon have their full length: little is kept free.
      const rows = Math.max(1, Math.floor(this.length / 16));
      const grown = noNumbers(this.#used + rows * this.#width);
      for (let at = 0; at < this.#used; at += 1) grown[at] = this.#numbers[at] ?? Number.NaN;
      this.#numbers = grown;
    }
    for (let column = 0; column < this.#width; column += 1) {
      this.#numbers[this.#used + column] = row[column] ?? Number.NaN;
    }
    this.#used += this.#width;
  }

  /** A number of a row; NaN where there is no such row. */
  get(row: number, column: number): number {
    const at = row * this.#width + column;
    return at >= 0 && at < this.#used ? (this.#numbers[at] ?? Number.NaN) : Number.NaN;
  }

  /** Forgets the oldest rows. */
  drop(rows: number): void {
    if (rows <= 0) return;
    const gone = rows * this.#width;
    // By hand: of arrays that are not typed, copyWithin takes ten times as long.
    for (let at = gone; at < this.#used; at += 1) this.#numbers[at - gone] = this.#numbers[at] ?? Number.NaN;
    this.#used = Math.max(0, this.#used - gone);
  }

  /** Forgets everything. */
  clear(): void {
    this.#used = 0;
  }
}
