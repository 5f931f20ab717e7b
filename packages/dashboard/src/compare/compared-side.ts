import type { SessionSource, SessionStore } from "../session/session-store.ts";

/** One of the two sessions on the page. */
export interface ComparedSide {
  readonly letter: "A" | "B";
  /** Id of a session; name of a file. */
  readonly id: string;
  readonly from: SessionSource["from"];
  readonly store: SessionStore;
}

/** A file that is compared. No link can name it: it is only in this page. */
export interface ComparedFile {
  readonly file: File;
  /** Place of the session in the file; null takes the longest. */
  readonly choice: number | null;
  /** Another one for each file and choice: the same file may be opened twice. */
  readonly key: string;
}

let opened = 0;

/** A file as a side of the comparison. */
export function toComparedFile(file: File, choice: number | null = null): ComparedFile {
  opened += 1;
  return { file, choice, key: `file ${opened}` };
}

let handedOver: ComparedFile | null = null;

/** Hands a file from the page where it is open to the one where it is compared. */
export function handOver(file: File, choice: number | null): void {
  handedOver = toComparedFile(file, choice);
}

/** What was handed over last; once. */
export function takeHandedOver(): ComparedFile | null {
  const taken = handedOver;
  handedOver = null;
  return taken;
}
