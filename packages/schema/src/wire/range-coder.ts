/**
 * A binary arithmetic coder with adaptive probabilities, as in the PAQ family of compressors (M. Mahoney, "Data Compression
 * Explained", section 4.1): each bit costs what it is worth after what was seen, down to some 0.005 bits for the expected. Both directions
 * have one interface, so that what is built on it (model.ts) is written once and cannot differ between encoder and decoder.
 */

import { FrameFault } from "./fault.ts";

/** Codes bits: an encoder writes what it is given and returns it, a decoder ignores what it is given and returns what was written. */
export interface BitCoder {
  /** A bit (0 or 1) under the probability in `cells[index]`, which learns from it. */
  readonly bit: (cells: Uint16Array, index: number, bit: number) => number;
  /** An integer of `count` bits, at most 30, all values of which are equally likely. */
  readonly even: (count: number, value: number) => number;
}

/** A probability that has seen nothing: one half in the upper twelve bits, a count of 0 in the lower four. */
export const newCell: number = 2048 << 4;

/** 65536 / (n + 1.5): how far the probability moves after n bits. From 14 on it stays. */
const pace: Int32Array = Int32Array.from({ length: 16 }, (_, n) => 65_536 / (Math.min(n, 14) + 1.5));

/** The cell after a bit. */
const learned = (cell: number, bit: number): number => {
  const count = cell & 15;
  const probability = cell >> 4;
  const moved = probability + ((((bit << 12) - bit - probability) * (pace[count] as number)) >> 16);
  return (moved << 4) | (count < 15 ? count + 1 : 15);
};

/** Bits of the interval that is divided. The interval fits a small integer in every engine. */
const intervalMask = 0xff_ff_ff;

/** Divides the interval from `low` to `high` so that both parts have at least one value. */
const divide = (low: number, high: number, probability: number): number => {
  const range = high - low;
  return low + (range >> 12) * probability + (((range & 4095) * probability) >> 12);
};

/** How many even bits are coded in one step: eight, as long as the interval is wide enough for little to be lost. */
const evenWidth = (low: number, high: number, left: number): number =>
  high - low < 0xff_ff ? 1 : Math.min(left, 8);

/** Writes bits into bytes. */
export interface RangeEncoder extends BitCoder {
  /** Forgets what was written. */
  readonly begin: () => void;
  /** Writes a byte as it is: before the first bit, or after `finish`. */
  readonly put: (byte: number) => void;
  /** Ends the bits. */
  readonly finish: () => void;
  /** What was written so far; the next byte changes it. */
  readonly bytes: () => Uint8Array<ArrayBuffer>;
}

export const createRangeEncoder = (): RangeEncoder => {
  let buffer = new Uint8Array(1024);
  let length = 0;
  let low = 0;
  let high = intervalMask;

  const put = (byte: number): void => {
    if (length === buffer.length) {
      const grown = new Uint8Array(length * 2);
      grown.set(buffer);
      buffer = grown;
    }
    buffer[length++] = byte;
  };

  /** Writes what both ends of the interval have in common. */
  const settle = (): void => {
    while (((low ^ high) & 0xff_00_00) === 0) {
      put(high >> 16);
      low = (low << 8) & intervalMask;
      high = ((high << 8) & intervalMask) | 255;
    }
  };

  return {
    bit(cells, index, bit) {
      const cell = cells[index] as number;
      cells[index] = learned(cell, bit);
      const middle = divide(low, high, cell >> 4);
      if (bit === 1) high = middle;
      else low = middle + 1;
      settle();
      return bit;
    },
    even(count, value) {
      for (let left = count; left > 0;) {
        const width = evenWidth(low, high, left);
        left -= width;
        const step = (high - low + 1) >> width;
        const part = (value >> left) & ((1 << width) - 1);
        low += part * step;
        high = low + step - 1;
        settle();
      }
      return value;
    },
    begin() {
      length = 0;
      low = 0;
      high = intervalMask;
    },
    put,
    finish() {
      // The first bytes differ, so this one and whatever follows it lie in the interval.
      if (low > 0) put((low >> 16) + 1);
    },
    bytes: () => buffer.subarray(0, length),
  };
};

/** Reads bits from bytes, which are followed by as many zeros as `finish` left out. Throws a fault when more is wanted. */
export interface RangeDecoder extends BitCoder {
  /** Reads from here on. */
  readonly begin: (bytes: Uint8Array) => void;
  /** The message ends here, and as an encoder ends it. */
  readonly isAtEnd: () => boolean;
}

/** Bytes a decoder looks ahead. */
const lookahead = 3;

export const createRangeDecoder = (): RangeDecoder => {
  let bytes: Uint8Array = new Uint8Array();
  let length = 0;
  let offset = 0;
  let low = 0;
  let high = intervalMask;
  let value = 0;

  const take = (): number => {
    if (offset > length + lookahead) throw new FrameFault("frame-corrupt", "ends within a record");
    return bytes[offset++] ?? 0;
  };

  /** Leaves what both ends of the interval have in common behind. */
  const settle = (): void => {
    while (((low ^ high) & 0xff_00_00) === 0) {
      low = (low << 8) & intervalMask;
      high = ((high << 8) & intervalMask) | 255;
      value = ((value << 8) & intervalMask) | take();
    }
  };

  return {
    begin(message) {
      bytes = message;
      ({ length } = message);
      offset = 0;
      low = 0;
      high = intervalMask;
      value = 0;
      for (let i = 0; i < lookahead; i++) value = (value << 8) | take();
    },
    bit(cells, index) {
      const cell = cells[index] as number;
      const middle = divide(low, high, cell >> 4);
      const bit = value <= middle ? 1 : 0;
      if (bit === 1) high = middle;
      else low = middle + 1;
      cells[index] = learned(cell, bit);
      settle();
      return bit;
    },
    even(count) {
      let read = 0;
      for (let left = count; left > 0;) {
        const width = evenWidth(low, high, left);
        left -= width;
        const step = (high - low + 1) >> width;
        const part = Math.min(((value - low) / step) | 0, (1 << width) - 1);
        low += part * step;
        high = low + step - 1;
        if (value > high) throw new FrameFault("frame-corrupt", "bits that nobody wrote");
        settle();
        read = (read << width) | part;
      }
      return read;
    },
    // As `finish` ends it: one byte that lies in the interval, or none.
    isAtEnd: () =>
      length === offset - lookahead + (low > 0 ? 1 : 0) && value === (low > 0 ? (low >> 16) + 1 : 0) << 16,
  };
};
