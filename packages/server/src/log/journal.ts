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
import { mkdir, open, readdir, rm, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { crc32c } from "@peerscope/schema";

/** Bytes that belong into a log. */
export interface JournalRecord {
  /** Absolute path of the log. */
  readonly path: string;
  /** Where in the log they are. */
  readonly position: number;
  readonly chunks: readonly Uint8Array[];
}

/**
 * What was written to any log lately, in one file: a thousand logs that grow by a hundred bytes each become durable with
 * one sync. The logs are written too, and synced later, all at once; then the journal begins anew. After a power cut
 * `replayJournal` brings what the logs lost back into them.
 */
export interface Journal {
  /** Resolves when the records are on disk. One at a time. */
  write(records: readonly JournalRecord[]): Promise<void>;
  /** Syncs all logs that were written to and forgets their records. Rejects when that fails; nothing is forgotten then. */
  checkpoint(): Promise<void>;
  /** Begins a checkpoint when the journal is old. Called about once a second, so that what is removed later is not in it any more. */
  sweep(): void;
  /** Leaves nothing behind when the logs can be synced. Never rejects. */
  close(): Promise<void>;
}

export interface JournalOptions {
  /** Folder of the journal itself. */
  readonly folder: string;
  readonly logsFolder: string;
  readonly onProblem: (error: Error) => void;
  /** A checkpoint follows after so many bytes or so long. Ours: 64 MiB, two minutes. */
  readonly maxBytes?: number;
  readonly maxAgeMs?: number;
  /** Unix ms; injected so that tests decide. */
  readonly now?: () => number;
}

/** Length and CRC32C of what follows: the records of one write. */
const prefixBytes = 8;
/** Of a record, beside path and bytes: their lengths and the position. */
const recordBytes = 2 + 4 + 8;
/** A write of a journal that claims to be larger is none. */
const maxWriteBytes = 1 << 30;
/** Logs that are synced at the same time. Ours: it has time, and acknowledgements go before. */
const parallelSyncs = 4;
const suffix = ".journal";

export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { folder, logsFolder } = options;
  const maxBytes = options.maxBytes ?? 64 << 20;
  const maxAgeMs = options.maxAgeMs ?? 120_000;
  const now = options.now ?? Date.now;
  mkdirSync(folder, { recursive: true });
  // The name of the folder is data of the one above.
  await syncFolder(dirname(folder));
  let number = Math.max(0, ...(await journalsIn(folder)).map(numberOf));
  /** Files with records of logs that were not synced since, the one that is written to last. */
  let files: string[] = await journalsIn(folder);
  let handle: FileHandle | null = null;
  let position = 0;
  let beganAt = now();
  let written = new Set<string>();
  let tail: Promise<unknown> = Promise.resolve();
  let checking: Promise<void> | null = null;

  /** What changes the file happens one after the other. */
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = tail.then(act);
    tail = done.catch(() => {});
    return done;
  }

  async function begin(): Promise<FileHandle> {
    number += 1;
    const name = `${String(number).padStart(8, "0")}${suffix}`;
    const started = await open(join(folder, name), "wx");
    await syncFolder(folder);
    files.push(name);
    position = 0;
    beganAt = now();
    return started;
  }

  async function writeNow(records: readonly JournalRecord[]): Promise<void> {
    handle ??= await begin();
    const bytes = encodeRecords(records, logsFolder);
    try {
      // To the system's memory, which is faster than handing it to another thread.
      for (let done = 0; done < bytes.byteLength;) {
        const bytesWritten = writeSync(handle.fd, bytes, done, bytes.byteLength - done, position + done);
        if (bytesWritten === 0) throw new Error("the disk takes no more bytes");
        done += bytesWritten;
      }
      await handle.datasync();
    } catch (error) {
      // Half a write must not be in front of the next one.
      const broken = handle;
      await broken.truncate(position).catch(async () => {
        handle = null;
        await broken.close().catch(() => {});
      });
      throw error;
    }
    position += bytes.byteLength;
    for (const { path } of records) written.add(path);
  }

  async function checkpointNow(): Promise<void> {
    const { old, paths } = await inTurn(async () => {
      await handle?.close();
      handle = null;
      const taken = { old: files, paths: written };
      files = [];
      written = new Set();
      return taken;
    });
    try {
      await syncAll(paths);
      await removeJournals(folder, old);
    } catch (error) {
      files = [...old, ...files];
      for (const path of paths) written.add(path);
      throw error;
    }
  }

  function checkpoint(): Promise<void> {
    // One that is under way may have begun before what the caller wants to be in it.
    const next = (checking ?? Promise.resolve()).catch(() => {}).then(checkpointNow);
    const settled = next.finally(() => {
      if (checking === settled) checking = null;
    });
    checking = settled;
    settled.catch(() => {});
    return settled;
  }

  function checkpointSoon(): void {
    if (checking !== null) return;
    checkpoint().catch((error: unknown) => {
      beganAt = now();
      options.onProblem(toError(error));
    });
  }

  return {
    async write(records) {
      try {
        await inTurn(() => writeNow(records));
      } catch (error) {
        // On a full disk the journal itself is what can be given back.
        if (files.length > 0) checkpointSoon();
        throw error;
      }
      if (position > maxBytes) checkpointSoon();
    },
    checkpoint,
    sweep() {
      if (files.length > 0 && now() - beganAt > maxAgeMs) checkpointSoon();
    },
    async close() {
      await checkpoint().catch((error: unknown) => options.onProblem(toError(error)));
      await handle?.close().catch(() => {});
    },
  };
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
  await removeJournals(folder, names);
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

