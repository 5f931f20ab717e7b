import { codeCell, codePlain, newCell, type Coder } from "./coder.ts";

/** Codes the units of texts that no dictionary has. Forgets all at the start of a frame. */
export interface TextCoder {
  readonly begin: () => void;
  /** `length` UTF-16 units; a decoder is given any text. */
  readonly text: (text: string, length: number) => string;
}

/** Longest run of expected units that has a cell of its own. */
const maxRun = 15;
/** Cells of "it is in this class", four for each class of the unit before. */
const classCells: number = maxRun + 1;
/** Plain bits of a unit, by its class: letters of names, digits and what else numbers are written with, the rest of ASCII, all others. */
const classBits: readonly number[] = [4, 4, 6, 16];

/** Units of the first three classes, in their order. */
const alphabet: number[] = Array.from("etaionrsdclpmugh0123456789ABCDEF\n", (letter) => letter.charCodeAt(0));
for (let unit = 32; unit < 127; unit++) if (!alphabet.includes(unit)) alphabet.push(unit);

/** Places of units in the alphabet; what is not in it is behind its end. */
const places: Uint8Array = new Uint8Array(128).fill(alphabet.length);
for (const [place, unit] of alphabet.entries()) places[unit] = place;

const placeOf = (unit: number): number => places[Math.min(unit, 127)] as number;

/** 16 places each, and the rest of the alphabet. */
const classOf = (place: number): number => (place < 32 ? place >> 4 : place < alphabet.length ? 2 : 3);

/** What all text coders write to: it is forgotten at the start of a frame, and frames are coded one after the other. */
const cells: Uint16Array = /* @__PURE__ */ new Uint16Array(classCells + 16);
const after: Int32Array = /* @__PURE__ */ new Int32Array(4096);
let isFresh = false;
let units: number[] = [];

/**
 * Each unit is expected to be what followed the last three units the last time they came, so that repeated names, ids and lines
 * of a session description cost next to nothing. What is left looks like chance: ids, addresses, the first of the names. All
 * that is said of such a unit beforehand is its class, for which that of the unit before is a good hint.
 */
export const createTextCoder = (coder: Coder): TextCoder => {
  const literal = (unit: number, lastClass: number): number => {
    const place = placeOf(unit);
    const given = classOf(place);
    let found = 0;
    while (
      found < 3 &&
      codeCell(coder, cells, classCells + 4 * lastClass + found, found === given ? 1 : 0) === 0
    )
      found++;
    const value = codePlain(coder, classBits[found] as number, found === 3 ? unit : place - 16 * found);
    return found === 3 ? value : (alphabet[value + 16 * found] as number);
  };

  return {
    begin() {
      isFresh = false;
    },
    text(text, length) {
      if (!isFresh) {
        isFresh = true;
        cells.fill(newCell);
        after.fill(-1);
        units = [];
      }
      const start = units.length;
      let lastClass = 0;
      let context = 0;
      let expected = -1;
      let run = 0;
      for (let i = 0; i < length; i++) {
        let unit = coder.reader ? 0 : text.charCodeAt(i);
        const guess = expected < 0 ? -1 : (units[expected] as number);
        if (guess >= 0 && codeCell(coder, cells, run, unit === guess ? 1 : 0) === 1) {
          unit = guess;
          if (run < maxRun) run++;
        } else {
          run = 0;
          expected = -1;
          unit = literal(unit, lastClass);
        }
        units.push(unit);
        lastClass = classOf(placeOf(unit));
        context = ((context << 4) ^ (unit * 179)) & 4095;
        expected = expected < 0 ? (after[context] as number) : expected + 1;
        after[context] = units.length;
      }
      return coder.reader ? coder.reader.text(units, start) : text;
    },
  };
};
