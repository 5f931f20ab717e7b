import { mkdirSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beginJournalFile, clearFile, type JournalFile, type SpareFile } from "./journal-file.ts";
import { encodeRecords, journalsIn, journalSuffix, type JournalRecord } from "./journal-format.ts";
import { syncAll, syncFolder } from "./sync-files.ts";

/**
 * What was written to any log lately, in one file: a thousand logs that grow by a hundred bytes each become durable with
 * one sync. The logs are written too, and synced later, all at once; then the journal begins anew, in the place of the one before. After
 * a power cut `replayJournal` brings what the logs lost back into them. See docs/decisions/0013-a-journal-in-its-place.md.
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

/** How the name of a file of zeros ends, which waits to be a journal. */
const spareSuffix = ".spare";
/** One that has grown far beyond what a checkpoint begins at is not kept, in such files. Ours. */
const mostOfSpare = 2;

export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { folder, logsFolder } = options;
  const maxBytes = options.maxBytes ?? 64 << 20;
  const maxAgeMs = options.maxAgeMs ?? 120_000;
  const now = options.now ?? Date.now;
  mkdirSync(folder, { recursive: true });
  // The name of the folder is data of the one above.
  await syncFolder(dirname(folder));
  for (const name of await readdir(folder))
    if (name.endsWith(spareSuffix)) await rm(join(folder, name), { force: true });
  let number = Math.max(0, ...(await journalsIn(folder)).map(numberOf));
  /** Files with records of logs that were not synced since, the one that is written to last. */
  let files: string[] = await journalsIn(folder);
  let file: JournalFile | null = null;
  /** The next journal is made of it. */
  let spare: SpareFile | null = null;
  /** A write found no room, or it is the end: no spare file is kept. */
  let keepsNone = false;
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

  async function begin(): Promise<JournalFile> {
    number += 1;
    const name = `${String(number).padStart(8, "0")}${journalSuffix}`;
    const taken = spare;
    spare = null;
    const begun = await beginJournalFile(join(folder, name), taken);
    files.push(name);
    await syncFolder(folder).catch(async (error: unknown) => {
      await begun.close();
      throw error;
    });
    beganAt = now();
    return begun;
  }

  async function writeNow(records: readonly JournalRecord[]): Promise<void> {
    file ??= await begin();
    const bytes = encodeRecords(records, logsFolder);
    try {
      await file.write(bytes);
    } catch (error) {
      keepsNone = true;
      if (file.isBroken) {
        await file.close().catch(() => {});
        file = null;
      }
      throw error;
    }
    for (const { path } of records) written.add(path);
  }

  async function checkpointNow(): Promise<void> {
    const { old, paths, bytes } = await inTurn(async () => {
      const length = (await file?.close()) ?? 0;
      file = null;
      const taken = { old: files, paths: written, bytes: length };
      files = [];
      written = new Set();
      return taken;
    });
    try {
      await syncAll(paths);
      await forget(old, bytes);
    } catch (error) {
      files = [...old, ...files];
      for (const path of paths) written.add(path);
      throw error;
    }
  }

  /**
   * Removes journals, and makes a spare file of the last one, which is so long; 0: it is not known. What is under the name of a journal
   * after a power cut would bring back what was removed since, so the names go first.
   */
  async function forget(names: readonly string[], bytes: number): Promise<void> {
    const isFit = bytes > 0 && bytes <= mostOfSpare * maxBytes;
    const last = isFit && spare === null && !keepsNone ? names.at(-1) : undefined;
    const kept = last === undefined ? null : join(folder, `${last}${spareSuffix}`);
    if (last !== undefined && kept !== null) await rename(join(folder, last), kept);
    for (const name of names) await rm(join(folder, name), { force: true });
    if (keepsNone) await dropSpare();
    keepsNone = false;
    try {
      await syncFolder(folder);
      // Nothing that was in a log is left in it, and nothing behind what is written to it next can be taken for a part of that.
      if (kept !== null) spare = await clearFile(kept).catch(() => null);
    } finally {
      if (kept !== null && spare === null) await rm(kept, { force: true });
    }
  }

  async function dropSpare(): Promise<void> {
    if (spare !== null) await rm(spare.path, { force: true });
    spare = null;
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
      if (records.length === 0) return;
      try {
        await inTurn(() => writeNow(records));
      } catch (error) {
        // On a full disk the journal itself is what can be given back.
        if (files.length > 0) checkpointSoon();
        throw error;
      }
      if (file !== null && file.bytes > maxBytes) checkpointSoon();
    },
    checkpoint,
    sweep() {
      if (files.length > 0 && now() - beganAt > maxAgeMs) checkpointSoon();
    },
    async close() {
      keepsNone = true;
      await checkpoint().catch((error: unknown) => options.onProblem(toError(error)));
      await file?.close().catch(() => {});
      await dropSpare();
    },
  };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function numberOf(name: string): number {
  return Number.parseInt(name, 10) || 0;
}
