import { tableColumns, type TableName } from "../table-columns.ts";

type Value = string | number | null | Value[] | { [key: string]: Value };

/** Rows that `toRowBinary` made, read by the format's definition. Times are Unix ms. */
export function readRowBinary(table: TableName, bytes: Uint8Array): Record<string, Value>[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const move = (size: number): number => {
    at += size;
    return at - size;
  };
  const length = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = view.getUint8(move(1));
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const text = (): string => {
    const size = length();
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(move(size), at));
  };
  const read = (type: string): Value => {
    if (type === "String") return text();
    if (type === "UInt8") return view.getUint8(move(1));
    if (type === "UInt16") return view.getUint16(move(2), true);
    if (type === "UInt32") return view.getUint32(move(4), true);
    if (type === "UInt64") return Number(view.getBigUint64(move(8), true));
    if (type === "Float32") return view.getFloat32(move(4), true);
    if (type === "Float64") return view.getFloat64(move(8), true);
    if (type.startsWith("DateTime64")) return Number(view.getBigInt64(move(8), true));
    const [, outer = "", inner = ""] = /^(\w+)\((.*)\)$/.exec(type) ?? [];
    if (outer === "LowCardinality") return read(inner);
    if (outer === "Nullable") return view.getUint8(move(1)) === 1 ? null : read(inner);
    if (outer === "Array") return Array.from({ length: length() }, () => read(inner));
    const [key = "", value = ""] = inner.split(", ");
    return Object.fromEntries(Array.from({ length: length() }, () => [read(key), read(value)]));
  };
  const rows: Record<string, Value>[] = [];
  while (at < bytes.length)
    rows.push(
      Object.fromEntries(Object.entries(tableColumns[table]).map(([name, type]) => [name, read(type)])),
    );
  return rows;
}
