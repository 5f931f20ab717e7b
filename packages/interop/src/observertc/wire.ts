import type { JsonObject, JsonValue } from "@peerscope/schema";
import { identifierText, utf8OrNull } from "./identifiers.ts";
import type { Field, Fields } from "./schema.ts";

/** Fields of one message that are read. Ours: the largest sample seen has some 4,000. */
const maxFields = 200_000;

/** A tag and where its content is. */
interface WireField {
  readonly number: number;
  readonly wireType: number;
  /** Of a varint. */
  readonly integer: number;
  /** Of the content, where it has a length. */
  readonly start: number;
  readonly end: number;
}

/** Calls back for every field between two places; false when the bytes are no protobuf message. */
function forEachField(
  bytes: Uint8Array,
  from: number,
  to: number,
  visit: (field: WireField) => boolean,
): boolean {
  let at = from;
  while (at < to) {
    const tag = readVarint(bytes, at, to);
    if (tag === null || tag.value < 8 || tag.value > 0xffff_ffff) return false;
    const wireType = tag.value % 8;
    const number = Math.floor(tag.value / 8);
    let start = tag.next;
    let end = start;
    let integer = 0;
    if (wireType === 0) {
      const value = readVarint(bytes, start, to);
      if (value === null) return false;
      integer = value.value;
      end = value.next;
    } else if (wireType === 1) end = start + 8;
    else if (wireType === 5) end = start + 4;
    else if (wireType === 2) {
      const length = readVarint(bytes, start, to);
      if (length === null || length.value < 0) return false;
      start = length.next;
      end = start + length.value;
    } else return false;
    if (end > to || !visit({ number, wireType, integer, start, end })) return false;
    at = end;
  }
  return true;
}

function readVarint(
  bytes: Uint8Array,
  from: number,
  to: number,
): { readonly value: number; readonly next: number } | null {
  let low = 0;
  let factor = 1;
  for (let at = from; at < to && at < from + 10; at += 1) {
    const byte = bytes[at] ?? 0;
    low += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte < 0x80) {
      // Ten bytes are a negative number: all upper bits are set, and a double would round the lower ones away.
      if (at - from === 9) return { value: negative(bytes, from), next: at + 1 };
      return { value: low, next: at + 1 };
    }
  }
  return null;
}

function negative(bytes: Uint8Array, from: number): number {
  let value = 0n;
  for (let index = 9; index >= 0; index -= 1)
    value = (value << 7n) | BigInt((bytes[from + index] ?? 0) & 0x7f);
  return Number(BigInt.asIntN(64, value));
}

const wireTypes: { readonly [kind in Field["kind"]]: number } = {
  double: 1,
  integer: 0,
  boolean: 0,
  word: 0,
  text: 2,
  identifier: 2,
  record: 2,
};

/** Fields of a message that these fields do not explain: another number, or another kind; null when it is no message at all. */
export function countMisfits(bytes: Uint8Array, fields: Fields): number | null {
  let misfits = 0;
  let seen = 0;
  const count = (from: number, to: number, known: Fields): boolean =>
    forEachField(bytes, from, to, ({ number, wireType, start, end }) => {
      seen += 1;
      const field = known[number];
      if (field === undefined || wireTypes[field.kind] !== wireType) misfits += 1;
      else if (field.kind === "record" && !count(start, end, field.fields)) misfits += 1;
      return seen <= maxFields;
    });
  return count(0, bytes.length, fields) ? misfits : null;
}

/** The message as the JSON that its sender would have sent; null when it is none. Unknown fields are left out. */
export function readMessage(bytes: Uint8Array, fields: Fields): JsonObject | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let seen = 0;
  const read = (from: number, to: number, known: Fields): JsonObject | null => {
    const message: Record<string, JsonValue> = {};
    const lists = new Map<string, JsonValue[]>();
    const isRead = forEachField(bytes, from, to, (wire) => {
      seen += 1;
      const field = known[wire.number];
      if (field !== undefined && wireTypes[field.kind] === wire.wireType) {
        const value =
          field.kind === "record" ? read(wire.start, wire.end, field.fields) : scalar(field, wire);
        if (value === null) return true;
        if (!field.isRepeated) message[field.name] = value;
        else {
          const list = lists.get(field.name) ?? [];
          list.push(value);
          lists.set(field.name, list);
        }
      }
      return seen <= maxFields;
    });
    if (!isRead) return null;
    for (const [name, list] of lists) message[name] = list;
    return message;
  };
  const scalar = ({ kind, words }: Field, { integer, start, end }: WireField): JsonValue => {
    switch (kind) {
      case "double": {
        const value = view.getFloat64(start, true);
        return Number.isFinite(value) ? value : null;
      }
      case "integer":
        return integer;
      case "boolean":
        return integer !== 0;
      case "word":
        return words[integer] ?? null;
      case "text":
        return utf8OrNull(bytes.subarray(start, end));
      default:
        return identifierText(bytes.subarray(start, end));
    }
  };
  return read(0, bytes.length, fields);
}
