/**
 * What encoder and decoder both know of a session, and how integers and texts are coded from it. Everything here is
 * written once for both directions: the coder writes what it is given, or reads and ignores it.
 */
import { FrameFault } from "./fault.ts";
import {
  cellForms,
  cellKnownText,
  cellLengths,
  cellSecondBit,
  cellSign,
  firstSlotCell,
  freshRow,
} from "./cells.ts";
import { maxDictionaryEntries, maxDictionaryString } from "./limits.ts";
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
  readonly begin: (coder: BitCoder) => void;
  /** A bit under the probability of a fixed or an allocated cell. */
  readonly bit: (cell: number, bit: number) => number;
  readonly even: (count: number, value: number) => number;
  /** An integer within ±2^54. */
  readonly integer: (tendency: Tendency, value: number) => number;
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
export const createModel = (onNewText: (length: number) => void): Model => {
  let coder: BitCoder;
  let table = new Uint16Array(firstSlotCell + 256).fill(newCell);
  let allocated = firstSlotCell;
  const words: Word[] = [];
  const places = new Map<string, number>();
  const lengths = createTendency();
  const texts = createTextCoder();
  let place = -1;

  const bit = (cell: number, value: number): number => coder.bit(table, cell, value);

  const integer = (tendency: Tendency, value: number): number => {
    const given = Math.abs(value);
    let size = bitLength(given);
    const row = cellLengths + tendency.row * 64;
    let node = 1;
    for (let shift = 5; shift >= 0; shift--)
      node = node * 2 + coder.bit(table, row + node, (size >> shift) & 1);
    size = node - 64;
    if (size > 54) throw new FrameFault("frame-corrupt", "integer beyond 2^54");
    tendency.row = tendency.row === freshRow ? size : (tendency.row + size + 1) >> 1;
    if (size === 0) return 0;
    tendency.sign = coder.bit(table, cellSign + tendency.sign, value < 0 ? 1 : 0);
    let magnitude = 1;
    if (size > 1) {
      let rest = given - 2 ** (size - 1);
      let count = size - 2;
      magnitude = 2 + coder.bit(table, cellSecondBit + size, rest >= 2 ** count ? 1 : 0);
      rest %= 2 ** count;
      if (count > 24) {
        count -= 24;
        magnitude = magnitude * 2 ** count + coder.even(count, Math.floor(rest / 2 ** 24));
        rest %= 2 ** 24;
        count = 24;
      }
      magnitude = magnitude * 2 ** count + coder.even(count, rest);
    }
    return tendency.sign === 1 ? -magnitude : magnitude;
  };

  return {
    begin(next) {
      coder = next;
      texts.begin(next);
    },
    bit,
    even: (count, value) => coder.even(count, value),
    integer,
    form(lastForm, form) {
      const row = cellForms + lastForm * 16;
      let node = 1;
      for (let shift = 3; shift >= 0; shift--) node = node * 2 + bit(row + node, (form >> shift) & 1);
      return node - 16;
    },
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
      const length = integer(lengths, text.length);
      onNewText(length);
      const found = texts.text(text, length);
      place = -1;
      if (length <= maxDictionaryString && words.length < maxDictionaryEntries) {
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
