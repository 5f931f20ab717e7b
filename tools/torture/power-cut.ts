import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** What a power cut took from logs and journal. */
export interface PowerCut {
  readonly files: number;
  readonly bytes: number;
}

interface Synced {
  /** Bytes of each file that are on disk. */
  readonly sizes: Map<string, number>;
  /** Names in each folder that are on disk. */
  readonly names: Map<string, ReadonlySet<string>>;
}

/**
 * Does to a data folder whose server was killed what a power cut does: of logs and journals only what was synced is sure to be there. The rest is
 * cut off, all of it or a part, or is zeros or anything, or is there after all; a file whose name no sync of its folder has seen may be gone.
 * `record` is what `server-hook.mjs` wrote. Removed files stay removed, and databases keep everything: they are ahead of the logs then.
 */
export function cutPower(dataFolder: string, record: string, random: () => number): PowerCut {
  const synced = readRecord(record);
  let files = 0;
  let bytes = 0;
  for (const path of filesOf(dataFolder)) {
    const size = sizeOf(path);
    const kept = Math.min(size, synced.sizes.get(path) ?? 0);
    if (!isNameSynced(path, dataFolder, synced) && random() < 0.5) {
      rmSync(path);
      files += 1;
      bytes += size;
    } else if (kept < size) {
      const lost = (isJournal(path) ? loseInPlace : loseTail)(path, kept, size, random);
      files += lost > 0 ? 1 : 0;
      bytes += lost;
    }
  }
  // What is there now has survived.
  writeFileSync(record, presentState(dataFolder));
  return { files, bytes };
}

function readRecord(record: string): Synced {
  const sizes = new Map<string, number>();
  const names = new Map<string, ReadonlySet<string>>();
  const lines = existsSync(record) ? readFileSync(record, "utf8").split("\n") : [];
  // The last line may have been written in part.
  for (const line of lines.slice(0, -1)) {
    const [kind = "", path = "", what = ""] = line.split("\t");
    if (kind === "names") names.set(path, new Set(what.split("/")));
    else if (kind === "size") sizes.set(path, Number(what));
    else if (kind === "moved") sizes.set(what, sizes.get(path) ?? 0);
  }
  return { sizes, names };
}

function isNameSynced(path: string, dataFolder: string, synced: Synced): boolean {
  for (let at = path; at !== dataFolder; at = dirname(at)) {
    const folder = dirname(at);
    if (synced.names.get(folder)?.has(at.slice(folder.length + 1)) !== true) return false;
  }
  return true;
}

function loseTail(path: string, kept: number, size: number, random: () => number): number {
  const outcome = Math.floor(random() * 5);
  if (outcome === 0) return 0;
  if (outcome === 1) truncateSync(path, kept);
  if (outcome === 2) truncateSync(path, kept + Math.floor(random() * (size - kept)));
  if (outcome > 2) overwrite(path, kept, size, outcome === 4 ? random : null);
  return size - kept;
}

/** What is written in its place is there in part: from its beginning, from somewhere on, as anything, or not at all. */
function loseInPlace(path: string, kept: number, size: number, random: () => number): number {
  const outcome = Math.floor(random() * 5);
  if (outcome === 0) return 0;
  const middle = kept + Math.floor(random() * (size - kept));
  const [from, to] = outcome === 1 ? [middle, size] : outcome === 2 ? [kept, middle] : [kept, size];
  overwrite(path, from, to, outcome === 4 ? random : null);
  return to - from;
}

/** With zeros, or with anything. */
function overwrite(path: string, from: number, to: number, random: (() => number) | null): void {
  const bytes = Buffer.alloc(to - from);
  if (random !== null) for (let at = 0; at < bytes.length; at += 1) bytes[at] = Math.floor(random() * 256);
  const descriptor = openSync(path, "r+");
  writeSync(descriptor, bytes, 0, bytes.length, from);
  closeSync(descriptor);
}

const isJournal = (path: string): boolean => path.endsWith(".journal");

/** Of a journal, without the zeros behind what was written. */
function sizeOf(path: string): number {
  if (!isJournal(path)) return statSync(path).size;
  const bytes = readFileSync(path);
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return end;
}

/** Logs and journals. */
function filesOf(dataFolder: string): string[] {
  return ["logs", "journal"].flatMap((name) =>
    readdirSync(join(dataFolder, name), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(pslog|journal)$/.test(file))
      .map((file) => join(dataFolder, name, file)),
  );
}

function presentState(dataFolder: string): string {
  const files = filesOf(dataFolder);
  const folders = new Set<string>([dataFolder]);
  for (const path of files) for (let at = dirname(path); at !== dataFolder; at = dirname(at)) folders.add(at);
  return [
    ...files.map((path) => `size\t${path}\t${sizeOf(path)}\n`),
    ...[...folders].map((path) => `names\t${path}\t${readdirSync(path).join("/")}\n`),
  ].join("");
}
