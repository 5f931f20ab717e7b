/** What of the coder only one that reads needs. */
import { type Coder, drop, farStep, intervalMask, maxOnes, type Reader } from "./coder.ts";
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

/** Plain bits that a reader sees at least: zeros behind the last one. */
const fill = (coder: Coder, count: number): void => {
  while (coder.heldCount < count) {
    const at = coder.plainOffset++;
    if (at > coder.plainEnd + lookahead) throw endsEarly();
    coder.held = (coder.held << 8) | (at < coder.plainEnd ? (coder.plain[at] as number) : 0);
    coder.heldCount += 8;
  }
};

/** Units that are made a text at once. */
const chunk = 4096;

const textOf = (units: readonly number[], from: number): string => {
  let text = "";
  for (let at = from; at < units.length; at += chunk)
    text += String.fromCharCode(...units.slice(at, at + chunk));
  return text;
};

export const reader: Reader = {
  take,
  plain(coder, count) {
    fill(coder, count);
    return drop(coder, count);
  },
  step(coder) {
    fill(coder, maxOnes + 1);
    const ones = Math.clz32(~(coder.held << (32 - coder.heldCount)));
    if (ones < maxOnes) return 2 * ones + (drop(coder, ones + 2) & 1);
    drop(coder, maxOnes);
    return farStep;
  },
  text: textOf,
};

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
  coder.plain = bytes;
  coder.plainOffset = middle;
  coder.plainEnd = end;
  coder.held = 0;
  coder.heldCount = 0;
};

/** Both parts end here, and as `finishWriting` ends them. */
export const isAtEnd = (coder: Coder): boolean => {
  const { low, value, offset, end, held, heldCount, plainOffset, plainEnd } = coder;
  return (
    end === offset - lookahead + (low > 0 ? 1 : 0) &&
    value === (low > 0 ? (low >> 16) + 1 : 0) << 16 &&
    plainEnd === plainOffset - (heldCount >> 3) &&
    held === 0
  );
};
