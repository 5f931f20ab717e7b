import type { MetricPoint, MetricSubject } from "@peerscope/schema";

/**
 * One line of a chart: two columns that grow at the end. Times are Unix milliseconds and never go back; a value
 * that the browser did not report is NaN here and a gap in the chart.
 */
export interface Series {
  readonly key: string;
  readonly name: MetricPoint["name"];
  readonly subject: MetricSubject;
  times: Float64Array;
  values: Float32Array;
  length: number;
}

export function createSeries(key: string, name: MetricPoint["name"], subject: MetricSubject): Series {
  return { key, name, subject, times: new Float64Array(256), values: new Float32Array(256), length: 0 };
}

/** Appends columns of equal length. Points that go back in time are left out: they cannot be drawn. */
export function appendPoints(series: Series, times: Float64Array, values: Float32Array): void {
  const needed = series.length + times.length;
  if (needed > series.times.length) {
    const capacity = Math.max(needed, series.times.length * 2);
    const grownTimes = new Float64Array(capacity);
    const grownValues = new Float32Array(capacity);
    grownTimes.set(series.times.subarray(0, series.length));
    grownValues.set(series.values.subarray(0, series.length));
    series.times = grownTimes;
    series.values = grownValues;
  }
  let last = series.length > 0 ? (series.times[series.length - 1] ?? -Infinity) : -Infinity;
  for (let i = 0; i < times.length; i++) {
    const at = times[i] ?? Number.NaN;
    if (!(at > last)) continue;
    series.times[series.length] = at;
    series.values[series.length] = values[i] ?? Number.NaN;
    series.length += 1;
    last = at;
  }
}

/** First index whose time is at or after `at`. */
export function indexAt(series: Pick<Series, "times" | "length">, at: number): number {
  let low = 0;
  let high = series.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((series.times[middle] ?? Infinity) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Usual distance of two points, in milliseconds: the median of the first fifty. */
export function intervalOf(series: Pick<Series, "times" | "length">): number {
  const distances: number[] = [];
  for (let i = 1; i < Math.min(series.length, 51); i++) {
    distances.push((series.times[i] ?? 0) - (series.times[i - 1] ?? 0));
  }
  distances.sort((a, b) => a - b);
  return distances[distances.length >>> 1] ?? 1000;
}

/** A line breaks when points are further apart: twice the interval, at least 5 s, as the rtcstats importer does. */
export function gapLimit(series: Pick<Series, "times" | "length">): number {
  return Math.max(2 * intervalOf(series), 5000);
}

/** Value at an instant: the last one reported at or before it, unless that is in a gap. Null when there is none. */
export function valueAt(series: Series, at: number): number | null {
  const i = indexAt(series, at + 0.5) - 1;
  if (i < 0 || at - (series.times[i] ?? 0) > gapLimit(series)) return null;
  const value = series.values[i] ?? Number.NaN;
  return Number.isNaN(value) ? null : value;
}

/** What a window of a series says in a few numbers; null without a single value. */
export interface SeriesSummary {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly maxAt: number;
  readonly minAt: number;
  readonly points: number;
}

export function summarise(series: Series, from: number, to: number): SeriesSummary | null {
  let [min, max, sum, points, maxAt, minAt] = [Infinity, -Infinity, 0, 0, 0, 0];
  for (let i = indexAt(series, from); i < series.length; i++) {
    const at = series.times[i] ?? Infinity;
    if (at > to) break;
    const value = series.values[i] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    if (value < min) [min, minAt] = [value, at];
    if (value > max) [max, maxAt] = [value, at];
    sum += value;
    points += 1;
  }
  return points === 0 ? null : { min, max, mean: sum / points, maxAt, minAt, points };
}
