import { decodeUtf8 } from "./utf8.ts";

/** Bytes of the longest line that is read. Ours: twice the largest session description that anybody sends by mistake. */
export const longestLineBytes: number = 16 * 1_048_576;

/** Where a line is. */
export interface LinePlace {
  /** Counted from 1. */
  readonly line: number;
  /** Bytes from the beginning of the source. */
  readonly offset: number;
}

/** What is told of the lines of a source, in their order. */
export interface LineTarget {
  /**
   * A line without its end; blank ones are left out. `isUtf8` is false when bytes had to be replaced; `isCut` says that the source
   * ended without a newline, so that it may be the beginning of a line only.
   */
  line(text: string, place: LinePlace, state: { readonly isUtf8: boolean; readonly isCut: boolean }): void;
  /** A line that is longer than the limit; none of it is kept. */
  tooLong(place: LinePlace): void;
}

/** Splits a source into lines as it comes. */
export interface LineSplitter {
  /** The bytes are used at once or copied; the caller may write over them afterwards. */
  push(chunk: Uint8Array): void;
  end(): void;
}

const newline = 0x0a;
const whole = { utf8: { isUtf8: true, isCut: false }, odd: { isUtf8: false, isCut: false } } as const;

/** Splits at "\n"; a "\r" before it and other white space around a line are left out. Holds at most one line. */
export function createLineSplitter(target: LineTarget, maxBytes: number = longestLineBytes): LineSplitter {
  /** The beginning of a line that is not complete. */
  let pieces: Uint8Array[] = [];
  let held = 0;
  let isTooLong = false;
  let line = 1;
  let lineOffset = 0;
  let offset = 0;

  function finish(bytes: Uint8Array, isCut: boolean): void {
    const { text, isUtf8 } = decodeUtf8(bytes);
    const content = text.trim();
    if (content === "") return;
    const state = isCut ? { isUtf8, isCut } : isUtf8 ? whole.utf8 : whole.odd;
    target.line(content, { line, offset: lineOffset }, state);
  }

  function takeHeld(): Uint8Array {
    const bytes = new Uint8Array(held);
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    pieces = [];
    held = 0;
    return bytes;
  }

  function hold(piece: Uint8Array): void {
    if (isTooLong) return;
    if (held + piece.length > maxBytes) {
      isTooLong = true;
      pieces = [];
      held = 0;
      target.tooLong({ line, offset: lineOffset });
    } else if (piece.length > 0) {
      pieces.push(new Uint8Array(piece));
      held += piece.length;
    }
  }

  return {
    push(chunk) {
      let start = 0;
      while (start < chunk.length) {
        const found = chunk.indexOf(newline, start);
        const end = found < 0 ? chunk.length : found;
        const piece = chunk.subarray(start, end);
        if (found < 0) {
          hold(piece);
          break;
        }
        if (held === 0 && !isTooLong && piece.length <= maxBytes) finish(piece, false);
        else {
          hold(piece);
          if (!isTooLong) finish(takeHeld(), false);
        }
        isTooLong = false;
        line += 1;
        start = found + 1;
        lineOffset = offset + start;
      }
      offset += chunk.length;
    },
    end() {
      if (held > 0) finish(takeHeld(), true);
      isTooLong = false;
    },
  };
}
