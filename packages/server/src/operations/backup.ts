import { existsSync } from "node:fs";
import { constants, copyFile, mkdir, open, readdir, readFile, rename, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import Libsql from "libsql";
import { z } from "zod";
import { hasCode } from "../data-folder.ts";
import { openErasureLedger } from "../privacy/erasure-ledger.ts";
import { version } from "../version.ts";

/** What a backup cannot be made of or restored from; `code` says why, `message` what and where. */
export class BackupError extends Error {
  override readonly name = "ServerBackupError";
  readonly code: "source-missing" | "target-used" | "incomplete" | "unreadable";

  constructor(code: BackupError["code"], detail: string) {
    super(detail);
    this.code = code;
  }
}

/** Last file of a backup: one without it was cut off. */
const manifestName = "backup.json";

/** What a backup says of itself. */
export interface BackupManifest {
  readonly format: 1;
  /** Of Peerscope. */
  readonly version: string;
  /** Unix ms. */
  readonly createdAt: number;
  readonly logs: number;
  /** Of the logs. */
  readonly bytes: number;
  /** `postgres`: they are in a database that has backups of its own. */
  readonly settings: "sqlite" | "postgres";
}

const manifestSchema: z.ZodType<BackupManifest> = z.object({
  format: z.literal(1),
  version: z.string(),
  createdAt: z.number(),
  logs: z.number(),
  bytes: z.number(),
  settings: z.enum(["sqlite", "postgres"]),
});

export interface BackupOptions {
  /** Its server may run. */
  readonly dataFolder: string;
  /** PostgreSQL of the settings, which is not copied; null: the SQLite file in the data folder. */
  readonly settingsUrl: string | null;
  /** A folder that is empty, or not there. */
  readonly to: string;
  /** Unix ms. */
  readonly now: number;
}

/** Files that are copied at the same time. Ours. */
const concurrency = 4;

/**
 * Copies what cannot be made again: session logs, erasures and settings. Logs come first and settings last, so that every log has
 * its project; a log that grows meanwhile ends where it was, at worst in the middle of an entry, which the next start cuts.
 * @throws BackupError `source-missing`, `target-used`
 */
export async function backUp({ dataFolder, settingsUrl, to, now }: BackupOptions): Promise<BackupManifest> {
  const settingsFile = join(dataFolder, "settings.sqlite");
  if (!existsSync(join(dataFolder, "logs")) || (settingsUrl === null && !existsSync(settingsFile)))
    throw new BackupError("source-missing", dataFolder);
  await claim(to);
  const { logs, bytes } = await copyFiles(await listFiles(join(dataFolder, "logs"), 2, ".pslog"), {
    from: join(dataFolder, "logs"),
    to: join(to, "logs"),
  });
  await copyFiles(await listFiles(join(dataFolder, "erasures"), 0, ".json"), {
    from: join(dataFolder, "erasures"),
    to: join(to, "erasures"),
  });
  if (settingsUrl === null) await copySettings(settingsFile, join(to, "settings.sqlite"));
  const manifest: BackupManifest = {
    format: 1,
    version,
    createdAt: now,
    logs,
    bytes,
    settings: settingsUrl === null ? "sqlite" : "postgres",
  };
  await writeManifest(to, manifest);
  return manifest;
}

export interface RestoreOptions {
  readonly from: string;
  /** A folder that is empty, or not there. */
  readonly dataFolder: string;
}

/** What was restored. */
export interface RestoreReport {
  readonly backup: BackupManifest;
  readonly logs: number;
  /** Logs that were left out: their sessions were erased while the backup was made. */
  readonly erased: number;
}

/**
 * Makes a data folder out of a backup. The first start lists the logs and makes all rows anew.
 * @throws BackupError `incomplete`, `unreadable`, `target-used`
 */
export async function restore({ from, dataFolder }: RestoreOptions): Promise<RestoreReport> {
  const backup = await readManifest(from);
  const files = await listFiles(join(from, "logs"), 2, ".pslog");
  const settingsFile = join(from, "settings.sqlite");
  if (files.length < backup.logs || (backup.settings === "sqlite" && !existsSync(settingsFile)))
    throw new BackupError("incomplete", `${from}: files are missing`);
  await claim(dataFolder);
  await copyFiles(await listFiles(join(from, "erasures"), 0, ".json"), {
    from: join(from, "erasures"),
    to: join(dataFolder, "erasures"),
  });
  const ledger = openErasureLedger(join(dataFolder, "erasures"), (message) => {
    throw new BackupError("unreadable", message);
  });
  const kept = files.filter((file) => !ledger.hasErased(sessionOf(file)));
  const { logs } = await copyFiles(kept, { from: join(from, "logs"), to: join(dataFolder, "logs") });
  if (backup.settings === "sqlite") await copyFile(settingsFile, join(dataFolder, "settings.sqlite"));
  return { backup, logs, erased: files.length - kept.length };
}

function sessionOf(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1, -".pslog".length);
}

/** Nothing that is there is written over. */
async function claim(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) throw new BackupError("target-used", folder);
}

/** Files so many folders down, as paths below the folder. Nothing when it is not there. */
async function listFiles(folder: string, depth: number, ending: string): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
  if (depth === 0)
    return entries.flatMap((entry) => (entry.isFile() && entry.name.endsWith(ending) ? [entry.name] : []));
  const files: string[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const below = await listFiles(join(folder, entry.name), depth - 1, ending);
    files.push(...below.map((file) => `${entry.name}/${file}`));
  }
  return files;
}

/** Copies to disk, with their times: those say when a session was over. What has gone meanwhile is left out. */
async function copyFiles(
  files: readonly string[],
  folders: { readonly from: string; readonly to: string },
): Promise<{ logs: number; bytes: number }> {
  const waiting = files.values();
  const made = new Set<string>();
  let logs = 0;
  let bytes = 0;
  const worker = async (): Promise<void> => {
    for (const file of waiting) {
      const target = join(folders.to, file);
      if (!made.has(dirname(target))) await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      made.add(dirname(target));
      const size = await copyOne(join(folders.from, file), target);
      if (size === null) continue;
      logs += 1;
      bytes += size;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { logs, bytes };
}

/** Bytes of the copy; null when the file has gone, into the archive or because it was erased. */
async function copyOne(from: string, to: string): Promise<number | null> {
  try {
    const { atime, mtime } = await stat(from);
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await utimes(to, atime, mtime);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
  const handle = await open(to, "r+");
  try {
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

/** By SQLite itself: the newest changes of a running server are beside the file. */
async function copySettings(from: string, to: string): Promise<void> {
  const database = new Libsql(from, { readonly: true });
  try {
    database.prepare("VACUUM INTO ?").run(to);
  } finally {
    database.close();
  }
  const handle = await open(to, "r+");
  await handle.chmod(0o600);
  await handle.sync();
  await handle.close();
}

async function writeManifest(folder: string, manifest: BackupManifest): Promise<void> {
  const path = join(folder, manifestName);
  const handle = await open(`${path}.new`, "wx", 0o600);
  await handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
  await handle.sync();
  await handle.close();
  await rename(`${path}.new`, path);
}

async function readManifest(folder: string): Promise<BackupManifest> {
  let text: string;
  try {
    text = await readFile(join(folder, manifestName), "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new BackupError("incomplete", `${folder} has no ${manifestName}`);
    throw error;
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch {
    throw new BackupError("unreadable", join(folder, manifestName));
  }
}
