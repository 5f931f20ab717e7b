import { FrameFault } from "./fault.ts";
import { maxFrameBytes, type FrameHeader } from "./frame.ts";

/** `wireVersion` of version.ts, a test says. Not imported: pages load what says hello and what makes frames from two files. */
const frameVersion = 2;

/** First byte of all frames from version 2 on: 1011 in the upper half, then the version in three bits, then 1 for a keyframe. */
const magic = 0xb0;

/** First, sequence, two bytes of checksum. */
const minFrameBytes = 4;

/** Writes what comes before the records. */
export const writeHeader = (put: (byte: number) => void, sequence: number, isKeyframe: boolean): void => {
  put(magic + frameVersion * 2 + (isKeyframe ? 1 : 0));
  let rest = sequence;
  for (; rest > 127; rest = Math.floor(rest / 128)) put((rest % 128) + 128);
  put(rest);
};

/** What a frame says without state, and where its records begin. Throws a fault. */
export const readHeader = (bytes: Uint8Array): FrameHeader & { readonly end: number } => {
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
  let sequence = 0;
  let end = 1;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[end++];
    if (byte === undefined || end > length - 2)
      throw new FrameFault("frame-corrupt", "ends within its header");
    sequence += (byte & 127) * scale;
    if (!Number.isSafeInteger(sequence)) throw new FrameFault("frame-corrupt", "sequence beyond 2^53");
    if (byte > 127) continue;
    if (byte === 0 && scale > 1) throw new FrameFault("frame-corrupt", "sequence with needless bytes");
    return { sequence, keyframe: (first & 1) === 1, end };
  }
};

/** What the hash of a keyframe begins with. */
export const hashSeed = 0x811c_9dc5;

/**
 * FNV-1a, 32 bits, begun with the hash of the frame before: it only fits what the frame was made to follow. Its upper 16 bits are
 * the checksum at the end of the frame, which is not hashed itself.
 */
export const chainHash = (bytes: Uint8Array, last: number): number => {
  let hash = last;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x0100_0193);
  return hash;
};
