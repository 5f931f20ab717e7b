import { open } from "node:fs/promises";
import {
  createSessionLogReader,
  readFrameHeader,
  type SessionLogError,
  type SessionLogHeader,
} from "@peerscope/schema";

/** What is left of a log after the server stopped in the middle of it. */
export interface RecoveredLog {
  /** Null when not even the header is whole: nothing in it was ever acknowledged. */
  readonly header: SessionLogHeader | null;
  /** Bytes of whole, intact entries. The file has this length now. */
  readonly bytes: number;
  /** -1 when no frame is whole. */
  readonly lastSequence: number;
  readonly cutBytes: number;
  /** Damage in the middle, as opposed to a torn tail: everything from here on was set aside, see `recoverLog`. */
  readonly error: SessionLogError | null;
}

const chunkBytes = 1 << 20;
/** A tail that is longer was not written in one go. Ours. */
const maxTornBytes = 64 << 20;
/** Frames may end in a zero; not in so many. Ours. */
const fewestZeros = 16;

/** Finds the last whole entry of a log without decoding frames. Reads only. */
export async function scanLog(path: string): Promise<RecoveredLog> {
  const reader = createSessionLogReader();
  const handle = await open(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    let position = 0;
    let bytes = 0;
    let lastSequence = -1;
    let error: SessionLogError | null = null;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, chunkBytes, position);
      if (bytesRead === 0) break;
      position += bytesRead;
      const chunk = reader.push(buffer.subarray(0, bytesRead));
      // Whole and intact is said by the checksums; only the last frame has something else to say.
      const last = chunk.frames.findLast((frame) => readFrameHeader(frame).ok);
      const read = last === undefined ? null : readFrameHeader(last);
      if (read?.ok === true) lastSequence = read.header.sequence;
      bytes = chunk.validBytes;
      error = chunk.error;
      if (error !== null) break;
    }
    const { size } = await handle.stat();
    return { header: reader.header, bytes, lastSequence, cutBytes: size - bytes, error };
  } finally {
    await handle.close();
  }
}

/**
 * Scans a log and cuts what follows its last whole entry, so that it can be appended to. Bytes behind damage in the
 * middle are not thrown away: they are kept beside the log as `<log>.damaged-<offset>`.
 */
export async function recoverLog(path: string): Promise<RecoveredLog> {
  const scanned = await scanLog(path);
  if (scanned.cutBytes === 0 || (scanned.header === null && scanned.error === null)) return scanned;
  const handle = await open(path, "r+");
  try {
    const isTorn = scanned.error === null || (await endsInZeros(handle, scanned));
    const found = isTorn ? { ...scanned, error: null } : scanned;
    // What does not even begin as a log is somebody else's.
    if (found.header === null) return found;
    if (found.error !== null) await setAside(handle, path, found);
    await handle.truncate(found.bytes);
    await handle.sync();
    return found;
  } finally {
    await handle.close();
  }
}

/**
 * True when the entry that is damaged was not written to its end: after a power cut a file may have its length and not its last
 * bytes, which are zeros then. What is acknowledged does not look like that: the journal has brought it back.
 */
async function endsInZeros(
  handle: Awaited<ReturnType<typeof open>>,
  { bytes, cutBytes }: RecoveredLog,
): Promise<boolean> {
  if (cutBytes > maxTornBytes) return false;
  const tail = Buffer.alloc(cutBytes);
  const { bytesRead } = await handle.read(tail, 0, cutBytes, bytes);
  if (bytesRead < cutBytes) return false;
  const written = tail.findLastIndex((byte) => byte !== 0) + 1;
  if (cutBytes - written < fewestZeros) return false;
  // Length and checksum of the entry come first.
  return written < 8 || tail.readUInt32LE(0) + 8 > written;
}

async function setAside(
  from: Awaited<ReturnType<typeof open>>,
  path: string,
  { bytes, cutBytes }: RecoveredLog,
): Promise<void> {
  const copy = await open(`${path}.damaged-${bytes}`, "w");
  try {
    const buffer = Buffer.alloc(chunkBytes);
    for (let done = 0; done < cutBytes;) {
      const { bytesRead } = await from.read(buffer, 0, chunkBytes, bytes + done);
      if (bytesRead === 0) break;
      await copy.write(buffer, 0, bytesRead);
      done += bytesRead;
    }
    await copy.sync();
  } finally {
    await copy.close();
  }
}
