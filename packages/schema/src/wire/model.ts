/**
 * What encoder and decoder both know of a session, and how integers and texts are coded from it. Everything here is
 * written once for both directions: the coder writes what it is given, or reads and ignores it.
 */
import { FrameFault } from "./fault.ts";
import { cellCount, cellFirstLengths, cellForms, cellKnownText } from "./cells.ts";
import {
  codeBit,
  codeCell,
  codePlain,
  codeStep,
  farStep,
  learned,
  maxPlainCount,
  newCell,
  type Coder,
} from "./coder.ts";
import { maxDictionaryEntries, maxDictionaryString } from "./limits.ts";
import { powerOfTwo } from "./numbers.ts";
import type { Slot } from "./slots.ts";
import { createTextCoder } from "./text-coder.ts";

/** What makes the next integer of a kind likely. */
export interface Tendency {
  /** Length that the last ones had, in bits. */
  row: number;
}

/** Row of an integer that has nothing before it. */
export const freshRow = 55;

/** The row after a length, where one was before. */
export const rowAfter = (row: number, size: number): number => (row + size + 1) >> 1;

export const createTendency = (): Tendency => ({ row: freshRow });

/** Length that says that a number is no integer in its unit. */
const notAnInteger = 55;

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
  /** A decision under the probability of a fixed cell. */
  readonly bit: (cell: number, bit: number) => number;
  /** A slot is what was expected: 1. */
  readonly hit: (slot: Slot, bit: number) => number;
  readonly plain: (count: number, value: number) => number;
  /** An integer within ±2^54; with `mayBeNone` also NaN. */
  readonly integer: (tendency: Tendency, value: number, mayBeNone?: boolean) => number;
  /** A form (0 to 15) of a first value, where the last one had another or the same. */
  readonly form: (lastForm: number, form: number) => number;
  /** A string; `expected` is the place of a word or −1, `cell` that of "it is the expected one". Sets `place`. */
  readonly string: (cell: number, expected: number, text: string) => string;
  /** Place of the last coded string in the dictionary, −1 when it is not there. */
  readonly place: () => number;
  /** The words of the dictionary. */
  readonly words: Word[];
  /** The rest of what is known between two frames: probabilities that do not belong to a slot, and lengths of new texts. */
  readonly cells: Uint16Array;
  readonly lengths: Tendency;
}

/** `onNewText` hears the length of each text that is not known, before it is coded, and may throw. */
export const createModel = (coder: Coder, onNewText: (length: number) => void): Model => {
  const cells = new Uint16Array(cellCount).fill(newCell);
  const words: Word[] = [];
  /** Of an encoder: where each word is. A decoder is told. */
  const places = coder.reader === undefined ? new Map<string, number>() : undefined;
  const lengths = createTendency();
  const texts = createTextCoder(coder);
  let place = -1;

  const bit = (cell: number, value: number): number => codeCell(coder, cells, cell, value);

  const plain = (count: number, value: number): number => codePlain(coder, count, value);

  /** A number of `count` bits as a tree of cells. */
  const tree = (first: number, count: number, value: number): number => {
    let node = 1;
    for (let shift = count - 1; shift >= 0; shift--)
      node = node * 2 + bit(first + node, (value >> shift) & 1);
    return node - (1 << count);
  };

  /** Length of an integer, where the last ones had that of the row: mostly it is one beside it. */
  const length = (row: number, size: number): number => {
    if (row === freshRow) return tree(cellFirstLengths, 6, size);
    const step = codeStep(coder, size < row ? 2 * (row - size) - 1 : 2 * (size - row));
    if (step >= farStep) return codePlain(coder, 6, size);
    return (step & 1) === 1 ? row - ((step + 1) >> 1) : row + (step >> 1);
  };

  /** An integer of more plain bits than are coded at once. */
  const wide = (count: number, value: number): number => {
    if (count <= maxPlainCount) return codePlain(coder, count, value);
    const unit = powerOfTwo(count - maxPlainCount);
    const high = Math.floor(value / unit);
    return codePlain(coder, maxPlainCount, high) * unit + wide(count - maxPlainCount, value - high * unit);
  };

  const integer = (tendency: Tendency, value: number, mayBeNone = false): number => {
    const { row } = tendency;
    const size = length(row, Number.isNaN(value) ? notAnInteger : bitLength(value));
    if (size === notAnInteger && mayBeNone) return Number.NaN;
    if (size < 0 || size >= notAnInteger) throw new FrameFault("frame-corrupt", `integer of ${size} bits`);
    tendency.row = row === freshRow ? size : rowAfter(row, size);
    if (size === 0) return 0;
    // The highest bit is a one, so the sign has its place.
    if (size <= maxPlainCount) {
      const unit = 1 << (size - 1);
      const word = codePlain(coder, size, value < 0 ? -value : value - unit);
      return word < unit ? word + unit : -word;
    }
    const unit = powerOfTwo(size - 1);
    const isNegative = codePlain(coder, 1, value < 0 ? 1 : 0) === 1;
    const magnitude = unit + wide(size - 1, Math.abs(value) - unit);
    return isNegative ? -magnitude : magnitude;
  };

  return {
    begin: texts.begin,
    bit,
    hit(slot, value) {
      const coded = codeBit(coder, slot.cell, value);
      slot.cell = learned(slot.cell, coded);
      return coded;
    },
    plain,
    integer,
    form: (lastForm, form) => tree(cellForms + lastForm * 16, 4, form),
    string(cell, expected, text) {
      const word = words[expected];
      if (word !== undefined && bit(cell, word.text === text ? 1 : 0) === 1) {
        place = expected;
        return word.text;
      }
      place = places?.get(text) ?? -1;
      if (bit(cellKnownText, place < 0 ? 0 : 1) === 1) {
        place = plain(32 - Math.clz32(words.length), place);
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
        places?.set(found, place);
        words.push({ text: found, next: -1, form: 0, value: -1, integer: 0, slot: undefined });
      }
      return found;
    },
    place: () => place,
    words,
    cells,
    lengths,
  };
};
