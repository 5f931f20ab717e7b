import { gapLimit, indexAt, type Series } from "./series.ts";

/** Points ready to draw: x in seconds since `origin`, a null breaks the line. */
export interface DrawnPoints {
  readonly xs: number[];
  readonly ys: (number | null)[];
  /** Seconds that one drawn bucket stands for; 0 when every point is drawn. */
  readonly bucketSeconds: number;
}

/**
 * The points of a series between two instants for a drawing `width` pixels wide. With more than two points a pixel
 * only the smallest and the largest of each bucket stay, in their order, so that a single bad second survives zooming
 * out. One point beyond each edge is kept, so that lines run to the border.
 */
export function decimate(
  series: Series,
  from: number,
  to: number,
  width: number,
  origin: number,
  scale = 1,
): DrawnPoints {
  const first = Math.max(0, indexAt(series, from) - 1);
  const end = Math.min(series.length, indexAt(series, to) + 1);
  const limit = gapLimit(series);
  const xs: number[] = [];
  const ys: (number | null)[] = [];
  const buckets = Math.max(1, Math.floor(width));
  const bucketMs = end - first > 2 * buckets ? (to - from) / buckets : 0;
  let lastAt = Number.NaN;

  const put = (at: number, value: number | null): void => {
    const x = (at - origin) / 1000;
    const before = xs.at(-1);
    if (before !== undefined && x <= before) return;
    xs.push(x);
    ys.push(value === null ? null : value * scale);
  };
  const breakAt = (at: number): void => {
    if (ys.length > 0 && ys.at(-1) !== null) put(at, null);
  };

  let bucket = Number.NaN;
  let [low, high] = [-1, -1];
  const flush = (): void => {
    if (low < 0) return;
    const [a, b] = low <= high ? [low, high] : [high, low];
    put(series.times[a] ?? 0, series.values[a] ?? 0);
    if (b !== a) put(series.times[b] ?? 0, series.values[b] ?? 0);
    low = high = -1;
  };

  for (let i = first; i < end; i++) {
    const at = series.times[i] ?? 0;
    const value = series.values[i] ?? Number.NaN;
    if (Number.isNaN(value)) {
      flush();
      breakAt(at);
      lastAt = Number.NaN;
      continue;
    }
    if (at - lastAt > limit) {
      flush();
      breakAt((at + lastAt) / 2);
    }
    lastAt = at;
    if (bucketMs === 0) {
      put(at, value);
      continue;
    }
    const here = Math.floor((at - from) / bucketMs);
    if (here !== bucket) {
      flush();
      bucket = here;
    }
    if (low < 0 || value < (series.values[low] ?? 0)) low = i;
    if (high < 0 || value > (series.values[high] ?? 0)) high = i;
  }
  flush();
  return { xs, ys, bucketSeconds: bucketMs / 1000 };
}

/** Columns on one shared x axis: null breaks a line, undefined only says that another line has a point there. */
export interface Aligned {
  readonly xs: number[];
  readonly columns: (number | null | undefined)[][];
}

export function align(lines: readonly DrawnPoints[]): Aligned {
  const [only] = lines;
  if (lines.length === 1 && only !== undefined) return { xs: only.xs, columns: [only.ys] };
  const xs = [...new Set(lines.flatMap((line) => line.xs))].sort((a, b) => a - b);
  const place = new Map(xs.map((x, i) => [x, i]));
  const columns = lines.map((line) => {
    const column = Array.from<number | null | undefined>({ length: xs.length });
    line.xs.forEach((x, i) => (column[place.get(x) ?? 0] = line.ys[i] ?? null));
    return column;
  });
  return { xs, columns };
}
