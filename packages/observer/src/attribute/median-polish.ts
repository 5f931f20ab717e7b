import { ln } from "../score/real-functions.ts";
/** Rows are senders, columns receivers; null where nothing was measured. */
export type Matrix = readonly (readonly (number | null)[])[];

/**
 * `mu + rows[i] + columns[j] + residuals[i][j]` is the measured value. The parts are known only up to a constant that moves between
 * them: compare differences, never absolute values.
 */
export interface Polished {
  readonly mu: number;
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly residuals: Matrix;
}

/** Bounds of the catalogue, section 5. */
const mostLoss = 0.999;
const mostRounds = 20;
const smallestChange = 1e-6;

/** Losses on successive links multiply, so their logs add: -ln(1 - loss). */
export function lossTerm(lossRatio: number): number {
  return ln(1 / (1 - Math.min(mostLoss, Math.max(0, lossRatio))));
}

/** Additive fit of a matrix by two-way median polish (Tukey), robust against single odd cells. Catalogue section 5, step 2. */
export function medianPolish(values: Matrix): Polished {
  const residuals = values.map((row) => [...row]);
  const width = residuals.reduce((most, row) => Math.max(most, row.length), 0);
  const rows = residuals.map(() => 0);
  const columns = Array.from({ length: width }, () => 0);
  let mu = 0;
  for (let round = 0; round < mostRounds; round += 1) {
    let change = 0;
    for (const [i, row] of residuals.entries()) {
      const middle = median(row);
      rows[i] = (rows[i] ?? 0) + middle;
      for (const [j, value] of row.entries()) if (value !== null) row[j] = value - middle;
      change = Math.max(change, Math.abs(middle));
    }
    const columnMiddle = median(columns);
    for (let j = 0; j < width; j += 1) {
      const middle = median(residuals.map((row) => row[j] ?? null));
      columns[j] = (columns[j] ?? 0) - columnMiddle + middle;
      for (const row of residuals) {
        const value = row[j] ?? null;
        if (value !== null) row[j] = value - middle;
      }
      change = Math.max(change, Math.abs(middle));
    }
    mu += columnMiddle;
    const rowMiddle = median(rows);
    for (const i of rows.keys()) rows[i] = (rows[i] ?? 0) - rowMiddle;
    mu += rowMiddle;
    if (change < smallestChange) break;
  }
  const columnMiddle = median(columns);
  return { mu: mu + columnMiddle, rows, columns: columns.map((value) => value - columnMiddle), residuals };
}

function median(values: readonly (number | null)[]): number {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? 0 : (upper + lower) / 2;
}
