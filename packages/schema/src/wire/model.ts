/**
 * What encoder and decoder both know of a session, and how integers and texts are coded from it. Everything here is
 * written once for both directions: the coder writes what it is given, or reads and ignores it.
 */
import { FrameFault } from "./fault.ts";
import {
  cellFirstLengths,
  cellForms,
  cellKnownText,
  cellLengths,
  cellSecondBit,
  cellSign,
  firstSlotCell,
  freshRow,
} from "./cells.ts";
import { maxDictionaryEntries, maxDictionaryString } from "./limits.ts";
import { powerOfTwo } from "./numbers.ts";
import { newCell, type BitCoder } from "./range-coder.ts";
import type { Slot } from "./slots.ts";
import { createTextCoder } from "./text-coder.ts";

/** What makes the next integer of a kind likely. */
export interface Tendency {
  /** Row of the lengths that the last ones had, in bits. */
  row: number;
  /** The last one was negative: 1. */
  sign: number;
}

export const createTendency = (): Tendency => ({ row: freshRow, sign: 0 });

/** Length that says that a number is no integer in its unit. */
const notAnInteger = 55;
/** Lengths farther away are told as they are. */
const maxSteps = 12;

/** Bits of the magnitude of an integer, 0 for 0. */
export const bitLength = (value: number): number => {
  const magnitude = Math.abs(value);
  return magnitude < 2 ** 32 ? 32 - Math.clz32(magnitude) : 64 - Math.clz32(magnitude / 2 ** 32);
};

/** What is remembered of a string of the dictionary. */
export interface Word {
  readonly text: string;
  /** As the name of a member: the name that came after it last time, the form of its last first value, and its last text. */
  next: number;
  form: number;
  value: number;
  /** The last first number of that name. */
  integer: number;
  /** The last slot of that name that came up. */
  slot: Slot | undefined;
}

/** The dictionary and the probabilities of a session since its last keyframe, and the coder of the frame at hand. */
export interface Model {
  /** To be called at the start of each frame. */
  readonly begin: () => void;
  /** A bit under the probability of a fixed or an allocated cell. */
  readonly bit: (cell: number, bit: number) => number;
  readonly even: (count: number, value: number) => number;
  /** An integer within ±2^54; with `mayBeNone` also NaN. */
  readonly integer: (tendency: Tendency, value: number, mayBeNone?: boolean) => number;
  /** A form (0 to 15) of a first value, where the last one had another or the same. */
  readonly form: (lastForm: number, form: number) => number;
  /** A string; `expected` is the place of a word or −1, `cell` that of "it is the expected one". Sets `place`. */
  readonly string: (cell: number, expected: number, text: string) => string;
  /** Place of the last coded string in the dictionary, −1 when it is not there. */
  readonly place: () => number;
  /** The words of the dictionary. */
  readonly words: readonly Word[];
  /** A new cell. */
  readonly allocate: () => number;
}

/** `onNewText` hears the length of each text that is not known, before it is coded, and may throw. */
export const createModel = (coder: BitCoder, onNewText: (length: number) => void): Model => {
  let table = new Uint16Array(firstSlotCell + 256).fill(newCell);
  let allocated = firstSlotCell;
  const words: Word[] = [];
  const places = new Map<string, number>();
  const lengths = createTendency();
  const texts = createTextCoder(coder);
  let place = -1;

  const bit = (cell: number, value: number): number => coder.bit(table, cell, value);

  const even = (count: number, value: number): number => coder.even(count, value);

  /** A number of `count` bits as a tree of cells. */
  const tree = (first: number, count: number, value: number): number => {
    let node = 1;
    for (let shift = count - 1; shift >= 0; shift--)
      node = node * 2 + coder.bit(table, first + node, (value >> shift) & 1);
    return node - (1 << count);
  };

  /** Length of an integer, where the last ones had that of the row: mostly it is one beside it. */
  const length = (row: number, size: number): number => {
    if (row === freshRow) return tree(cellFirstLengths, 6, size);
    const distance = size < row ? 2 * (row - size) - 1 : 2 * (size - row);
    for (let step = 0; step < maxSteps; step++) {
      if (coder.bit(table, cellLengths + row * 16 + step, step === distance ? 1 : 0) === 0) continue;
      return step % 2 === 1 ? row - (step + 1) / 2 : row + step / 2;
    }
    return coder.even(6, size);
  };

  const integer = (tendency: Tendency, value: number, mayBeNone = false): number => {
    const given = Math.abs(value);
    const size = length(tendency.row, Number.isNaN(value) ? notAnInteger : bitLength(given));
    if (size === notAnInteger && mayBeNone) return Number.NaN;
    if (size < 0 || size >= notAnInteger) throw new FrameFault("frame-corrupt", `integer of ${size} bits`);
    tendency.row = tendency.row === freshRow ? size : (tendency.row + size + 1) >> 1;
    if (size === 0) return 0;
    tendency.sign = coder.bit(table, cellSign + tendency.sign, value < 0 ? 1 : 0);
    let magnitude = 1;
    if (size > 1) {
      let count = size - 2;
      const unit = powerOfTwo(count);
      magnitude = 2 + coder.bit(table, cellSecondBit + size, given >= 3 * unit ? 1 : 0);
      let rest = given - magnitude * unit;
      if (count > 24) {
        count -= 24;
        const high = Math.floor(rest / 2 ** 24);
        magnitude = magnitude * powerOfTwo(count) + even(count, high);
        rest -= high * 2 ** 24;
        count = 24;
      }
      magnitude = magnitude * powerOfTwo(count) + even(count, rest);
    }
    return tendency.sign === 1 ? -magnitude : magnitude;
  };

  return {
    begin: texts.begin,
    bit,
    even,
    integer,
    form: (lastForm, form) => tree(cellForms + lastForm * 16, 4, form),
    string(cell, expected, text) {
      const word = words[expected];
      if (word !== undefined && bit(cell, word.text === text ? 1 : 0) === 1) {
        place = expected;
        return word.text;
      }
      place = places.get(text) ?? -1;
      if (bit(cellKnownText, place < 0 ? 0 : 1) === 1) {
        place = coder.even(32 - Math.clz32(words.length), place);
        const known = words[place];
        if (known === undefined)
          throw new FrameFault("frame-corrupt", `string ${place} is not in the dictionary`);
        return known.text;
      }
      const units = integer(lengths, text.length);
      onNewText(units);
      const found = texts.text(text, units);
      place = -1;
      if (units <= maxDictionaryString && words.length < maxDictionaryEntries) {
        place = words.length;
        places.set(found, place);
        words.push({ text: found, next: -1, form: 0, value: -1, integer: 0, slot: undefined });
      }
      return found;
    },
    place: () => place,
    words,
    allocate() {
      if (allocated === table.length) {
        const grown = new Uint16Array(allocated * 2);
        grown.set(table);
        table = grown;
      }
      table[allocated] = newCell;
      return allocated++;
    },
  };
};
