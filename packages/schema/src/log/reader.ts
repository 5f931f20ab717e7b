import { readLogEntry, readLogHeader } from "./layout.ts";
import type { SessionLogChunk, SessionLogError, SessionLogHeader, SessionLogReader } from "./session-log.ts";

/**
 * Reads a session log that arrives in pieces of any size. Never throws. After an error it stays where it is and
 * repeats the error; `readSessionLog` goes on behind a damaged entry. Frames are copies and stay valid.
 */
export const createSessionLogReader = (): SessionLogReader => {
  let header: SessionLogHeader | null = null;
  let error: SessionLogError | null = null;
  let pending = new Uint8Array(0);
  let pendingLength = 0;
  let validBytes = 0;

  const append = (bytes: Uint8Array): void => {
    if (pendingLength + bytes.length > pending.length) {
      const grown = new Uint8Array((pendingLength + bytes.length) * 2);
      grown.set(pending.subarray(0, pendingLength));
      pending = grown;
    }
    pending.set(bytes, pendingLength);
    pendingLength += bytes.length;
  };

  const push = (bytes: Uint8Array): SessionLogChunk => {
    const frames: Uint8Array[] = [];
    if (error !== null) return { frames, validBytes, error };
    append(bytes);
    const available = pending.subarray(0, pendingLength);
    let start = 0;
    for (;;) {
      const piece = header === null ? readLogHeader(available) : readLogEntry(available, start, validBytes);
      if (piece.kind === "partial") break;
      if (piece.kind === "wrong") {
        error = piece.error;
        break;
      }
      if (piece.value instanceof Uint8Array) frames.push(piece.value.slice());
      else header = piece.value;
      validBytes += piece.end - start;
      start = piece.end;
    }
    pendingLength -= start;
    // Most pieces end with an entry: then nothing is kept, whatever their size was.
    if (pendingLength === 0) pending = new Uint8Array(0);
    else pending.copyWithin(0, start, start + pendingLength);
    return { frames, validBytes, error };
  };

  return {
    push,
    get header() {
      return header;
    },
    get pendingBytes() {
      return pendingLength;
    },
  };
};
