import { describe, expect, test } from "vitest";
import type { LogReference } from "../ingest/session-registry.ts";
import { createRowChanges, nextRowChanges, type RowChanges, type RowChangeSet } from "./row-changes.ts";
import { maxEventRows, toEventRow, type Row } from "./rows.ts";

const log: LogReference = {
  sessionId: "session-1",
  projectId: "default",
  path: "",
  bytes: 1,
  createdAt: 0,
  finished: false,
  sample: false,
};

function observation(key: string, severity: string): Row {
  const values = { projectId: "default", sessionId: "session-1", leg: 0, key, startedAt: 1, severity };
  return { table: "observations", key: [key], values };
}

function window(from: number, score: number): Row {
  const key = ["track", "pc-1", "track-1", "audio", from];
  const values = { ...columns, scope: "track", pcId: "pc-1", trackId: "track-1", kind: "audio", score };
  return { table: "windows", key, values: { ...values, startedAt: from }, endedAt: from + 10_000 };
}

const columns = { projectId: "default", sessionId: "session-1", leg: 0 };

const next = (changes: RowChanges, rows: readonly Row[], at: number, isFinal = false): RowChangeSet =>
  nextRowChanges(changes, rows, { at, isFinal, columns });

describe("row changes", () => {
  test("all at first, then only what differs, and what is gone as a deletion with its sorting key", () => {
    const changes = createRowChanges();
    const [a, b] = [observation("a", "minor"), observation("b", "minor")];
    expect(next(changes, [a, b], 0)).toEqual({
      changes: [
        { row: a, isDeleted: false },
        { row: b, isDeleted: false },
      ],
      complete: "all",
    });
    expect(next(changes, [a, b], 0)).toEqual({ changes: [], complete: "none" });
    const worse = observation("b", "major");
    const [changed, gone, ...more] = next(changes, [worse], 0).changes;
    expect(changed).toEqual({ row: worse, isDeleted: false });
    expect(gone?.isDeleted).toBe(true);
    expect(gone?.row.values).toEqual({
      projectId: "default",
      sessionId: "session-1",
      leg: 0,
      key: "a",
      startedAt: 1,
    });
    expect(more).toEqual([]);
    // It comes back as new.
    expect(next(changes, [a, worse], 0).changes).toEqual([{ row: a, isDeleted: false }]);
  });

  test("a window that is gone is deleted by its whole sorting key", () => {
    const changes = createRowChanges();
    next(changes, [window(0, 80)], 10_000);
    const { score: _score, ...key } = window(0, 80).values;
    expect(next(changes, [], 20_000).changes).toEqual([
      { row: expect.objectContaining({ table: "windows", values: key }), isDeleted: true },
    ]);
  });

  test("windows of long ago are compared again at the end, and all are given when one differs", () => {
    const windows = Array.from({ length: 30 }, (_, index) => window(index * 10_000, 80));
    const play = (last: readonly Row[]): RowChangeSet => {
      const changes = createRowChanges();
      for (let count = 1; count <= windows.length; count += 1)
        next(changes, [...windows.slice(0, count), observation("a", "minor")], count * 10_000);
      return next(changes, [...last, observation("a", "minor")], 300_000, true);
    };
    expect(play(windows)).toEqual({ changes: [], complete: "none" });
    const corrected = windows.with(3, window(30_000, 20));
    expect(play(corrected)).toEqual({
      changes: corrected.map((row) => ({ row, isDeleted: false })),
      complete: "windows",
    });
  });
});

describe("row of an event", () => {
  test("an event's data is kept up to a size, and its length always", () => {
    const data = { text: "x".repeat(5_000) };
    const { values } = toEventRow({ kind: "event", at: 1, name: "app-event", data }, maxEventRows, log);
    expect(values).toMatchObject({
      data: "",
      dataLength: JSON.stringify(data).length,
      position: maxEventRows,
    });
  });
});
