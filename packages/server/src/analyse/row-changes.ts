import type { Row, TableName } from "./rows.ts";

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
 * Remembers what rows were given out, by a short hash, and finds what differs from them. Windows of long ago hardly
 * ever change: they are remembered by one sum of all, which is compared at the end.
 */
export interface RowChanges {
  /** Windows that ended up to here (Unix ms) need not be given to `next` before the end: they were settled. */
  readonly settledUntil: number;
  /** `at`: the time up to which the rows tell, Unix ms. `isFinal`: nothing comes after them, and this is called no more. */
  next(rows: readonly Row[], at: number, isFinal: boolean): RowChangeSet;
}

/** A window counts as settled so long after its end, in ms. Ours: what corrects a window comes with the reports of the next seconds. */
const settledAfterMs = 20_000;

export function createRowChanges(columns: SessionColumns): RowChanges {
  /** Of the rows that may still change, by key: hash and start. */
  let given = new Map<string, string>();
  let isStarted = false;
  /** Windows that ended up to here are in the sum. */
  let settledUntil = Number.NEGATIVE_INFINITY;
  let settled = 0;

  function compare(rows: readonly Row[]): RowChange[] {
    const after = new Map<string, string>();
    const changes: RowChange[] = [];
    for (const row of rows) {
      if (row.endedAt !== undefined && row.endedAt <= settledUntil) continue;
      const key = JSON.stringify([row.table, ...row.key]);
      const { startedAt } = row.values;
      const mark = `${hashOf(row)} ${typeof startedAt === "string" ? startedAt : ""}`;
      after.set(key, mark);
      if (given.get(key) !== mark) changes.push({ row, isDeleted: false });
    }
    for (const [key, mark] of given)
      if (!after.has(key)) changes.push({ row: rowOfKey(key, mark, columns), isDeleted: true });
    given = after;
    return changes;
  }

  function sumOf(rows: readonly Row[]): number {
    let sum = 0;
    for (const row of rows)
      if (row.endedAt !== undefined && row.endedAt <= settledUntil) sum = added(sum, hashOf(row));
    return sum;
  }

  function settle(rows: readonly Row[], until: number): void {
    for (const row of rows) {
      if (row.endedAt === undefined || row.endedAt <= settledUntil || row.endedAt > until) continue;
      const key = JSON.stringify([row.table, ...row.key]);
      settled = added(settled, Number.parseInt(given.get(key) ?? "0", 10));
      given.delete(key);
    }
    settledUntil = Math.max(settledUntil, until);
  }

  return {
    get settledUntil() {
      return settledUntil;
    },
    next(rows, at, isFinal) {
      // All at once, as of most calls: there is nothing to compare with, and nothing comes that would be.
      if (isFinal && !isStarted)
        return { changes: rows.map((row) => ({ row, isDeleted: false })), complete: "all" };
      const isRewritten = isFinal && sumOf(rows) !== settled;
      if (isRewritten) {
        for (const key of given.keys()) if (key.startsWith('["windows"')) given.delete(key);
        settledUntil = Number.NEGATIVE_INFINITY;
      }
      const complete = isStarted ? (isRewritten ? "windows" : "none") : "all";
      isStarted = true;
      const changes = compare(rows);
      if (!isFinal) settle(rows, at - settledAfterMs);
      return { changes, complete };
    },
  };
}

/** What every row of a session begins with. */
export type SessionColumns = Readonly<Record<"projectId" | "sessionId", string>> & { readonly leg: number };

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
  const startedAt = mark.slice(mark.indexOf(" ") + 1);
  return { table, key, values: { ...columns, ...Object.fromEntries(named), startedAt } };
}

/**
 * 48 bits, of two multiplicative hashes: a change that it misses, once in 10^14 rows, is written with the row's next change.
 * It compares what we wrote with what we wrote, so nobody gains by two texts that have the same.
 */
function hashOf(row: Row): number {
  const text = JSON.stringify(row.values);
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 0x85ebca6b);
    low ^= low >>> 15;
    high = Math.imul(high ^ code, 0x01000193);
  }
  high ^= Math.imul(low, 0xc2b2ae35) >>> 13;
  return (low >>> 0) + ((high ^ (high >>> 16)) & 0xffff) * 2 ** 32;
}

function added(sum: number, hash: number): number {
  return (sum + hash) % 2 ** 48;
}
