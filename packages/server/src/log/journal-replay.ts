import {
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { crc32c } from "@peerscope/schema";
import type { JournalOptions } from "./journal.ts";
import { journalsIn, prefixBytes, recordBytes } from "./journal-format.ts";
import { syncAll, syncFolder } from "./sync-files.ts";

/** A write of a journal that claims to be larger is none. */
const maxWriteBytes = 1 << 30;

/** Bytes of a log, as a journal has them. */
interface Recalled {
  /** Of the log, in the folder of logs. */
  readonly path: string;
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** What a journal brought back. */
export interface Replayed {
  /** Logs that it has. */
  readonly logs: number;
  /** Bytes that they lacked. */
  readonly bytes: number;
  /** Bytes of the journal that cannot be read though others follow: what a power cut tears is at the end, so the disk has damaged it. */
  readonly unreadableBytes: number;
}

/**
 * Brings what a journal holds back into the logs. To be called before anything reads them. A log that is gone comes back when the
 * journal has it from its beginning: its name may not have reached the disk. So who erases one makes a checkpoint first; one that was
 * archived is the same again, and is archived again. What follows a part that cannot be read comes back where the log has what is before it.
 * @throws Error of the system, as on a full disk. Nothing of the journal is lost then.
 */
export async function replayJournal({
  folder,
  logsFolder,
}: Pick<JournalOptions, "folder" | "logsFolder">): Promise<Replayed> {
  if (!existsSync(folder)) return { logs: 0, bytes: 0, unreadableBytes: 0 };
  const names = await journalsIn(folder);
  /** By path: what to write where. */
  const wanted = new Map<string, { position: number; bytes: Uint8Array }[]>();
  let unreadableBytes = 0;
  const onUnreadable = (bytes: number): void => void (unreadableBytes += bytes);
  for (const name of names)
    for await (const { path, position, bytes } of readJournal(join(folder, name), onUnreadable)) {
      const pieces = wanted.get(path);
      if (pieces === undefined) wanted.set(path, [{ position, bytes }]);
      else pieces.push({ position, bytes });
    }
  let total = 0;
  const paths = new Set<string>();
  for (const [path, pieces] of wanted) {
    const file = join(logsFolder, path);
    const isNew = !existsSync(file);
    // The journal has a log from its beginning, or the log was there.
    if (isNew && pieces[0]?.position !== 0) continue;
    if (isNew) mkdirSync(dirname(file), { recursive: true });
    const descriptor = openSync(file, isNew ? "wx+" : "r+");
    try {
      for (const { position, bytes } of pieces) {
        // Behind a hole it would not count.
        if (position > fstatSync(descriptor).size) break;
        total += bringBack(descriptor, bytes, position);
      }
    } finally {
      closeSync(descriptor);
    }
    paths.add(file);
  }
  await syncAll(paths);
  for (const name of names) await rm(join(folder, name), { force: true });
  await syncFolder(folder);
  return { logs: paths.size, bytes: total, unreadableBytes };
}

/** Bytes that were not there, and were written. What is there stays as it is, and with it the time of the last write. */
function bringBack(descriptor: number, bytes: Uint8Array, position: number): number {
  const present = Buffer.alloc(bytes.byteLength);
  const length = readSync(descriptor, present, 0, present.byteLength, position);
  if (length === bytes.byteLength && present.equals(bytes)) return 0;
  for (let done = 0; done < bytes.byteLength;) {
    const written = writeSync(descriptor, bytes, done, bytes.byteLength - done, position + done);
    // A nearly full disk takes a part; asking again for the rest gives the reason.
    if (written === 0) throw new Error("the disk takes no more bytes");
    done += written;
  }
  return bytes.byteLength;
}

/**
 * The records of a journal, up to the zeros behind them, its end, or what was only written in part: nothing behind it was acknowledged. A
 * write that cannot be read though others follow is passed over, and `onUnreadable` told how long it is.
 */
async function* readJournal(path: string, onUnreadable: (bytes: number) => void): AsyncGenerator<Recalled> {
  let left = statSync(path).size;
  let pending = Buffer.alloc(0);
  /** Of writes that cannot be read: the last one was torn, unless another one follows. */
  let unreadable = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 4 << 20 }) as AsyncIterable<Buffer>) {
    pending = Buffer.concat([pending, chunk]);
    while (pending.byteLength >= prefixBytes) {
      const length = pending.readUInt32LE(0);
      const end = prefixBytes + length;
      // There is no write without a record. Or it was cut off, or nobody knows where the next one begins.
      if (length === 0 || length > maxWriteBytes || end > left) return;
      if (pending.byteLength < end) break;
      const checksum = pending.readUInt32LE(4);
      const body = pending.subarray(prefixBytes, end);
      pending = pending.subarray(end);
      left -= end;
      if (crc32c(body) !== checksum) {
        unreadable += end;
        continue;
      }
      if (unreadable > 0) onUnreadable(unreadable);
      unreadable = 0;
      yield* recordsOf(body);
    }
  }
}

function* recordsOf(body: Buffer): Generator<Recalled> {
  for (let at = 0; at < body.byteLength;) {
    const pathLength = body.readUInt16LE(at);
    const size = body.readUInt32LE(at + 2);
    const position = body.readDoubleLE(at + 6);
    const start = at + recordBytes + pathLength;
    yield {
      path: body.toString("utf8", at + recordBytes, start),
      position,
      bytes: Uint8Array.from(body.subarray(start, start + size)),
    };
    at = start + size;
  }
}
