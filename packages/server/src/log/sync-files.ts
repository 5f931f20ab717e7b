import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { hasCode } from "../data-folder.ts";

/** Logs that are synced at the same time. Ours: half of the threads that wait for the disk, as acknowledgements go before. */
const parallelSyncs = 2;

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
  if (hasCode(error, "ENOENT")) return null;
  throw error;
}

/** Resolves when the names in a folder are on disk. One that is gone is passed over. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r").catch(passMissing);
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}
