import type { Coder } from "./coder.ts";
import { FrameFault } from "./fault.ts";
import { maxFrameBytes, type FrameHeader } from "./frame.ts";

/** `wireVersion` of version.ts, a test says. Not imported: pages load what says hello and what makes frames from two files. */
const frameVersion = 3;

/** First byte of all frames from version 2 on: 1011 in the upper half, then the version in three bits, then 1 for a keyframe. */
const magic = 0xb0;

export const checksumBytes = 2;

/** First, sequence, length of the decisions, checksum. */
const minFrameBytes = 5;

/** Most bytes of a frame around its bits. */
const maxHeadBytes = 20;

/** Frames lie behind each other in these: memory of its own for each of them costs more than what is put into it. */
const chunkBytes = 16_384;
let chunk: Uint8Array = /* @__PURE__ */ new Uint8Array(0);
let chunkAt = 0;

const put = (byte: number): void => {
  chunk[chunkAt++] = byte;
};

/** An integer that is not negative, seven bits a byte, low ones first. */
const putVarint = (value: number): void => {
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) put((rest % 128) + 128);
  put(rest);
};

const putAll = (bytes: Uint8Array, length: number): void => {
  for (let i = 0; i < length; i++) put(bytes[i] as number);
};

/** The frame that was written, without its checksum, for which it has room. */
export const frameOfWritten = (coder: Coder, sequence: number, isKeyframe: boolean): Uint8Array => {
  const { bytes, offset, plain, plainOffset } = coder;
  const most = offset + plainOffset + maxHeadBytes;
  if (chunkAt + most > chunk.length) {
    chunk = new Uint8Array(Math.max(most, chunkBytes));
    chunkAt = 0;
  }
  const start = chunkAt;
  put(magic + frameVersion * 2 + (isKeyframe ? 1 : 0));
  putVarint(sequence);
  putVarint(offset);
  putAll(bytes, offset);
  putAll(plain, plainOffset);
  chunkAt += checksumBytes;
  return chunk.subarray(start, chunkAt);
};

interface FrameParts extends FrameHeader {
  /** Where the decisions begin, and the plain bits behind them. */
  readonly start: number;
  readonly middle: number;
}

/** What a frame says without state. Throws a fault. */
export const readHeader = (bytes: Uint8Array): FrameParts => {
  const { length } = bytes;
  const first = bytes[0] ?? 0;
  if (length > maxFrameBytes) {
    throw new FrameFault("frame-too-large", `${length} bytes, at most ${maxFrameBytes} are allowed`);
  }
  if (length < minFrameBytes) {
    throw new FrameFault("frame-too-short", `${length} bytes, at least ${minFrameBytes} are needed`);
  }
  const isFirstVersion = first === 0x50 && bytes[1] === 0x53;
  if ((first & 0xf0) !== magic && !isFirstVersion) {
    throw new FrameFault("frame-not-peerscope", `begins with the byte ${first}`);
  }
  const version = isFirstVersion ? 1 : (first >> 1) & 7;
  if (version !== frameVersion) {
    throw new FrameFault(
      "frame-version-unsupported",
      `version ${version}, this reader knows ${frameVersion}`,
    );
  }
  let start = 1;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[start++];
      if (byte === undefined || start > length - checksumBytes)
        throw new FrameFault("frame-corrupt", "ends within its header");
      value += (byte & 127) * scale;
      if (!Number.isSafeInteger(value)) throw new FrameFault("frame-corrupt", "integer beyond 2^53");
      if (byte > 127) continue;
      if (byte === 0 && scale > 1) throw new FrameFault("frame-corrupt", "integer with needless bytes");
      return value;
    }
  };
  const sequence = varint();
  const middle = varint() + start;
  if (middle > length - checksumBytes)
    throw new FrameFault("frame-corrupt", "decisions that go beyond the frame");
  return { sequence, keyframe: (first & 1) === 1, start, middle };
};

/** What the hash of a keyframe begins with. */
export const hashSeed = 0x811c_9dc5;

/**
 * FNV-1a, 32 bits, begun with the hash of the frame before: it only fits what the frame was made to follow. Its upper 16 bits are
 * the checksum at the end of the frame, which is not hashed itself.
 */
export const chainHash = (frame: Uint8Array, last: number): number => {
  let hash = last;
  const end = frame.length - checksumBytes;
  for (let i = 0; i < end; i++) hash = Math.imul(hash ^ (frame[i] as number), 0x0100_0193);
  return hash;
};

/** Writes the checksum of a frame that has room for it, and returns its hash. */
export const sign = (frame: Uint8Array, last: number): number => {
  const hash = chainHash(frame, last);
  frame[frame.length - 2] = hash >>> 24;
  frame[frame.length - 1] = hash >>> 16;
  return hash;
};
