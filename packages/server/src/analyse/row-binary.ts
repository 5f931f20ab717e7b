/**
 * Rows as ClickHouse's RowBinaryWithNamesAndTypes takes them: half of the bytes of JSONEachRow, and half of the time here and in the
 * store. https://clickhouse.com/docs/interfaces/formats/RowBinary
 */
import type { Row } from "./rows.ts";
import { tableColumns, tableNames, type ColumnValue, type TableName } from "./table-columns.ts";

/** Bytes that grow, kept for the next rows unless they were unusually many. */
interface Sink {
  bytes: Buffer;
  length: number;
}

type Write = (sink: Sink, value: ColumnValue | undefined) => void;

interface Column {
  readonly name: string;
  readonly write: Write;
}

const usualBytes = 1 << 16;
/** Beyond it a text is not written character by character. Ours. */
const shortText = 64;

/** Makes room for more bytes. */
function reserve(sink: Sink, more: number): void {
  const needed = sink.length + more;
  if (needed <= sink.bytes.length) return;
  const grown = Buffer.allocUnsafeSlow(Math.max(needed, sink.bytes.length * 2));
  sink.bytes.copy(grown, 0, 0, sink.length);
  sink.bytes = grown;
}

function putByte(sink: Sink, byte: number): void {
  reserve(sink, 1);
  sink.bytes[sink.length] = byte;
  sink.length += 1;
}

/** LEB128 of a length. */
function putLength(sink: Sink, length: number): void {
  let rest = length;
  for (; rest > 127; rest >>>= 7) putByte(sink, (rest & 127) | 128);
  putByte(sink, rest);
}

/** UTF-8. Lone surrogates, which a hostile client can put into any text, become U+FFFD. */
function putText(sink: Sink, text: string): void {
  if (text.length <= shortText && putAscii(sink, text)) return;
  const bytes = Buffer.byteLength(text);
  putLength(sink, bytes);
  reserve(sink, bytes);
  sink.length += sink.bytes.write(text, sink.length, "utf8");
}

/** Nearly all short texts are names, and calling Buffer takes longer than to copy them. False when this one is not ASCII. */
function putAscii(sink: Sink, text: string): boolean {
  reserve(sink, shortText + 1);
  const { bytes, length } = sink;
  bytes[length] = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 127) return false;
    bytes[length + 1 + index] = code;
  }
  sink.length = length + 1 + text.length;
  return true;
}

/** Numbers of one size. Those that the type cannot hold become the nearest that it can, and what is none becomes 0. */
function numbers(size: number, max: number, put: (bytes: Buffer, value: number, at: number) => void): Write {
  return (sink, value) => {
    reserve(sink, size);
    const safe = typeof value === "number" && Number.isFinite(value) ? value : 0;
    put(sink.bytes, max === Infinity ? safe : Math.min(Math.max(Math.round(safe), 0), max), sink.length);
    sink.length += size;
  };
}

/** Whole numbers up to 2^53, which all of ours are. */
const putWide = (bytes: Buffer, value: number, at: number): void => {
  bytes.writeUInt32LE(value >>> 0, at);
  bytes.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4);
};
/** The last instant that DateTime64(3) takes from a text as well, Unix ms. */
const lastInstant = 9_999_999_999_999;

const plain: Readonly<Record<string, Write>> = {
  String: (sink, value) => putText(sink, typeof value === "string" ? value : ""),
  UInt8: numbers(1, 2 ** 8 - 1, (bytes, value, at) => bytes.writeUInt8(value, at)),
  UInt16: numbers(2, 2 ** 16 - 1, (bytes, value, at) => bytes.writeUInt16LE(value, at)),
  UInt32: numbers(4, 2 ** 32 - 1, (bytes, value, at) => bytes.writeUInt32LE(value, at)),
  UInt64: numbers(8, Number.MAX_SAFE_INTEGER, putWide),
  Float32: numbers(4, Infinity, (bytes, value, at) => bytes.writeFloatLE(value, at)),
  Float64: numbers(8, Infinity, (bytes, value, at) => bytes.writeDoubleLE(value, at)),
  "DateTime64(3, 'UTC')": numbers(8, lastInstant, putWide),
};

