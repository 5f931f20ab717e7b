import { readdir, rm } from "node:fs/promises";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { Archive } from "../archive/archive.ts";
import { parseArchiveName } from "../archive/archive-name.ts";
import { syncAll } from "./sync-files.ts";
import { openFinishedCatalogue, type FinishedCatalogue, type FinishedLog } from "./finished-catalogue.ts";
import { isSampleLog, logPath, projectOfLog } from "./log-path.ts";
import { recoverLog } from "./recovery.ts";

/** A log that was not finished when the server stopped. */
export interface UnfinishedLog extends Omit<FinishedLog, "endedAt" | "isLocal" | "archivedAs"> {
  /** Unix ms of the last write. */
  readonly writtenAt: number;
}

export interface LogIndex {
  readonly unfinished: readonly UnfinishedLog[];
  readonly catalogue: FinishedCatalogue;
  /** Bytes of torn tails that were cut: parts of frames nobody was told are safe. */
  readonly cutBytes: number;
  /** Files that are no session log, logs with damage inside, and logs that are nowhere, each with its code. */
  readonly problems: readonly { readonly file: string; readonly code: string }[];
}

export interface LogIndexOptions {
  readonly archive?: Archive | null;
  /** When the catalogue has to be made anew, a log that was written before (Unix ms) counts as finished. Default: none does. */
  readonly finishedBefore?: number;
}

/** Name of the catalogue in the logs folder. */
export const catalogueFile = "finished.sqlite";
/** Logs that are repaired at the same time. Ours: checksums are what takes long, and disk and processor overlap. */
const parallelRecoveries = 8;
/** Logs of the archive that go into a new catalogue in one step. */
const archivedPerStep = 5_000;

/**
 * Lists the logs folder, believes the catalogue about finished logs, and repairs the others. A catalogue that is missing or damaged is
 * made anew from logs folder and archive.
 * @throws ArchiveError when that is so and the archive does not answer: sessions in it would be begun again under the same ids.
 */
export async function openLogIndex(logsFolder: string, options: LogIndexOptions = {}): Promise<LogIndex> {
  const catalogue = openFinishedCatalogue(join(logsFolder, catalogueFile));
  try {
    return await readIndex(logsFolder, catalogue, options);
  } catch (error) {
    catalogue.close();
    // Half a catalogue must not look like a whole one at the next start.
    if (catalogue.isNew)
      for (const end of ["", "-wal", "-shm"])
        await rm(join(logsFolder, catalogueFile + end), { force: true });
    throw error;
  }
}

