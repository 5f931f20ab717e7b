import type { JsonValue, SampleRecord, StatsObject } from "@peerscope/schema";
import type { AlignedObject } from "./alignment.ts";
import { valueAt } from "./series.ts";

/** Objects of one poll have one timestamp; some tools round it. */
const roundingMs = 50;
/** Without an object that is in every report, polls are told apart by this. */
const clusterMs = 300;

/** The reports of one peer connection, as getStats would have given them. */
export interface Reports {
  /** Unix ms of each. */
  readonly timesMs: readonly number[];
  sample(index: number, connectionId: string): SampleRecord;
  /** Samples of objects that belong to no report. */
  readonly unplaced: number;
}

/** Puts the samples of all objects of a connection together, one report a poll. */
export function createReports(objects: readonly AlignedObject[]): Reports {
  const { ticks, toleranceMs } = ticksOf(objects);
  let unplaced = 0;
  /** Of each object the index of its sample in each report, -1 for none. */
  const rows = objects.map((object) => {
    const { rows: found, unplaced: left } =
      object.type.startsWith("remote-") && object.type.endsWith("-rtp")
        ? rowsOfRemote(object.timesMs, ticks, toleranceMs)
        : rowsOfLocal(object.timesMs, ticks, toleranceMs);
    unplaced += left;
    return found;
  });
  return {
    timesMs: ticks,
    unplaced,
    sample(index, connectionId) {
      const stats: StatsObject[] = [];
      for (const [place, object] of objects.entries()) {
        const row = rows[place]?.[index] ?? -1;
        if (row >= 0) stats.push(objectAt(object, row));
      }
      return { kind: "sample", at: ticks[index] ?? 0, connectionId, stats };
    },
  };
}

function objectAt({ id, type, timesMs, members }: AlignedObject, row: number): StatsObject {
  const object: { id: string; type: string; timestamp: number; [member: string]: JsonValue } = {
    id,
    type,
    timestamp: timesMs[row] ?? 0,
  };
  for (const { name, series, offset } of members) {
    const value = valueAt(series, offset, row);
    if (value !== undefined && value !== null) object[name] = value;
  }
  return object;
}

interface Ticks {
  readonly ticks: readonly number[];
  /** How far from it a sample may be that belongs to it. */
  readonly toleranceMs: number;
}

function ticksOf(objects: readonly AlignedObject[]): Ticks {
  const anchor =
    objects.find(({ type }) => type === "peer-connection") ??
    objects.find(({ type }) => type === "transport");
  const times =
    anchor?.timesMs ??
    objects.filter(({ type }) => !type.startsWith("remote-")).flatMap((object) => object.timesMs);
  const ticks: number[] = [];
  let start = Number.NEGATIVE_INFINITY;
  for (const time of [...times].sort((a, b) => a - b)) {
    if (anchor === undefined ? time - start <= clusterMs : time === start) continue;
    start = time;
    ticks.push(time);
  }
  return { ticks, toleranceMs: anchor === undefined ? clusterMs : roundingMs };
}

interface Rows {
  readonly rows: Int32Array;
  readonly unplaced: number;
}

function rowsOfLocal(timesMs: readonly number[], ticks: readonly number[], toleranceMs: number): Rows {
  const rows = new Int32Array(ticks.length).fill(-1);
  let unplaced = 0;
  let tick = 0;
  for (const [row, time] of timesMs.entries()) {
    while (
      tick + 1 < ticks.length &&
      Math.abs((ticks[tick + 1] ?? 0) - time) <= Math.abs((ticks[tick] ?? 0) - time)
    ) {
      tick += 1;
    }
    if (Math.abs((ticks[tick] ?? Number.NaN) - time) <= toleranceMs) rows[tick] = row;
    else unplaced += 1;
  }
  return { rows, unplaced };
}

/**
 * Reports of the far end keep the time at which they came, and are there at every poll from the first one on: a value a poll, so that
 * they are placed by counting. Where that would place one before it came, the latest that had come is taken.
 */
function rowsOfRemote(timesMs: readonly number[], ticks: readonly number[], toleranceMs: number): Rows {
  const rows = new Int32Array(ticks.length).fill(-1);
  const firstTime = timesMs[0] ?? 0;
  let first = 0;
  while (first < ticks.length && (ticks[first] ?? 0) < firstTime) first += 1;
  const isCounted =
    first + timesMs.length <= ticks.length &&
    timesMs.every((time, row) => time <= (ticks[first + row] ?? 0) + toleranceMs);
  if (isCounted) {
    for (let row = 0; row < timesMs.length; row += 1) rows[first + row] = row;
    return { rows, unplaced: 0 };
  }
  let row = -1;
  for (let tick = first; tick < ticks.length; tick += 1) {
    while (row + 1 < timesMs.length && (timesMs[row + 1] ?? 0) <= (ticks[tick] ?? 0) + toleranceMs) row += 1;
    rows[tick] = row;
  }
  return { rows, unplaced: 0 };
}
