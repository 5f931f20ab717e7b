import { noNumbers } from "./numbers.ts";

const none: number[] = [];

/**
 * The recent past as rows of numbers, oldest first, in one array: as objects each row would take ten times as much. What a column
 * means is for its user to name. The array is a ring: nothing is moved when the oldest rows go.
 */
export class RowQueue {
  private readonly width: number;
  private ring: number[] = none;
  /** Place of the oldest row, in numbers. */
  private start = 0;
  /** Numbers in use. */
  private used = 0;

  /** `width`: numbers of a row. */
  constructor(width: number) {
    this.width = width;
  }

  /** Rows. */
  get length(): number {
    return this.used / this.width;
  }

  /** Adds a row and returns where it begins in `numbers`: whoever adds it writes each of its columns. */
  add(): number {
    const before = this.ring;
    if (this.used + this.width > before.length) {
      // Queues soon have their full length: little is kept free.
      const rows = Math.max(1, Math.floor(this.length / 16));
      const grown = noNumbers(this.used + rows * this.width);
      for (let at = 0; at < this.used; at += 1) {
        grown[at] = before[(this.start + at) % before.length] ?? Number.NaN;
      }
      this.ring = grown;
      this.start = 0;
    }
    const at = this.wrap(this.start + this.used);
    this.used += this.width;
    return at;
  }

  /** All rows; `startOf` and `add` tell where each of them begins. */
  get numbers(): number[] {
    return this.ring;
  }

  /** Where a row begins in `numbers`; -1 where there is no such row. */
  startOf(row: number): number {
    const at = row * this.width;
    return row >= 0 && at < this.used ? this.wrap(this.start + at) : -1;
  }

  /** A number of a row; NaN where there is no such row. */
  get(row: number, column: number): number {
    const start = this.startOf(row);
    return start < 0 ? Number.NaN : (this.ring[start + column] ?? Number.NaN);
  }

  /** Forgets the oldest rows. */
  drop(rows: number): void {
    if (rows <= 0) return;
    const gone = Math.min(this.used, rows * this.width);
    this.used -= gone;
    this.start = this.used === 0 ? 0 : this.wrap(this.start + gone);
  }

  /** Forgets everything. */
  clear(): void {
    this.start = 0;
    this.used = 0;
  }

  private wrap(at: number): number {
    return at < this.ring.length ? at : at - this.ring.length;
  }
}