async function readIndex(
  logsFolder: string,
  catalogue: FinishedCatalogue,
  { archive = null, finishedBefore = 0 }: LogIndexOptions,
): Promise<LogIndex> {
  if (catalogue.isNew && archive !== null) await addArchived(catalogue, archive);
  const unfinished: UnfinishedLog[] = [];
  const problems: { file: string; code: string }[] = [];
  const found = new Set<string>();
  let cutBytes = 0;

  async function repair(file: string, writtenAt: number): Promise<void> {
    const path = join(logsFolder, file);
    const log = await recoverLog(path);
    cutBytes += log.cutBytes;
    if (log.error !== null) problems.push({ file, code: log.error.code });
    const sessionId = sessionOf(file);
    // A header that was never finished: no frame of it can have been acknowledged.
    if (log.error === null && log.header === null) await rm(path);
    if (log.header === null) return;
    // Where the file lies is what the log is found by; the header has to agree.
    const isOurs = log.header.sessionId === sessionId && isPlaceOf(file, log.header.createdAt);
    if (!isOurs) {
      if (log.error === null) problems.push({ file, code: "log-header-corrupt" });
      return;
    }
    const { bytes, lastSequence, header } = log;
    const { createdAt } = header;
    const known = {
      sessionId,
      projectId: projectOfLog(file),
      sample: isSampleLog(file),
      createdAt,
      bytes,
      lastSequence,
    };
    found.add(sessionId);
    if (catalogue.isNew && writtenAt < finishedBefore) catalogue.add({ ...known, endedAt: writtenAt });
    else unfinished.push({ ...known, writtenAt });
    const place = catalogue.get(sessionId);
    if (place?.isLocal === false) catalogue.place(sessionId, { isLocal: true, archivedAs: place.archivedAs });
  }

  const damaged: { file: string; writtenAt: number }[] = [];
  // Read in one go: a look-up for each file takes ten times as long.
  const lengths = new Map<string, number>();
  for (const { sessionId, bytes } of catalogue.local()) lengths.set(sessionId, bytes);
  for (const file of await listLogs(logsFolder)) {
    // Not awaited one by one: a hundred thousand of them take a fraction of a second this way.
    const { size, mtimeMs } = statSync(join(logsFolder, file));
    const sessionId = sessionOf(file);
    if (lengths.get(sessionId) === size) {
      found.add(sessionId);
      continue;
    }
    const known = lengths.has(sessionId) ? null : catalogue.get(sessionId);
    if (known?.bytes !== size) {
      damaged.push({ file, writtenAt: mtimeMs });
      continue;
    }
    found.add(sessionId);
    // Killed between the catalogue and the removal of the file, or while it was brought back: it is archived once more.
    catalogue.place(sessionId, { isLocal: true, archivedAs: known.archivedAs });
  }
  const waiting = damaged.values();
  await Promise.all(
    Array.from({ length: parallelRecoveries }, async () => {
      for (const { file, writtenAt } of waiting) await repair(file, writtenAt);
    }),
  );
  // A server that was killed between log and journal left whole entries that no sync has seen. Clients are told that they are kept.
  await syncAll(
    new Set(
      unfinished.map(({ sessionId, projectId, createdAt, sample }) =>
        join(logsFolder, logPath(projectId, sessionId, createdAt, sample)),
      ),
    ),
  );
  for (const log of catalogue.local()) {
    if (found.has(log.sessionId)) continue;
    const copy = log.archivedAs === null ? null : parseArchiveName(log.archivedAs);
    if (copy !== null) {
      const { lastSequence, bytes, endedAt } = copy;
      catalogue.add({ ...log, lastSequence, bytes, endedAt });
      catalogue.place(log.sessionId, { isLocal: false, archivedAs: log.archivedAs });
    } else {
      catalogue.remove(log.sessionId);
    }
    if (copy?.bytes !== log.bytes) problems.push({ file: log.sessionId, code: "log-missing" });
  }
  return { unfinished, catalogue, cutBytes, problems };
}

async function addArchived(catalogue: FinishedCatalogue, archive: Archive): Promise<void> {
  let step: { log: Omit<FinishedLog, "isLocal" | "archivedAs">; name: string }[] = [];
  const keep = (): void => {
    catalogue.together(() => {
      for (const { log, name } of step) {
        catalogue.add(log);
        catalogue.place(log.sessionId, { isLocal: false, archivedAs: name });
      }
    });
    step = [];
  };
  for await (const { name, ...log } of archive.list()) {
    step.push({ log: { ...log, sample: false }, name });
    if (step.length >= archivedPerStep) keep();
  }
  keep();
}

/** True when the log of a session that began then lies in this file. */
function isPlaceOf(file: string, createdAt: number): boolean {
  // Days end where Date does.
  if (!(Math.abs(createdAt) <= 8.64e15)) return false;
  return logPath(projectOfLog(file), sessionOf(file), createdAt, isSampleLog(file)) === file;
}

function sessionOf(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1, -".pslog".length);
}

async function listLogs(logsFolder: string): Promise<string[]> {
  const files: string[] = [];
  for (const project of await folders(logsFolder)) {
    for (const day of await folders(join(logsFolder, project))) {
      const names = await readdir(join(logsFolder, project, day));
      for (const name of names) if (name.endsWith(".pslog")) files.push(`${project}/${day}/${name}`);
    }
  }
  return files;
}

async function folders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
