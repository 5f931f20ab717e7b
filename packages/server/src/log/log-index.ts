import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  openFinishedCatalogue,
  readFinishedCatalogue,
  type FinishedCatalogue,
  type FinishedLog,
} from "./finished-catalogue.ts";
import { recoverLog } from "./recovery.ts";

/** Folder, in place of a day, of recordings that ship with the product. */
export const samplesFolder = "samples";

/** A log that was not finished when the server stopped. */
export interface UnfinishedLog extends FinishedLog {
  /** Unix ms of the last write. */
  readonly writtenAt: number;
}

export interface LogIndex {
  readonly finished: readonly FinishedLog[];
  readonly unfinished: readonly UnfinishedLog[];
  readonly catalogue: FinishedCatalogue;
  /** Bytes of torn tails that were cut: parts of frames nobody was told are safe. */
  readonly cutBytes: number;
  /** Files that are no session log, and logs with damage inside, each with its code. */
  readonly problems: readonly { readonly file: string; readonly code: string }[];
}

/** Path of a log below the logs folder: project, day of its start (UTC) and session id. */
export function logPath(projectId: string, sessionId: string, createdAt: number, sample = false): string {
  const day = new Date(createdAt).toISOString().slice(0, 10);
  return `${projectId}/${sample ? samplesFolder : day}/${sessionId}.pslog`;
}

/** Id of the project whose folder a log lies in. */
export function projectOfLog(file: string): string {
  return file.split("/", 1)[0] ?? "";
}

/** True for a log in the folder of shipped recordings. */
export function isSampleLog(file: string): boolean {
  return file.split("/")[1] === samplesFolder;
}

/** Lists the logs folder, takes finished logs from the catalogue, and repairs the others. */
export async function openLogIndex(logsFolder: string): Promise<LogIndex> {
  const cataloguePath = join(logsFolder, "finished.jsonl");
  const known = await readFinishedCatalogue(cataloguePath);
  const finished: FinishedLog[] = [];
  const unfinished: UnfinishedLog[] = [];
  const problems: { file: string; code: string }[] = [];
  let cutBytes = 0;
  for (const file of await listLogs(logsFolder)) {
    const path = join(logsFolder, file);
    const { size, mtimeMs } = await stat(path);
    const entry = known.get(file);
    if (entry?.bytes === size) {
      finished.push(entry);
      continue;
    }
    const log = await recoverLog(path);
    cutBytes += log.cutBytes;
    if (log.error !== null) problems.push({ file, code: log.error.code });
    // The id is the file's name, which is what the log is found by; the header has to agree.
    const sessionId = file.slice(file.lastIndexOf("/") + 1, -".pslog".length);
    if (log.header === null || log.header.sessionId !== sessionId) {
      if (log.error === null && log.header !== null) problems.push({ file, code: "log-header-corrupt" });
      // A header that was never finished: no frame of it can have been acknowledged.
      if (log.error === null && log.header === null) await rm(path);
      continue;
    }
    const { bytes, lastSequence, header } = log;
    unfinished.push({
      sessionId,
      file,
      bytes,
      lastSequence,
      createdAt: header.createdAt,
      writtenAt: mtimeMs,
    });
  }
  const catalogue = await openFinishedCatalogue(cataloguePath, finished);
  return { finished, unfinished, catalogue, cutBytes, problems };
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
