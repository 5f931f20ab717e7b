import { newCell, type BitCoder } from "./range-coder.ts";

/** Codes the units of texts that no dictionary has. Forgets all at the start of a frame. */
export interface TextCoder {
  readonly begin: () => void;
  /** `length` UTF-16 units; a decoder is given any text. */
  readonly text: (text: string, length: number) => string;
}

/** Longest run of expected units that has a cell of its own. */
const maxRun = 15;
const runCells = 65_536;
const wideCell = runCells + maxRun + 1;

/** Frames are coded one at a time, so all coders share their memory. Made when the first text comes. */
let memory: { readonly cells: Uint16Array; readonly after: Int32Array } | undefined;

/**
 * Each unit is expected to be what followed the last three units the last time they came; otherwise it is coded under the
 * unit before it. So repeated names, ids and lines of a session description cost next to nothing.
 */
export const createTextCoder = (coder: BitCoder): TextCoder => {
  let isFresh = false;
  let units: number[] = [];

  return {
    begin() {
      isFresh = false;
    },
    text(text, length) {
      memory ??= { cells: new Uint16Array(wideCell + 1), after: new Int32Array(4096) };
      const { cells, after } = memory;
      if (!isFresh) {
        isFresh = true;
        cells.fill(newCell);
        after.fill(-1);
        units = [];
      }
      let found = "";
      let last = 0;
      let context = 0;
      let expected = -1;
      let run = 0;
      for (let i = 0; i < length; i++) {
        let unit = text.charCodeAt(i);
        const guess = expected < 0 ? -1 : (units[expected] as number);
        if (guess >= 0 && coder.bit(cells, runCells + run, unit === guess ? 1 : 0) === 1) {
          unit = guess;
          if (run < maxRun) run++;
        } else {
          run = 0;
          expected = -1;
          const high = coder.bit(cells, wideCell, unit > 255 ? 1 : 0) === 1 ? coder.even(8, unit >> 8) : 0;
          let node = 1;
          for (let shift = 7; shift >= 0; shift--) {
            node = node * 2 + coder.bit(cells, last * 256 + node, (unit >> shift) & 1);
          }
          unit = high * 256 + node - 256;
        }
        found += String.fromCharCode(unit);
        units.push(unit);
        last = unit & 255;
        context = ((context << 4) ^ (unit * 179)) & 4095;
        expected = expected < 0 ? (after[context] as number) : expected + 1;
        after[context] = units.length;
      }
      return found;
    },
  };
};
