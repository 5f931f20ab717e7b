import { writeSync } from "node:fs";
import { open, rename, rm, type FileHandle } from "node:fs/promises";

/**
 * A file that is written from its beginning to its end and synced after each write. There is room for what comes before it comes: zeros
 * that are synced. The sync of a file that has grown waits for what the file system has under way of any file, such as logs that are synced or
 * were removed; the sync of bytes that had their place before waits for these bytes.
 */
export interface JournalFile {
  /** Bytes that were written. */
  readonly bytes: number;
  /** Resolves when the bytes are on disk. One at a time. Rejects with what the system says. */
  write(bytes: Uint8Array): Promise<void>;
  /** A part of a write that failed is still in it: nothing can come behind it. */
  readonly isBroken: boolean;
  /** Its length, with the room behind what was written. */
  close(): Promise<number>;
}

/** A file of zeros that nobody needs any more. */
export interface SpareFile {
  readonly path: string;
  readonly bytes: number;
}

/** Room is made by so much, in bytes, when half of it is left. Ours: a busy server fills it in a second, a small one in minutes. */
const roomBytes = 1 << 20;
/** Zeros that are written at once. */
const zeros = new Uint8Array(roomBytes);

/** Begins a file in place of a spare one, or a new one. */
export async function beginJournalFile(path: string, spare: SpareFile | null): Promise<JournalFile> {
  const reused = spare === null ? null : await reuse(path, spare);
  const handle = reused ?? (await open(path, "wx"));
  let position = 0;
  /** Up to here the file has its place on the disk. */
  let room = reused === null ? 0 : (spare?.bytes ?? 0);
  let growing: Promise<void> | null = null;
  /** The disk did not take zeros: it is not asked for room again. */
  let isShort = false;
  let isBroken = false;

  function grow(): void {
    if (growing !== null || isShort || position + roomBytes / 2 < room) return;
    const from = Math.max(room, position);
    growing = writeZeros(handle, from, from + roomBytes)
      .then(
        () => void (room = from + roomBytes),
        () => void (isShort = true),
      )
      .finally(() => (growing = null));
  }

  async function write(bytes: Uint8Array): Promise<void> {
    const end = position + bytes.byteLength;
    // Zeros that are on their way there would be written over it.
    if (end > room) await growing;
    try {
      // To the system's memory, which is faster than handing it to another thread.
      for (let done = 0; done < bytes.byteLength;) {
        const written = writeSync(handle.fd, bytes, done, bytes.byteLength - done, position + done);
        if (written === 0) throw new Error("the disk takes no more bytes");
        done += written;
      }
      await handle.datasync();
    } catch (error) {
      await growing;
      room = position;
      await handle.truncate(position).catch(() => (isBroken = true));
      throw error;
    }
    position = end;
    grow();
  }

  return {
    get bytes() {
      return position;
    },
    write,
    get isBroken() {
      return isBroken;
    },
    async close() {
      await growing;
      await handle.close();
      return Math.max(room, position);
    },
  };
}

/** Null when it cannot be used. */
async function reuse(path: string, spare: SpareFile): Promise<FileHandle | null> {
  try {
    await rename(spare.path, path);
    return await open(path, "r+");
  } catch {
    await rm(spare.path, { force: true });
    await rm(path, { force: true });
    return null;
  }
}

/**
 * Makes zeros of all of a file, which keeps its place on the disk.
 * @throws Error of the system; the file is as it may be then.
 */
export async function clearFile(path: string): Promise<SpareFile> {
  const handle = await open(path, "r+");
  try {
    const { size } = await handle.stat();
    await writeZeros(handle, 0, size);
    return { path, bytes: size };
  } finally {
    await handle.close();
  }
}

/** Resolves when they are on disk. Each piece is synced by itself: whoever syncs something meanwhile waits for one piece at most. */
async function writeZeros(handle: FileHandle, from: number, to: number): Promise<void> {
  for (let at = from; at < to;) {
    const { bytesWritten } = await handle.write(zeros, 0, Math.min(zeros.byteLength, to - at), at);
    if (bytesWritten === 0) throw new Error("the disk takes no more bytes");
    at += bytesWritten;
    await handle.datasync();
  }
}
