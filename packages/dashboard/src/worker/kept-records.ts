import type { SampleRecord, SessionRecord } from "@peerscope/schema";
import type { ReadProblem } from "./messages.ts";

/** What a row of the recording is: a record, or a part in which there is none. */
export type EntryKind = SessionRecord["kind"] | "gap";

/** A part of the recording without records. */
export interface RecordGap {
  /** Unix ms. */
  readonly from: number;
  /** Null for what could not be read: nobody knows how long it was. */
  readonly until: number | null;
  /** Why, for what could not be read; null when nothing was recorded. */
  readonly reason: string | null;
}

/** What is known of a record without decoding it again. Records that are alike share one. */
export interface EntryLabel {
  readonly kind: EntryKind;
  readonly connectionId: string | null;
  /** Name of an event; types of the statistics objects of a sample. */
  readonly types: readonly string[];
}

/** A frame of a session log as it came. */
export interface KeptFrame {
  readonly bytes: Uint8Array;
  readonly keyframe: boolean;
  /** Unix ms. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Number of its first record, counted from the beginning of the recording. */
  readonly firstRecord: number;
  readonly records: number;
}

/**
 * All records of a session in the order of the recording, in little memory: frames stay as they came, since the decoded
 * reports of eight hours would fill the memory of the tab. Records of a foreign file are there decoded anyway and are
 * kept as they are. A place counts records and gaps; a record's number counts records alone.
 */
export interface KeptRecords {
  addFrame(bytes: Uint8Array, keyframe: boolean, records: readonly SessionRecord[]): void;
  addRecords(records: readonly SessionRecord[]): void;
  addProblem(problem: ReadProblem): void;
  /** Records and gaps so far. */
  readonly length: number;
  /** Unix ms. @throws RangeError for a place that is not there */
  atOf(place: number): number;
  /** @throws RangeError for a place that is not there */
  labelOf(place: number): EntryLabel;
  /** Null where a record stands. */
  gapOf(place: number): RecordGap | null;
  /** Null where a gap stands. */
  recordNumberOf(place: number): number | null;
  readonly frames: readonly KeptFrame[];
  /** Records that never were in a frame. */
  readonly plain: readonly SessionRecord[];
}

/** Shorter pauses are no gap: the limit that the charts have. */
const shortestGapMs = 5_000;

export function createKeptRecords(): KeptRecords {
  const frames: KeptFrame[] = [];
  const plain: SessionRecord[] = [];
  const gaps: RecordGap[] = [];
  const labels: EntryLabel[] = [];
  const labelPlaces = new Map<string, number>();
  const lastSamples = new Map<string, number>();
  // Columns by place: instant, label, and the number of the record or of the gap.
  const ats: number[] = [];
  const labelColumn: number[] = [];
  const numbers: number[] = [];
  let records = 0;
  let newestAt: number | null = null;
  let intervalMs = 0;

  const put = (at: number, label: EntryLabel, number: number): void => {
    const key = JSON.stringify([label.kind, label.connectionId, ...label.types]);
    let place = labelPlaces.get(key);
    if (place === undefined) {
      place = labels.length;
      labels.push(label);
      labelPlaces.set(key, place);
    }
    ats.push(at);
    labelColumn.push(place);
    numbers.push(number);
  };
  const putGap = (gap: RecordGap): void => {
    put(gap.from, { kind: "gap", connectionId: null, types: [] }, gaps.length);
    gaps.push(gap);
  };
  const putRecord = (record: SessionRecord): void => {
    const { at } = record;
    if (newestAt !== null && at - newestAt > Math.max(shortestGapMs, 2 * intervalMs))
      putGap({ from: newestAt, until: at, reason: null });
    newestAt = Math.max(newestAt ?? at, at);
    if (record.kind === "sample") intervalMs = at - (lastSamples.get(record.connectionId) ?? at);
    if (record.kind === "sample") lastSamples.set(record.connectionId, at);
    put(at, labelFor(record), records);
    records += 1;
  };
  const inside = <Value>(column: readonly Value[], place: number): Value => {
    const value = column[place];
    if (value === undefined) throw new RangeError(`There is no record ${place}`);
    return value;
  };
  const labelOf = (place: number): EntryLabel => inside(labels, inside(labelColumn, place));

  return {
    frames,
    plain,
    get length() {
      return ats.length;
    },
    addFrame(bytes, keyframe, decoded) {
      const times = decoded.map(({ at }) => at);
      const before = frames.at(-1)?.lastAt ?? 0;
      frames.push({
        bytes,
        keyframe,
        firstAt: times.length === 0 ? before : Math.min(...times),
        lastAt: times.length === 0 ? before : Math.max(...times),
        firstRecord: records,
        records: decoded.length,
      });
      for (const record of decoded) putRecord(record);
    },
    addRecords(more) {
      for (const record of more) {
        plain.push(record);
        putRecord(record);
      }
    },
    addProblem: ({ code, message, after }) =>
      putGap({ from: after ?? newestAt ?? 0, until: null, reason: `${message} (${code})` }),
    atOf: (place) => inside(ats, place),
    labelOf,
    gapOf: (place) => (labelOf(place).kind === "gap" ? inside(gaps, inside(numbers, place)) : null),
    recordNumberOf: (place) => (labelOf(place).kind === "gap" ? null : inside(numbers, place)),
  };
}

function labelFor(record: SessionRecord): EntryLabel {
  const { kind } = record;
  if (kind === "context") return { kind, connectionId: null, types: [] };
  if (kind === "event") return { kind, connectionId: record.connectionId ?? null, types: [record.name] };
  return { kind, connectionId: record.connectionId, types: typesOf(record) };
}

function typesOf({ stats }: SampleRecord): string[] {
  return [...new Set(stats.map(({ type }) => type))];
}
