import { closeSync, ftruncateSync, mkdirSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Where bytes wait in a file: its pages in their order, and how many bytes are in them. */
export interface RestingPlace {
  readonly pages: readonly number[];
  readonly bytes: number;
}

/**
 * A file in which states of sessions wait until they are needed again. It has no name: nobody else can open it, and it ends with
 * the process. What is in it can be made again from the logs, so nothing of it is synced; the system keeps in memory what there is
 * room for.
 */
export interface RestingFile {
  /** Null when the disk does not take it. */
  put(bytes: Uint8Array): RestingPlace | null;
  /** Gives the place free. The bytes are there until the next call; null when the disk does not give them. */
  take(place: RestingPlace): Uint8Array | null;
  /** They are not needed any more. */
  free(place: RestingPlace): void;
  close(): void;
}

/** As most file systems have it: what is written anew is whole blocks. */
const pageBytes = 4_096;

/**
 * A file of its own in a folder; both are made when they are needed.
 * @param name that no other process or thread uses now.
 */
export function createRestingFile(folder: string, name: string): RestingFile {
  let descriptor: number | null = null;
  /** Pages that nobody has, those given free last at the end: a session gets its own ones again. */
  const unused: number[] = [];
  let pages = 0;
  let taken: Uint8Array = new Uint8Array(16 * pageBytes);

  function open(): number {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, name);
    const opened = openSync(path, "w+", 0o600);
    rmSync(path, { force: true });
    return opened;
  }

  function free(place: RestingPlace): void {
    for (let index = place.pages.length - 1; index >= 0; index -= 1) unused.push(place.pages[index] ?? 0);
    if (unused.length < pages || descriptor === null) return;
    // Nobody waits: the disk has its room again.
    unused.length = 0;
    pages = 0;
    ftruncateSync(descriptor, 0);
  }

  /** Pages in a row are one piece for the disk; false when it was cut short. */
  function eachPiece(
    place: RestingPlace,
    move: (offset: number, length: number, position: number) => number,
  ): boolean {
    for (let index = 0; index < place.pages.length;) {
      const first = place.pages[index] ?? 0;
      const offset = index * pageBytes;
      for (index += 1; place.pages[index] === first + index - offset / pageBytes;) index += 1;
      const length = Math.min(place.bytes, index * pageBytes) - offset;
      if (move(offset, length, first * pageBytes) < length) return false;
    }
    return true;
  }

  return {
    put(bytes) {
      const own = Array.from(
        { length: Math.ceil(bytes.byteLength / pageBytes) },
        () => unused.pop() ?? pages++,
      );
      const place = { pages: own, bytes: bytes.byteLength };
      try {
        const file = (descriptor ??= open());
        if (eachPiece(place, (offset, length, position) => writeSync(file, bytes, offset, length, position)))
          return place;
      } catch {
        // As with a piece that was cut short: the disk is full.
      }
      free(place);
      return null;
    },
    take(place) {
      if (taken.byteLength < place.bytes) taken = new Uint8Array(2 * place.bytes);
      const file = descriptor;
      if (file === null) return null;
      try {
        const isWhole = eachPiece(place, (offset, length, position) =>
          readSync(file, taken, offset, length, position),
        );
        return isWhole ? taken.subarray(0, place.bytes) : null;
      } catch {
        return null;
      } finally {
        free(place);
      }
    },
    free,
    close() {
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
    },
  };
}
