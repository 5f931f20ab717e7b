/**
 * Bits of a frame, in two parts beside each other. Decisions whose outcome can be foreseen go through a binary arithmetic coder with
 * adaptive probabilities, as in the PAQ family of compressors (M. Mahoney, "Data Compression Explained", section 4.1): each costs what it is worth
 * after what was seen, down to some 0.005 bits. Plain bits, which nothing foretells, are put as they are, many at a time: they
 * are most of a frame, and cost next to no time.
 *
 * Both directions have the same functions, so that what is built on them is written once and cannot differ between encoder and decoder:
 * one that writes codes what it is given and returns it, one that reads ignores it and returns what was written. They are functions on
 * plain data because that is what engines compile best; this is the innermost loop of all.
 */

/** What only one that reads can do. Pages, which only write, do not load it. */
export interface Reader {
  /** Leaves what both ends of the interval have in common behind. */
  readonly settle: (coder: Coder) => void;
  readonly plain: (coder: Coder, count: number) => number;
  readonly step: (coder: Coder) => number;
  /** The text of the units from a place on. */
  readonly text: (units: readonly number[], from: number) => string;
}

/** Where the bits of a frame come from or go to. */
export interface Coder {
  /** Of one that reads. */
  readonly reader: Reader | undefined;
  /** Decisions: bytes from `offset` to `end`. */
  bytes: Uint8Array;
  offset: number;
  end: number;
  /** The interval, and of a reader where in it the bytes are. */
  low: number;
  high: number;
  value: number;
  /** Plain bits. The place of the next: of one that writes in bytes, of one that reads in bits, up to `plainEnd`. */
  plain: Uint8Array;
  plainOffset: number;
  plainEnd: number;
  /** Of one that writes, those that wait: the lower `heldCount` bits of `held`. */
  held: number;
  heldCount: number;
}

/** A probability that has seen nothing: one half in the upper twelve bits, a count of 0 in the lower four. */
export const newCell: number = 2048 << 4;

/** 65536 / (n + 1.5): how far the probability moves after n bits. From 14 on it stays. */
const pace: Int32Array = Int32Array.from({ length: 16 }, (_, n) => 65_536 / (Math.min(n, 14) + 1.5));

/** The cell after a bit. */
export const learned = (cell: number, bit: number): number => {
  const count = cell & 15;
  const probability = cell >> 4;
  const moved = probability + ((((bit << 12) - bit - probability) * (pace[count] as number)) >> 16);
  return (moved << 4) | (count < 15 ? count + 1 : 15);
};

/** Bits of the interval that is divided, so that it fits a small integer in every engine. */
export const intervalMask = 0xff_ff_ff;

/** Plain bits that are coded at once. With seven that wait they fit a small integer in every engine. */
export const maxPlainCount = 22;

export const createCoder = (reader?: Reader): Coder => ({
  reader,
  bytes: new Uint8Array(256),
  offset: 0,
  end: 0,
  low: 0,
  high: intervalMask,
  value: 0,
  plain: new Uint8Array(256),
  plainOffset: 0,
  plainEnd: 0,
  held: 0,
  heldCount: 0,
});

const grown = (bytes: Uint8Array): Uint8Array => {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
};

/** The ends of the interval have their upper eight bits in common. */
export const isSettled = (low: number, high: number): boolean => ((low ^ high) & 0xff_00_00) === 0;

const put = (coder: Coder, byte: number): void => {
  if (coder.offset === coder.bytes.length) coder.bytes = grown(coder.bytes);
  coder.bytes[coder.offset++] = byte;
};

/** Leaves what both ends of the interval have in common behind. */
const settle = (coder: Coder): void => {
  if (coder.reader) return coder.reader.settle(coder);
  do {
    put(coder, coder.high >> 16);
    coder.low = (coder.low << 8) & intervalMask;
    coder.high = ((coder.high << 8) & intervalMask) | 255;
  } while (isSettled(coder.low, coder.high));
};

/** A decision (0 or 1) under the probability of a cell. It is up to the caller that the cell learns from it. */
export const codeBit = (coder: Coder, cell: number, bit: number): number => {
  const { low, high } = coder;
  const probability = cell >> 4;
  const range = high - low;
  // Both parts have at least one value.
  const middle = low + (range >> 12) * probability + (((range & 4095) * probability) >> 12);
  // Whether the value is not above the middle, and which end moves: without branches, which nobody could predict here.
  const coded = coder.reader ? (coder.value - middle - 1) >>> 31 : bit;
  coder.high = high + ((middle - high) & -coded);
  coder.low = low + ((middle + 1 - low) & (coded - 1));
  if (isSettled(coder.low, coder.high)) settle(coder);
  return coded;
};

/** A decision under the probability in `cells[index]`, which learns from it. */
export const codeCell = (coder: Coder, cells: Uint16Array, index: number, bit: number): number => {
  const cell = cells[index] as number;
  const coded = codeBit(coder, cell, bit);
  cells[index] = learned(cell, coded);
  return coded;
};

/** Takes the uppermost of the bits that wait. */
const drop = (coder: Coder, count: number): number => {
  coder.heldCount -= count;
  const dropped = coder.held >> coder.heldCount;
  coder.held &= (1 << coder.heldCount) - 1;
  return dropped;
};

/** An integer of `count` plain bits, at most 22. */
export const codePlain = (coder: Coder, count: number, value: number): number => {
  if (coder.reader) return coder.reader.plain(coder, count);
  coder.held = (coder.held << count) | value;
  coder.heldCount += count;
  while (coder.heldCount >= 8) {
    if (coder.plainOffset === coder.plain.length) coder.plain = grown(coder.plain);
    coder.plain[coder.plainOffset++] = drop(coder, 8);
  }
  return value;
};

/** Ones at most in front of what `codeStep` codes. */
export const maxOnes = 7;
/** What stands for all steps from here on. */
export const farStep: number = 2 * maxOnes;

/** A number that is mostly small: half of it as plain ones and a zero behind them, then a bit for the other half; from `farStep` on just the ones. */
export const codeStep = (coder: Coder, value: number): number => {
  if (coder.reader) return coder.reader.step(coder);
  const ones = value >> 1;
  if (ones < maxOnes) codePlain(coder, ones + 2, (((1 << ones) - 1) << 2) | (value & 1));
  else codePlain(coder, maxOnes, (1 << maxOnes) - 1);
  return value;
};

/** Forgets what was written. */
export const beginWriting = (coder: Coder): void => {
  coder.offset = 0;
  coder.low = 0;
  coder.high = intervalMask;
  coder.plainOffset = 0;
  coder.held = 0;
  coder.heldCount = 0;
};

/** Ends what is written, so that all of it is in `bytes` up to `offset` and `plain` up to `plainOffset`. */
export const finishWriting = (coder: Coder): void => {
  // The first bytes of both ends differ, so this one with zeros behind it lies in the interval.
  if (coder.low > 0) put(coder, (coder.low >> 16) + 1);
  codePlain(coder, (8 - coder.heldCount) & 7, 0);
};