/** Writes values of this type; what is missing as the type's default. */
function writerOf(type: string): Write {
  const known = plain[type];
  if (known !== undefined) return known;
  const [, outer = "", inside = ""] = /^(\w+)\((.*)\)$/.exec(type) ?? [];
  if (outer === "LowCardinality") return writerOf(inside);
  if (outer === "Nullable") return nullable(writerOf(inside));
  if (outer === "Array") return list(writerOf(inside));
  const [key = "", value = ""] = inside.split(", ");
  if (outer === "Map") return map(writerOf(key), writerOf(value));
  throw new Error(`rows have no columns of type ${type}`);
}

function nullable(inner: Write): Write {
  return (sink, value) => {
    const isNull =
      value === null || value === undefined || (typeof value === "number" && !Number.isFinite(value));
    putByte(sink, isNull ? 1 : 0);
    if (!isNull) inner(sink, value);
  };
}

function list(inner: Write): Write {
  return (sink, value) => {
    const members: readonly string[] = Array.isArray(value) ? value : [];
    putLength(sink, members.length);
    for (const member of members) inner(sink, member);
  };
}

function map(key: Write, inner: Write): Write {
  return (sink, value) => {
    const entries: readonly [string, ColumnValue][] =
      typeof value === "object" && value !== null ? Object.entries(value) : [];
    putLength(sink, entries.length);
    for (const [name, member] of entries) {
      key(sink, name);
      inner(sink, member);
    }
  };
}

/** Without version and deletion, which the writing gives a row. */
function columnsOf(table: TableName): Column[] {
  const named = Object.entries(tableColumns[table]).filter(
    ([name]) => name !== "version" && name !== "isDeleted",
  );
  return named.map(([name, type]) => ({ name, write: writerOf(type) }));
}

const putVersion = writerOf("UInt64");
/** Version and deletion are the last columns of every table. */
const columns = new Map(tableNames.map((table) => [table, columnsOf(table)]));
const sink: Sink = { bytes: Buffer.allocUnsafeSlow(usualBytes), length: 0 };

/** Nothing is there, also when what was put before failed in the middle. */
function begin(): void {
  sink.length = 0;
  if (sink.bytes.length > usualBytes * 16) sink.bytes = Buffer.allocUnsafeSlow(usualBytes);
}

const taken = (): Uint8Array<ArrayBuffer> => new Uint8Array(sink.bytes.subarray(0, sink.length));

/** What comes before the rows of an insert: names of the columns and their types. */
export function rowsHeader(table: TableName): Uint8Array<ArrayBuffer> {
  const named = Object.entries(tableColumns[table]);
  begin();
  putLength(sink, named.length);
  for (const [name] of named) putText(sink, name);
  for (const [, type] of named) putText(sink, type);
  return taken();
}

function putValues({ table, values }: Row): void {
  for (const { name, write } of columns.get(table) ?? []) write(sink, values[name]);
}

/** Rows of one table, without the header. */
export function toRowBinary(
  rows: readonly { readonly row: Row; readonly isDeleted: boolean }[],
  version: number,
): Uint8Array<ArrayBuffer> {
  begin();
  for (const { row, isDeleted } of rows) {
    putValues(row);
    putVersion(sink, version);
    putByte(sink, isDeleted ? 1 : 0);
  }
  return taken();
}

/**
 * 48 bits of what the row says, of two multiplicative hashes. It compares what we wrote with what we wrote, so nobody gains by two rows
 * that have the same.
 */
export function hashOfRow(row: Row): number {
  begin();
  putValues(row);
  const { bytes, length } = sink;
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (let index = 0; index < length; index += 1) {
    const byte = bytes[index] ?? 0;
    low = Math.imul(low ^ byte, 0x85ebca6b);
    low ^= low >>> 15;
    high = Math.imul(high ^ byte, 0x01000193);
  }
  high ^= Math.imul(low, 0xc2b2ae35) >>> 13;
  return (low >>> 0) + ((high ^ (high >>> 16)) & 0xffff) * 2 ** 32;
}
