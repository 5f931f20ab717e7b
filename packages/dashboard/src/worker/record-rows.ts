import type { SampleRecord, SessionRecord } from "@peerscope/schema";
import type { EntryKind, KeptRecords, RecordGap } from "./kept-records.ts";
import type { RecordReader } from "./record-reader.ts";

/** A line of the list of records. */
export interface RecordRow {
  readonly place: number;
  /** Unix ms. */
  readonly at: number;
  readonly kind: EntryKind;
  readonly connectionId: string | null;
  /** Name of the event; empty for what has none. */
  readonly name: string;
  readonly detail: string;
}

/** One record as it came. */
export interface WholeRecord {
  readonly place: number;
  /** Null for a gap, and for what cannot be decoded. */
  readonly record: SessionRecord | null;
  readonly gap: RecordGap | null;
  /** The sample of the same peer connection before it; null for other records, and for the first. */
  readonly before: SampleRecord | null;
}

/** Longest detail of a row, in characters. */
const longestDetail = 240;

/** What the list shows of the records at some places. */
export function rowsOf(places: readonly number[], kept: KeptRecords, reader: RecordReader): RecordRow[] {
  return places.map((place) => {
    const { kind, connectionId, types } = kept.labelOf(place);
    const name = kind === "event" ? (types[0] ?? "") : "";
    const detail = detailOf(place, kept, reader).slice(0, longestDetail);
    return { place, at: kept.atOf(place), kind, connectionId, name, detail };
  });
}

function detailOf(place: number, kept: KeptRecords, reader: RecordReader): string {
  const { kind, types } = kept.labelOf(place);
  const gap = kept.gapOf(place);
  if (gap !== null) return gap.reason ?? "";
  // Enough is known of a sample without decoding it.
  if (kind === "sample") return types.join(", ");
  const record = reader.read(place);
  if (record === null || record.kind === "sample") return "";
  const members = record.kind === "event" ? record.data : record.context;
  return members === undefined ? "" : JSON.stringify(members).slice(1, -1);
}

/** A record with what it can be compared with. */
export function wholeRecord(place: number, kept: KeptRecords, reader: RecordReader): WholeRecord {
  const own = kept.labelOf(place);
  const previous = own.kind === "sample" ? sampleBefore(place, own.connectionId, kept) : null;
  // The earlier one first: the other way round, what lies between would be decoded twice.
  const before = previous === null ? null : reader.read(previous);
  return {
    place,
    record: reader.read(place),
    gap: kept.gapOf(place),
    before: before?.kind === "sample" ? before : null,
  };
}

function sampleBefore(place: number, connectionId: string | null, kept: KeptRecords): number | null {
  for (let earlier = place - 1; earlier >= 0; earlier -= 1) {
    const label = kept.labelOf(earlier);
    if (label.kind === "sample" && label.connectionId === connectionId) return earlier;
  }
  return null;
}
