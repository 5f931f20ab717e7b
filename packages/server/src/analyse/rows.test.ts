import { describe, expect, test } from "vitest";
import type { LogReference } from "../ingest/session-registry.ts";
import { createRowChanges } from "./row-changes.ts";
import { maxEventRows, toEventRow, toJsonLine, type Row } from "./rows.ts";

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
  const values = { projectId: "default", sessionId: "session-1", leg: 0, key, startedAt: "1.000", severity };
  return { table: "observations", key: [key], values };
}

describe("row changes", () => {
  test("all at first, then only what differs, and what is gone as a deletion with its sorting key", () => {
    const changes = createRowChanges();
    expect(changes.started).toBe(false);
    const [a, b] = [observation("a", "minor"), observation("b", "minor")];
    expect(changes.next([a, b])).toEqual([
      { row: a, isDeleted: false },
      { row: b, isDeleted: false },
    ]);
    expect(changes.started).toBe(true);
    expect(changes.next([a, b])).toEqual([]);
    const worse = observation("b", "major");
    const [changed, gone, ...more] = changes.next([worse]);
    expect(changed).toEqual({ row: worse, isDeleted: false });
    expect(gone?.isDeleted).toBe(true);
    expect(gone?.row.values).toEqual({
      projectId: "default",
      sessionId: "session-1",
      leg: 0,
      key: "a",
      startedAt: "1.000",
    });
    expect(more).toEqual([]);
    // It comes back as new.
    expect(changes.next([a, worse])).toEqual([{ row: a, isDeleted: false }]);
  });
});

describe("row text", () => {
  test("times stay inside what the store can read", () => {
    const at = (ms: number): unknown =>
      toEventRow({ kind: "event", at: ms, name: "app-event" }, 0, log).values["at"];
    expect([0, 1.4, 1_700_000_000_123.6, -5, 1e300, Number.NaN, Infinity].map(at)).toEqual([
      "1970-01-01 00:00:00.000",
      "1970-01-01 00:00:00.001",
      "2023-11-14 22:13:20.124",
      "1970-01-01 00:00:00.000",
      "2286-11-20 17:46:39.999",
      "1970-01-01 00:00:00.000",
      "1970-01-01 00:00:00.000",
    ]);
  });

  test("lone surrogates are replaced in values and in names, whole characters are not", () => {
    const row: Row = {
      table: "legs",
      key: [],
      values: { tags: { "k\ud800": "v\udc00👋" }, list: ["\udfff"] },
    };
    expect(JSON.parse(toJsonLine(row, 7))).toEqual({
      tags: { "k\ufffd": "v\ufffd👋" },
      list: ["\ufffd"],
      version: 7,
      isDeleted: 0,
    });
  });

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
