import type { JsonValue } from "@peerscope/schema";
import { isUnixMs, numberOf } from "../json.ts";
import { valueAt, type Series, type SeriesOfObject } from "./series.ts";

/** The samples of one statistics object. */
export interface AlignedObject {
  readonly id: string;
  readonly type: string;
  /** Unix ms of each sample, not falling. */
  readonly timesMs: readonly number[];
  readonly members: readonly AlignedMember[];
}

interface AlignedMember {
  readonly name: string;
  readonly series: Series;
  /** Index of the sample that the first value belongs to. */
  readonly offset: number;
}

/** A sample a second: what the internals page takes, where it does not say when. */
const pollMs = 1_000;

/**
 * Members that come and go, and the counter that tells when they are there: the dump keeps the values alone, without their places.
 */
const presentWhile: ReadonlyMap<string, string> = new Map([
  ["framesPerSecond", "framesDecoded"],
  ["roundTripTime", "roundTripTimeMeasurements"],
]);

/** Places every value in time. What cannot be placed is told to `lost` and left out: a wrong place would be a wrong number. */
export function alignObject(object: SeriesOfObject, lost: (what: string) => void): AlignedObject | null {
  const timesMs = timesOf(object);
  if (timesMs === null) {
    lost(`${object.type.slice(0, 60)}: samples without usable times`);
    return null;
  }
  const members: AlignedMember[] = [];
  for (const [name, series] of object.members) {
    if (name === "timestamp") continue;
    const offset = offsetOf(series, timesMs);
    if (offset !== null) {
      members.push({ name, series, offset });
      continue;
    }
    const placed = fillHoles(name, series, object, timesMs.length);
    if (placed === null)
      lost(`${object.type.slice(0, 60)}.${name.slice(0, 60)}: values whose times are not known`);
    else members.push({ name, series: placed, offset: 0 });
  }
  return { id: object.id, type: object.type, timesMs, members };
}

/** Timestamps of the object, or, before Chrome 117, what can be told from its series. */
function timesOf({ members }: SeriesOfObject): readonly number[] | null {
  const own = members.get("timestamp");
  if (own !== undefined) {
    const times: number[] = [];
    for (let index = 0; index < own.length; index += 1) {
      const time = valueAt(own, 0, index);
      if (!isUnixMs(time) || time < (times.at(-1) ?? 0)) return null;
      times.push(time);
    }
    return times.length === 0 ? null : times;
  }
  let longest: Series | null = null;
  for (const series of members.values()) if (series.length > (longest?.length ?? 0)) longest = series;
  if (longest === null || longest.startMs === null) return null;
  const { startMs, endMs, length } = longest;
  const stepMs = endMs === null || endMs < startMs || length < 2 ? pollMs : (endMs - startMs) / (length - 1);
  return Array.from({ length }, (_, index) => startMs + index * stepMs);
}

/** Where a series begins, null when its values have holes between them or it says too little. */
function offsetOf({ length, startMs, endMs }: Series, timesMs: readonly number[]): number | null {
  const missing = timesMs.length - length;
  if (missing === 0) return 0;
  if (missing < 0 || startMs === null || endMs === null) return null;
  const first = firstAtOrAfter(timesMs, startMs);
  const afterLast = firstAtOrAfter(timesMs, endMs + 1);
  if (Math.floor(timesMs[first] ?? 0) !== startMs || Math.floor(timesMs[afterLast - 1] ?? 0) !== endMs)
    return null;
  if (afterLast - first === length) return first;
  // Reports of the far end repeat their timestamps: where the span of the last one allows it, the values end there.
  const lastFirst = firstAtOrAfter(timesMs, endMs);
  const firstLast = firstAtOrAfter(timesMs, startMs + 1) - 1;
  const offset = afterLast - length;
  return offset >= first && offset <= firstLast && offset + length > lastFirst ? offset : null;
}

/** First index whose time is not before `timeMs`. */
function firstAtOrAfter(timesMs: readonly number[], timeMs: number): number {
  let low = 0;
  let high = timesMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timesMs[middle] ?? 0) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A series with the places where it had no value, when another member tells exactly as many of them. */
function fillHoles(name: string, series: Series, object: SeriesOfObject, samples: number): Series | null {
  const hint = object.members.get(presentWhile.get(name) ?? "");
  if (hint === undefined || hint.length !== samples || series.length > samples) return null;
  const values: JsonValue[] = [];
  let taken = 0;
  let before = 0;
  for (let index = 0; index < samples; index += 1) {
    const counter = numberOf(valueAt(hint, 0, index)) ?? 0;
    const isPresent = name === "roundTripTime" ? counter > 0 : counter > before;
    before = counter;
    // Null is what no series of a browser has: it stands for "not there".
    values.push(isPresent ? (valueAt(series, 0, taken) ?? null) : null);
    if (isPresent) taken += 1;
  }
  return taken === series.length ? { ...series, values, length: samples } : null;
}
