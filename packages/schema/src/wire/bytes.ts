import type { FrameErrorCode } from "./frame.ts";
import { utf8Bytes, utf8Text } from "./text.ts";

/** Grows as it is written. Nothing here throws: what is written was bounded before. */
export interface ByteWriter {
  bytes: Uint8Array;
  /** Bytes written so far, and where the next one goes. */
  length: number;
}

export const createByteWriter = (): ByteWriter => ({ bytes: new Uint8Array(1024), length: 0 });

/** Makes room for `count` more bytes and says where they start. What is in them is not said. */
export const reserve = (writer: ByteWriter, count: number): number => {
  const start = writer.length;
  writer.length += count;
  if (writer.length > writer.bytes.length) {
    const grown = new Uint8Array(writer.length * 2);
    grown.set(writer.bytes);
    writer.bytes = grown;
  }
  return start;
};

export const writeByte = (writer: ByteWriter, byte: number): void => {
  const start = reserve(writer, 1);
  writer.bytes[start] = byte;
};

/** LEB128 of a safe integer ≥ 0: seven bits a byte, low ones first. */
export const writeVarint = (writer: ByteWriter, value: number): void => {
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) writeByte(writer, (rest % 128) + 128);
  writeByte(writer, rest);
};

/**
 * A safe integer: the sign is the lowest bit of the first byte, then the magnitude as in a varint. As zigzag, but
 * without doubling the number, so that ±(2^53−1) stay exact. Only 0 starts with a zero byte.
 */
export const writeSigned = (writer: ByteWriter, value: number): void => {
  const magnitude = Math.abs(value);
  const first = (magnitude % 64) * 2 + (value < 0 ? 1 : 0);
  if (magnitude < 64) writeByte(writer, first);
  else {
    writeByte(writer, first + 128);
    writeVarint(writer, Math.floor(magnitude / 64));
  }
};

/** Length in bytes times two, then UTF-8; a text with lone surrogates is UTF-16 (low byte first) and its length is odd. */
export const writeText = (writer: ByteWriter, text: string): void => {
  const wide = /[\uD800-\uDFFF]/u.test(text);
  const bytes = wide ? new Uint8Array(text.length * 2) : utf8Bytes(text);
  if (wide) {
    for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i >> 1) >> ((i & 1) * 8);
  }
  writeVarint(writer, bytes.length * 2 + (wide ? 1 : 0));
  const start = reserve(writer, bytes.length);
  writer.bytes.set(bytes, start);
};

/** Thrown by the readers below and caught in `decode`. */
export class FrameFault extends Error {
  readonly code: FrameErrorCode;
  constructor(code: FrameErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export const corrupt = (message: string): FrameFault => new FrameFault("frame-corrupt", message);

/** Reads forwards and never past the end. */
export interface ByteReader {
  readonly bytes: Uint8Array;
  offset: number;
}

export const createByteReader = (bytes: Uint8Array): ByteReader => ({ bytes, offset: 0 });

/** The next byte, which stays where it is. */
export const peekByte = (reader: ByteReader): number => {
  const byte = reader.bytes[reader.offset];
  if (byte === undefined) throw corrupt(`ends within a value, at byte ${reader.offset}`);
  return byte;
};

export const readByte = (reader: ByteReader): number => {
  const byte = peekByte(reader);
  reader.offset++;
  return byte;
};

export const readBytes = (reader: ByteReader, count: number): Uint8Array => {
  const end = reader.offset + count;
  if (end > reader.bytes.length) throw corrupt(`ends within ${count} bytes, at byte ${reader.offset}`);
  const piece = reader.bytes.subarray(reader.offset, end);
  reader.offset = end;
  return piece;
};

/** Adds the varint that follows, times `scale`, to `value`. Refuses what is longer than needed or not a safe integer. */
const readVarintOnto = (reader: ByteReader, value: number, scale: number): number => {
  let sum = value;
  let factor = scale;
  for (;;) {
    const byte = readByte(reader);
    sum += (byte & 127) * factor;
    if (!Number.isSafeInteger(sum)) throw corrupt(`integer beyond 2^53, before byte ${reader.offset}`);
    if (byte < 128) {
      if (byte === 0 && factor > 1)
        throw corrupt(`integer with needless bytes, before byte ${reader.offset}`);
      return sum;
    }
    factor *= 128;
  }
};

export const readVarint = (reader: ByteReader): number => readVarintOnto(reader, 0, 1);

export const readSigned = (reader: ByteReader): number => {
  const first = readByte(reader);
  const low = (first >> 1) & 63;
  const magnitude = first < 128 ? low : readVarintOnto(reader, low, 64);
  if ((first & 1) === 0) return magnitude;
  if (magnitude === 0) throw corrupt(`integer minus zero, before byte ${reader.offset}`);
  return -magnitude;
};

export const readText = (reader: ByteReader): string => {
  const header = readVarint(reader);
  const bytes = readBytes(reader, Math.floor(header / 2));
  if (header % 2 === 0) return utf8Text(bytes);
  if (bytes.length % 2 !== 0) throw corrupt(`UTF-16 text of half a unit, before byte ${reader.offset}`);
  const units: string[] = [];
  for (let i = 0; i < bytes.length; i += 2) {
    units.push(String.fromCharCode((bytes[i] ?? 0) + 256 * (bytes[i + 1] ?? 0)));
  }
  return units.join("");
};
