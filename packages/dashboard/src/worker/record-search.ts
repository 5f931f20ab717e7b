import type { SessionRecord } from "@peerscope/schema";
import type { EntryKind, EntryLabel, KeptRecords, RecordGap } from "./kept-records.ts";
import type { RecordReader } from "./record-reader.ts";

/** Which records are looked for. */
export interface RecordFilter {
  readonly kind: EntryKind | null;
  /** Name of an event, or type of a statistics object that a sample has. */
  readonly type: string | null;
  /** Words that all stand somewhere in the record, in any case. */
  readonly text: string;
}

/** A part of what was found. */
export interface FoundRecords {
  /** Places of records, in the order of the recording. */
  readonly places: readonly number[];
  /** Before this place everything was looked at. */
  readonly searched: number;
  /** Everything that was there was looked at. */
  readonly isOver: boolean;
}

/** How many records there are of what. */
export interface RecordCounts {
  readonly total: number;
  readonly kinds: Readonly<Record<EntryKind, number>>;
  /** Most frequent first. */
  readonly types: readonly { readonly type: string; readonly kind: EntryKind; readonly count: number }[];
}

/** Types offered as a choice; a hostile recording has a million. Ours. */
const mostTypes = 200;

/** Looks through a recording piece by piece, as long as `isWanted`. Each piece takes at most `sliceMs`. */
export async function searchRecords(
  {
    kept,
    reader,
    filter,
    from,
  }: {
    readonly kept: KeptRecords;
    readonly reader: RecordReader;
    readonly filter: RecordFilter;
    readonly from: number;
  },
  onFound: (found: FoundRecords) => void,
  isWanted: () => boolean,
): Promise<void> {
  const words = wordsOf(filter.text);
  const fitting = new Map<EntryLabel, boolean>();
  let place = from;
  for (;;) {
    const until = performance.now() + sliceMs;
    const places: number[] = [];
    // The clock is not asked for every record.
    for (; place < kept.length && (place % 64 !== 0 || performance.now() < until); place += 1) {
      const label = kept.labelOf(place);
      let fits = fitting.get(label);
      if (fits === undefined) fitting.set(label, (fits = labelFits(label, filter)));
      if (fits && (words.length === 0 || textFits(place, words, kept, reader))) places.push(place);
    }
    const isOver = place >= kept.length;
    onFound({ places, searched: place, isOver });
    if (isOver) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (!isWanted()) return;
  }
}

/** Longest time without a look at what else is asked of the worker, in milliseconds. Ours. */
const sliceMs = 40;

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
}

function labelFits(label: EntryLabel, { kind, type }: RecordFilter): boolean {
  return (kind === null || label.kind === kind) && (type === null || label.types.includes(type));
}

function textFits(place: number, words: readonly string[], kept: KeptRecords, reader: RecordReader): boolean {
  const entry: SessionRecord | RecordGap | null = kept.gapOf(place) ?? reader.read(place);
  const text = JSON.stringify(entry).toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Counts what is there, without decoding anything. */
export function countRecords(kept: KeptRecords): RecordCounts {
  const byLabel = new Map<EntryLabel, number>();
  for (let place = 0; place < kept.length; place += 1) {
    const label = kept.labelOf(place);
    byLabel.set(label, (byLabel.get(label) ?? 0) + 1);
  }
  const kinds: Record<EntryKind, number> = { sample: 0, event: 0, context: 0, gap: 0 };
  const types = new Map<string, { type: string; kind: EntryKind; count: number }>();
  for (const [{ kind, types: own }, count] of byLabel) {
    kinds[kind] += count;
    for (const type of own) {
      const key = `${kind} ${type}`;
      const known = types.get(key) ?? { type, kind, count: 0 };
      types.set(key, { ...known, count: known.count + count });
    }
  }
  return {
    total: kept.length,
    kinds,
    types: [...types.values()].toSorted((a, b) => b.count - a.count).slice(0, mostTypes),
  };
}
