import { open, readFile, rename, type FileHandle } from "node:fs/promises";
import { z } from "zod";

/** What the server has to know about a finished log without opening it. */
export interface FinishedLog {
  readonly sessionId: string;
  /** Path below the logs folder, with "/". */
  readonly file: string;
  readonly bytes: number;
  readonly lastSequence: number;
  /** Unix ms. */
  readonly createdAt: number;
}

const lineSchema = z.object({
  sessionId: z.string(),
  file: z.string(),
  bytes: z.number(),
  lastSequence: z.number(),
  createdAt: z.number(),
});

/**
 * One JSON line for each finished log, so that a start does not read thousands of them again. It is a cache: a line
 * that is missing, damaged or does not fit its file only makes the server read that log.
 */
export interface FinishedCatalogue {
  add(entry: FinishedLog): Promise<void>;
  close(): Promise<void>;
}

/** Reads the catalogue; the last line of a file wins. */
export async function readFinishedCatalogue(path: string): Promise<Map<string, FinishedLog>> {
  const entries = new Map<string, FinishedLog>();
  const text = await readFile(path, "utf8").catch(() => "");
  for (const line of text.split("\n")) {
    const entry = parseLine(line);
    if (entry !== null) entries.set(entry.file, entry);
  }
  return entries;
}

/** Writes the catalogue anew with these entries and opens it for adding. */
export async function openFinishedCatalogue(
  path: string,
  entries: Iterable<FinishedLog>,
): Promise<FinishedCatalogue> {
  const temporary = `${path}.new`;
  const fresh = await open(temporary, "w");
  await fresh.writeFile([...entries].map(toLine).join(""));
  await fresh.sync();
  await fresh.close();
  await rename(temporary, path);
  const handle: FileHandle = await open(path, "a");
  let tail: Promise<unknown> = Promise.resolve();
  return {
    add(entry) {
      // Not synced: losing a line costs one scan of one log.
      const written = tail.then(() => handle.appendFile(toLine(entry)));
      tail = written.catch(() => {});
      return written;
    },
    async close() {
      await tail;
      await handle.close();
    },
  };
}

function toLine(entry: FinishedLog): string {
  return `${JSON.stringify(entry)}\n`;
}

function parseLine(line: string): FinishedLog | null {
  if (line === "") return null;
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
