/*
 * Rows of numbers for what grows with the length of a session. A column is as wide as its largest number needs: counts of ten
 * seconds take one to four bytes, where an array of numbers and nulls takes eight and each boxed number sixteen more.
 */

/** What a column mostly holds: whole numbers from 0 on, or numbers of three significant digits. What is neither takes eight bytes. */
export type ColumnKind = "count" | "three-digits";

const float64 = new Float64Array(1);
const bytesOfFloat64 = new Uint8Array(float64.buffer);
const float32 = new Float32Array(1);
const bytesOfFloat32 = new Uint8Array(float32.buffer);

const noBytes = new Uint8Array(0);
/** Rows of a new table, and that a table grows by at least: a minute of windows. */
const firstRows = 6;

/** A table that grows row by row; every cell is a number or null. */
export class PackedTable {
  private readonly kinds: readonly ColumnKind[];
  /** Width of each column, two bits each: 1, 2, 4 or 8 bytes. */
  private widths: number;
  /** Bytes of a row. */
  private stride: number;
  private bytes: Uint8Array = noBytes;
  private rowCount = 0;

  /** `kinds`: the columns in order, sixteen at most. */
  constructor(kinds: readonly ColumnKind[]) {
    this.kinds = kinds;
    let widths = 0;
    for (const [column, kind] of kinds.entries()) {
      if (kind === "three-digits") widths = withWidth(widths, column, 2);
    }
    this.widths = widths;
    this.stride = this.startOf(kinds.length);
  }

  get rows(): number {
    return this.rowCount;
  }

  /** Adds a row of nulls. */
  addRow(): void {
    const stride = this.stride;
    const used = this.rowCount * stride;
    if (used + stride > this.bytes.length) {
      const rows = Math.max(this.rowCount + firstRows, Math.ceil((this.rowCount + 1) * 1.25));
      const grown = new Uint8Array(rows * stride);
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.rowCount += 1;
    // All bits set are null of every width, integer or not.
    const bytes = this.bytes;
    for (let at = used; at < used + stride; at += 1) bytes[at] = 255;
  }

  /** Null for a cell that was never set, and for one outside of the table. */
  get(row: number, column: number): number | null {
    const kind = this.kinds[column];
    if (kind === undefined || row < 0 || row >= this.rowCount) return null;
    const start = row * this.stride + this.startOf(column);
    return readCell(this.bytes, start, widthOf(this.widths, column), kind);
  }

  /** A cell outside of the table is passed over. */
  set(row: number, column: number, value: number | null): void {
    const kind = this.kinds[column];
    if (kind === undefined || row < 0 || row >= this.rowCount) return;
    while (!fits(value, widthOf(this.widths, column), kind)) this.widen(column);
    const start = row * this.stride + this.startOf(column);
    writeCell(this.bytes, start, widthOf(this.widths, column), kind, value);
  }

  /** One column, first row first. */
  column(column: number): (number | null)[] {
    return Array.from({ length: this.rowCount }, (_, row) => this.get(row, column));
  }

  /** Bytes of a row before that column. */
  private startOf(column: number): number {
    let start = 0;
    for (let before = 0; before < column; before += 1) start += widthOf(this.widths, before);
    return start;
  }

  /** Gives a column the next width and moves everything to its new place. */
  private widen(column: number): void {
    const wider = new PackedTable(this.kinds);
    wider.widths = withWidth(this.widths, column, log2(widthOf(this.widths, column)) + 1);
    wider.stride = wider.startOf(this.kinds.length);
    wider.bytes = new Uint8Array(Math.max(firstRows, this.rowCount) * wider.stride);
    wider.rowCount = this.rowCount;
    for (let row = 0; row < this.rowCount; row += 1) {
      for (const each of this.kinds.keys()) wider.set(row, each, this.get(row, each));
    }
    this.widths = wider.widths;
    this.stride = wider.stride;
    this.bytes = wider.bytes;
  }
}

function widthOf(widths: number, column: number): number {
  return 1 << ((widths >>> (2 * column)) & 3);
}

function withWidth(widths: number, column: number, exponent: number): number {
  return (widths & ~(3 << (2 * column))) | (exponent << (2 * column));
}

function log2(width: number): number {
  return 31 - Math.clz32(width);
}

/** Of integers the highest value of the width means null; of floating point, NaN. */
function nullOf(width: number): number {
  return width === 1 ? 255 : width === 2 ? 65_535 : 4_294_967_295;
}

function fits(value: number | null, width: number, kind: ColumnKind): boolean {
  if (value === null || width === 8) return true;
  if (kind === "count") return Number.isInteger(value) && value >= 0 && value < nullOf(width);
  return Number(Math.fround(value).toPrecision(3)) === value;
}

function writeCell(
  bytes: Uint8Array,
  start: number,
  width: number,
  kind: ColumnKind,
  value: number | null,
): void {
  if (width === 8) {
    float64[0] = value ?? Number.NaN;
    for (let at = 0; at < 8; at += 1) bytes[start + at] = bytesOfFloat64[at] ?? 0;
  } else if (kind === "three-digits") {
    float32[0] = value ?? Number.NaN;
    for (let at = 0; at < 4; at += 1) bytes[start + at] = bytesOfFloat32[at] ?? 0;
  } else {
    let rest = value ?? nullOf(width);
    for (let at = 0; at < width; at += 1) {
      bytes[start + at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }
}

function readCell(bytes: Uint8Array, start: number, width: number, kind: ColumnKind): number | null {
  if (width === 8) {
    for (let at = 0; at < 8; at += 1) bytesOfFloat64[at] = bytes[start + at] ?? 0;
    const value = float64[0] ?? Number.NaN;
    return Number.isNaN(value) ? null : value;
  }
  if (kind === "three-digits") {
    for (let at = 0; at < 4; at += 1) bytesOfFloat32[at] = bytes[start + at] ?? 0;
    const value = float32[0] ?? Number.NaN;
    return Number.isNaN(value) ? null : Number(value.toPrecision(3));
  }
  let value = 0;
  for (let at = width - 1; at >= 0; at -= 1) value = value * 256 + (bytes[start + at] ?? 0);
  return value === nullOf(width) ? null : value;
}
