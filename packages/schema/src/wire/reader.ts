/** What of the coder only one that reads needs. */
import { type Coder, farStep, intervalMask, isSettled, maxOnes, type Reader } from "./coder.ts";
import { FrameFault } from "./fault.ts";

/** Bytes that a reader of decisions looks ahead. */
const lookahead = 3;

const endsEarly = (): FrameFault => new FrameFault("frame-corrupt", "ends within a record");

/** The next byte of decisions. Behind the last one are as many zeros as `finish` left out. */
const take = (coder: Coder): number => {
  const at = coder.offset++;
  if (at < coder.end) return coder.bytes[at] as number;
  if (at > coder.end + lookahead) throw endsEarly();
  return 0;
};

/** The next 25 plain bits, some bits further on, at the upper end of an int32. */
export const windowAt = ({ plain, plainOffset }: Coder, further: number): number => {
  const bit = plainOffset + further;
  const at = bit >> 3;
  const word =
    ((plain[at] as number) << 24) |
    ((plain[at + 1] as number) << 16) |
    ((plain[at + 2] as number) << 8) |
    (plain[at + 3] as number);
  return word << (bit & 7);
};

/** Goes on behind plain bits that were looked at. */
export const skip = (coder: Coder, count: number): void => {
  coder.plainOffset += count;
  if (coder.plainOffset > coder.plainEnd) throw endsEarly();
};

/** Units that are made a text at once. */
const chunk = 4096;

const textOf = (units: readonly number[], from: number): string => {
  let text = "";
  for (let at = from; at < units.length; at += chunk)
    text += String.fromCharCode(...units.slice(at, at + chunk));
  return text;
};

/** Leaves what both ends of the interval have in common behind. */
const settle = (coder: Coder): void => {
  let { low, high, value } = coder;
  do {
    low = (low << 8) & intervalMask;
    high = ((high << 8) & intervalMask) | 255;
    value = ((value << 8) & intervalMask) | take(coder);
  } while (isSettled(low, high));
  coder.low = low;
  coder.high = high;
  coder.value = value;
};

export const reader: Reader = {
  settle,
  plain(coder, count) {
    if (count === 0) return 0;
    const value = windowAt(coder, 0) >>> (32 - count);
    skip(coder, count);
    return value;
  },
  step(coder) {
    const window = windowAt(coder, 0);
    const ones = Math.clz32(~window);
    if (ones < maxOnes) {
      skip(coder, ones + 2);
      return 2 * ones + ((window >>> (30 - ones)) & 1);
    }
    skip(coder, maxOnes);
    return farStep;
  },
  text: textOf,
};

/** Zeros behind the last plain bits, which `windowAt` may look at. */
const padding = 8;
/** Plain bits of the frame at hand, for all decoders; those of a larger frame have room of their own. */
const usualPlain: Uint8Array = /* @__PURE__ */ new Uint8Array(16_384);

/** Reads decisions from `offset` up to `middle`, and plain bits from there up to `end`. */
export const beginReading = (
  coder: Coder,
  bytes: Uint8Array,
  offset: number,
  middle: number,
  end: number,
): void => {
  coder.bytes = bytes;
  coder.offset = offset;
  coder.end = middle;
  coder.low = 0;
  coder.high = intervalMask;
  coder.value = 0;
  for (let i = 0; i < lookahead; i++) coder.value = (coder.value << 8) | take(coder);
  const length = end - middle;
  const isUsual = length + padding <= usualPlain.length;
  coder.plain = isUsual ? usualPlain : new Uint8Array(length + padding);
  coder.plain.set(bytes.subarray(middle, end));
  coder.plain.fill(0, length, length + padding);
  coder.plainOffset = 0;
  coder.plainEnd = length * 8;
};

/** Both parts end here, and as `finishWriting` ends them. */
export const isAtEnd = (coder: Coder): boolean => {
  const { low, value, offset, end, plainOffset, plainEnd } = coder;
  return (
    end === offset - lookahead + (low > 0 ? 1 : 0) &&
    value === (low > 0 ? (low >> 16) + 1 : 0) << 16 &&
    plainEnd === ((plainOffset + 7) & ~7) &&
    windowAt(coder, 0) === 0
  );
};