/** One that came back after a power cut would bring back what was removed since. */
async function removeJournals(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(join(folder, name), { force: true });
  await syncFolder(folder);
}

/** Resolves when the files and their names are on disk. Files that are gone are passed over. */
export async function syncAll(paths: ReadonlySet<string>): Promise<void> {
  const waiting = paths.values();
  const folders = new Set([...paths].flatMap(foldersOf));
  await Promise.all(
    Array.from({ length: parallelSyncs }, async () => {
      for (const path of waiting) {
        const log = await open(path, "r+").catch(passMissing);
        try {
          await log?.datasync();
        } finally {
          await log?.close();
        }
      }
    }),
  );
  // The name of a new file is data of its folder.
  for (const folder of folders) await syncFolder(folder);
}

/** Of a log: its day, its project, and all logs. Each may be as new as the log. */
function foldersOf(path: string): string[] {
  const day = dirname(path);
  return [day, dirname(day), dirname(dirname(day))];
}

/** A log that is gone was archived or erased. */
function passMissing(error: unknown): null {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
  throw error;
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r").catch(passMissing);
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}

async function journalsIn(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  return (await readdir(folder)).filter((name) => name.endsWith(suffix)).toSorted();
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function numberOf(name: string): number {
  return Number.parseInt(name, 10) || 0;
}

function encodeRecords(records: readonly JournalRecord[], logsFolder: string): Buffer {
  const paths = records.map(({ path }) => Buffer.from(path.slice(logsFolder.length + 1)));
  const sizes = records.map(({ chunks }) => chunks.reduce((sum, { byteLength }) => sum + byteLength, 0));
  const body = paths.reduce(
    (sum, path, index) => sum + recordBytes + path.byteLength + (sizes[index] ?? 0),
    0,
  );
  const bytes = Buffer.allocUnsafe(prefixBytes + body);
  let at = prefixBytes;
  for (const [index, { position, chunks }] of records.entries()) {
    const path = paths[index] ?? Buffer.alloc(0);
    at = bytes.writeUInt16LE(path.byteLength, at);
    at = bytes.writeUInt32LE(sizes[index] ?? 0, at);
    at = bytes.writeDoubleLE(position, at);
    bytes.set(path, at);
    at += path.byteLength;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
  }
  bytes.writeUInt32LE(body, 0);
  bytes.writeUInt32LE(crc32c(bytes.subarray(prefixBytes)), 4);
  return bytes;
}

/**
 * The records of a journal, up to its end or to what was only written in part: nothing behind it was acknowledged. A write that cannot be
 * read though others follow is passed over, and `onUnreadable` told how long it is.
 */
async function* readJournal(
  path: string,
  onUnreadable: (bytes: number) => void,
): AsyncGenerator<{ readonly path: string; readonly position: number; readonly bytes: Uint8Array }> {
  let left = statSync(path).size;
  let pending = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 4 << 20 }) as AsyncIterable<Buffer>) {
    pending = Buffer.concat([pending, chunk]);
    while (pending.byteLength >= prefixBytes) {
      const length = pending.readUInt32LE(0);
      const end = prefixBytes + length;
      // It was cut off, or nobody knows where the next one begins.
      if (length > maxWriteBytes || end > left) return;
      if (pending.byteLength < end) break;
      const checksum = pending.readUInt32LE(4);
      const body = pending.subarray(prefixBytes, end);
      pending = pending.subarray(end);
      left -= end;
      if (crc32c(body) === checksum) yield* recordsOf(body);
      else if (left > 0) onUnreadable(end);
    }
  }
}

function* recordsOf(
  body: Buffer,
): Generator<{ readonly path: string; readonly position: number; readonly bytes: Uint8Array }> {
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
