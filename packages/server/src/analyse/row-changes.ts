import { hashOfRow } from "./row-binary.ts";
import type { Row, SessionColumns } from "./rows.ts";
import type { TableName } from "./table-columns.ts";

/** A row to write: new or different, or one that is not true any more. */
export interface RowChange {
  readonly row: Row;
  readonly isDeleted: boolean;
}

/** What differs, or everything when nobody can say any more what differs. */
export interface RowChangeSet {
  readonly changes: readonly RowChange[];
  /** Of which rows these are all: what the store has besides is not true any more. */
  readonly complete: "all" | "windows" | "none";
}

/**
 * Remembers what rows were given out, by a short hash, so that what differs from them is found: a change that the hash misses, once in
 * 10^14 rows, is written with the row's next change. Windows of long ago hardly
 * ever change: they are remembered by one sum of all, which is compared at the end.
 */
export interface RowChanges {
  /** Of the rows that may still change, by key: hash and start. */
  given: Map<string, string>;
  isStarted: boolean;
  /** Windows that ended up to here (Unix ms) need not be given to `nextRowChanges` before the end: they are in the sum. */
  settledUntil: number;
  settled: number;
}

/** A window counts as settled so long after its end, in ms. Ours: what corrects a window comes with the reports of the next seconds. */
const settledAfterMs = 20_000;

export function createRowChanges(): RowChanges {
  return { given: new Map(), isStarted: false, settledUntil: Number.NEGATIVE_INFINITY, settled: 0 };
}

/** `at`: the time up to which the rows tell, Unix ms. `isFinal`: nothing comes after them, and this is called no more. */
export function nextRowChanges(
  known: RowChanges,
  rows: readonly Row[],
  {
    at,
    isFinal,
    columns,
  }: { readonly at: number; readonly isFinal: boolean; readonly columns: SessionColumns },
): RowChangeSet {
  // All at once, as of most calls: there is nothing to compare with, and nothing comes that would be.
  if (isFinal && !known.isStarted)
    return { changes: rows.map((row) => ({ row, isDeleted: false })), complete: "all" };
  const isRewritten = isFinal && sumOf(known, rows) !== known.settled;
  if (isRewritten) {
    for (const key of known.given.keys()) if (key.startsWith('["windows"')) known.given.delete(key);
    known.settledUntil = Number.NEGATIVE_INFINITY;
  }
  const complete = known.isStarted ? (isRewritten ? "windows" : "none") : "all";
  known.isStarted = true;
  const changes = compare(known, rows, columns, isFinal);
  if (!isFinal) settle(known, rows, at - settledAfterMs);
  return { changes, complete };
}

function compare(
  known: RowChanges,
  rows: readonly Row[],
  columns: SessionColumns,
  isFinal: boolean,
): RowChange[] {
  const after = new Map<string, string>();
  const changes: RowChange[] = [];
  for (const row of rows) {
    if (row.endedAt !== undefined && row.endedAt <= known.settledUntil) continue;
    const key = JSON.stringify([row.table, ...row.key]);
    const before = known.given.get(key);
    // Nothing is compared with the last ones, of which that of the whole analysis is large.
    const mark = isFinal && before === undefined ? null : markOf(row);
    after.set(key, mark ?? "");
    if (mark === null || before !== mark) changes.push({ row, isDeleted: false });
  }
  for (const [key, mark] of known.given)
    if (!after.has(key)) changes.push({ row: rowOfKey(key, mark, columns), isDeleted: true });
  known.given = after;
  return changes;
}

function markOf(row: Row): string {
  const { startedAt } = row.values;
  return `${hashOfRow(row)} ${typeof startedAt === "number" ? startedAt : 0}`;
}

function sumOf({ settledUntil }: RowChanges, rows: readonly Row[]): number {
  let sum = 0;
  for (const row of rows)
    if (row.endedAt !== undefined && row.endedAt <= settledUntil) sum = added(sum, hashOfRow(row));
  return sum;
}

function settle(known: RowChanges, rows: readonly Row[], until: number): void {
  for (const row of rows) {
    if (row.endedAt === undefined || row.endedAt <= known.settledUntil || row.endedAt > until) continue;
    const key = JSON.stringify([row.table, ...row.key]);
    known.settled = added(known.settled, Number.parseInt(known.given.get(key) ?? "0", 10));
    known.given.delete(key);
  }
  known.settledUntil = Math.max(known.settledUntil, until);
}

/** Names of the values of `Row.key`, by table. The start of a row is not one of them: each has it, and keeps it. */
const keyColumns: Readonly<Record<TableName, readonly string[]>> = {
  events: ["position"],
  windows: ["scope", "pcId", "trackId", "kind"],
  tracks: ["pcId", "trackId", "kind"],
  observations: ["key"],
  analyses: [],
  legs: [],
};

/** The columns by which a deletion finds its row, and the time by which it is kept as long as that. */
function rowOfKey(text: string, mark: string, columns: SessionColumns): Row {
  const [table, ...key] = JSON.parse(text) as [TableName, ...(string | number)[]];
  const named = keyColumns[table].map((name, index) => [name, key[index] ?? ""]);
  const startedAt = Number(mark.slice(mark.indexOf(" ") + 1));
  return { table, key, values: { ...columns, ...Object.fromEntries(named), startedAt } };
}

function added(sum: number, hash: number): number {
  return (sum + hash) % 2 ** 48;
}
