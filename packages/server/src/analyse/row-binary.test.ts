import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Readable } from "node:stream";
import { openMigratedStore, type EmbeddedStore } from "../store/testing/embedded-store.ts";
import { rowsHeader, toRowBinary } from "./row-binary.ts";
import type { Row } from "./rows.ts";
import { tableColumns, tableNames, type ColumnValue, type TableName } from "./table-columns.ts";
import { readRowBinary } from "./testing/read-row-binary.ts";

const texts = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "grapheme", minLength: 60, maxLength: 300 }),
);
const whole = (bits: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: 2 ** bits - 1 });
/** Those that have the same text as single and as double. */
const singles = fc.integer({ min: -(2 ** 18), max: 2 ** 18 }).map((value) => value / 4);
const names = fc.stringMatching(/^[a-z]{1,9}$/);

/** Values that a column of this type can hold. */
function valuesOf(type: string): fc.Arbitrary<ColumnValue> {
  const [, outer = type, inner = ""] = /^(\w+)\((.*)\)$/.exec(type) ?? [];
  if (outer === "String") return texts;
  if (outer === "Float32") return singles;
  if (outer === "Float64") return fc.double({ noNaN: true, noDefaultInfinity: true });
  if (outer === "DateTime64") return fc.integer({ min: 0, max: 9_999_999_999_999 });
  if (outer === "LowCardinality") return valuesOf(inner);
  if (outer === "Nullable") return fc.option(valuesOf(inner));
  if (outer === "Array") return fc.array(texts, { maxLength: 5 });
  if (outer === "Map")
    return inner.endsWith("String)") || inner.endsWith(", String")
      ? fc.dictionary(names, texts, { maxKeys: 5 })
      : fc.dictionary(names, singles, { maxKeys: 5 });
  return whole(Math.min(53, Number(outer.slice("UInt".length))));
}

/** Rows of the table, with all of its columns. */
function rowsOf(table: TableName): fc.Arbitrary<Row[]> {
  const types = Object.entries<string>(tableColumns[table]);
  const values = fc.record(Object.fromEntries(types.map(([name, type]) => [name, valuesOf(type)])));
  return fc.array(
    values.map(({ version: _version, isDeleted: _isDeleted, ...rest }) => ({ table, key: [], values: rest })),
    { maxLength: 4 },
  );
}

const written = (rows: readonly Row[]): { row: Row; isDeleted: boolean }[] =>
  rows.map((row) => ({ row, isDeleted: false }));

describe("rows in binary", () => {
  test.each(tableNames)("every value of a row of %s can be read again", (table) => {
    fc.assert(
      fc.property(rowsOf(table), (rows) => {
        expect(readRowBinary(table, toRowBinary(written(rows), 7))).toEqual(
          rows.map(({ values }) => ({ ...values, version: 7, isDeleted: 0 })),
        );
      }),
    );
  });

  test("what is missing or cannot be held is the nearest that can", () => {
    const row = (values: Row["values"]): Row => ({ table: "windows", key: [], values });
    const rows = [
      row({ sessionId: "s", startedAt: -5, mos: Number.NaN }),
      row({ leg: 1e9, startedAt: 1e300, endedAt: Number.NaN, score: Infinity }),
      row({ leg: -1, startedAt: 1_700_000_000_123.6 }),
    ];
    const [first, second, third] = readRowBinary("windows", toRowBinary(written(rows), 2 ** 41));
    expect(first).toMatchObject({ sessionId: "s", leg: 0, scope: "", startedAt: 0, mos: null, flags: [] });
    expect(first).toMatchObject({ lostMos: {}, reason: null, version: 2 ** 41, isDeleted: 0 });
    expect(second).toMatchObject({ leg: 65_535, startedAt: 9_999_999_999_999, endedAt: 0, score: null });
    expect(third).toMatchObject({ leg: 0, startedAt: 1_700_000_000_124 });
  });

  test("lone surrogates are replaced in values and in names, whole characters are not", () => {
    const values = { tags: { "k\ud800": "v\udc00👋" }, paths: ["\udfff"], callId: "é".repeat(70) };
    const [row] = readRowBinary("legs", toRowBinary(written([{ table: "legs", key: [], values }]), 1));
    expect(row).toMatchObject({
      tags: { "k\ufffd": "v\ufffd👋" },
      paths: ["\ufffd"],
      callId: "é".repeat(70),
    });
  });
});

describe("the store", () => {
  let store: EmbeddedStore;
  beforeAll(async () => {
    store = await openMigratedStore();
  }, 60_000);
  afterAll(() => store?.close());

  test.each(tableNames)("takes rows of %s as they are, with the columns of the table", async (table) => {
    const columns = await store.rows<{ name: string; type: string }>(
      "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String}",
      { table },
    );
    expect(Object.fromEntries(columns.map(({ name, type }) => [name, type]))).toEqual(tableColumns[table]);

    const rows = fc.sample(rowsOf(table), { seed: 5, numRuns: 30 }).flat();
    const sorted = rows.map((row, index) => ({
      ...row,
      values: { ...row.values, sessionId: `s-${1000 + index}` },
    }));
    const { stream } = await store.client.exec({
      query: `INSERT INTO ${table} FORMAT RowBinaryWithNamesAndTypes`,
      values: Readable.from([rowsHeader(table), toRowBinary(written(sorted), 1)], {
        objectMode: false,
      }),
    });
    stream.resume();
    const times = Object.entries<string>(tableColumns[table]).flatMap(([name, type]) =>
      type.includes("DateTime64") ? [`toUnixTimestamp64Milli(${name}) AS ${name}`] : [],
    );
    const replaced = times.length === 0 ? "*" : `* REPLACE (${times.join(", ")})`;
    const found = await store.rows<Record<string, unknown>>(
      `SELECT ${replaced} FROM ${table} ORDER BY sessionId`,
    );
    const bytes = toRowBinary(written(sorted), 1);
    expect(found).toEqual(readRowBinary(table, bytes));
  });

  test("refuses rows of other types and what is cut, and takes the next ones", async () => {
    const insert = async (header: Uint8Array): Promise<void> => {
      const row: Row = { table: "events", key: [], values: { projectId: "refused", sessionId: "s" } };
      const { stream } = await store.client.exec({
        query: "INSERT INTO events FORMAT RowBinaryWithNamesAndTypes",
        values: Readable.from([header, toRowBinary(written([row]), 1)], { objectMode: false }),
      });
      stream.resume();
    };
    const changed = Buffer.from(rowsHeader("events"));
    changed.write("UInt16", changed.indexOf("UInt32"));
    await expect(insert(changed)).rejects.toThrow(/must be UInt32, not UInt16/);
    await expect(insert(rowsHeader("events").subarray(0, 20))).rejects.toThrow(/Cannot read all data/);
    await insert(rowsHeader("events"));
    const found = await store.rows("SELECT position FROM events WHERE projectId = 'refused'");
    expect(found).toEqual([{ position: 0 }]);
  });
});
