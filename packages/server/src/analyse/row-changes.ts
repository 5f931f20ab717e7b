import { createHash } from "node:crypto";
import type { Row } from "./rows.ts";

/** A row to write: new or different, or one that is not true any more. */
export interface RowChange {
  readonly row: Row;
  readonly isDeleted: boolean;
}

/** Remembers what rows were given out, by a short hash, and finds what differs from them. */
export interface RowChanges {
  /** False until rows were given out once. */
  readonly started: boolean;
  next(rows: readonly Row[]): RowChange[];
}

export function createRowChanges(): RowChanges {
  let given: Map<string, { readonly row: Row; readonly hash: number }> | null = null;
  return {
    get started() {
      return given !== null;
    },
    next(rows) {
      const before = given ?? new Map<string, { readonly row: Row; readonly hash: number }>();
      const after: NonNullable<typeof given> = new Map();
      const changes: RowChange[] = [];
      for (const row of rows) {
        const key = JSON.stringify([row.table, ...row.key]);
        const hash = hashText(JSON.stringify(row.values));
        after.set(key, { row: keyOnly(row), hash });
        if (before.get(key)?.hash !== hash) changes.push({ row, isDeleted: false });
      }
      for (const [key, { row }] of before) if (!after.has(key)) changes.push({ row, isDeleted: true });
      given = after;
      return changes;
    },
  };
}

const keyColumns = ["projectId", "sessionId", "leg", "scope", "pcId", "trackId", "kind", "startedAt", "key"];

/** The columns by which a deletion finds its row. */
function keyOnly(row: Row): Row {
  const values = Object.fromEntries(
    Object.entries(row.values).filter(([column]) => keyColumns.includes(column)),
  );
  return { ...row, values };
}

/** 48 bits: a change that it misses, once in 10^14 rows, is written with the row's next change. */
function hashText(text: string): number {
  return createHash("sha1").update(text).digest().readUIntBE(0, 6);
}
