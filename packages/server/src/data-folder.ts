import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { ServerStartError } from "./errors.ts";

/** An opened data folder. No other server can open it until `release`. */
export interface DataFolder {
  /** Folder of the session logs. */
  readonly logs: string;
  /** Folder of what was written to logs lately. */
  readonly journal: string;
  /** Folder of what the analysis puts aside while it runs. */
  readonly resting: string;
  /** Folder of the embedded store. */
  readonly store: string;
  release(): void;
}

/**
 * Opens the data folder, making what is missing.
 * @throws ServerStartError `data-folder-in-use` while another living process holds it, `data-folder-unusable` when it cannot be written.
 */
export function openDataFolder(path: string): DataFolder {
  try {
    mkdirSync(join(path, "logs"), { recursive: true });
    mkdirSync(join(path, "store"), { recursive: true });
  } catch (error) {
    throw new ServerStartError("data-folder-unusable", `${path}: ${String(error)}`);
  }
  return {
    logs: join(path, "logs"),
    journal: join(path, "journal"),
    resting: join(path, "resting"),
    store: join(path, "store"),
    release: lock(path),
  };
}

/** The lock is a file with the holder's process id: a holder that was killed left it behind, and its id tells. */
function lock(path: string): () => void {
  const file = join(path, "server.lock");
  const content = `${process.pid} ${processStartOf(process.pid) ?? ""}`;
  const own = `${file}.${process.pid}`;
  writeDurably(own, content);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      // A link appears with its content: nobody ever reads a lock that is half written.
      linkSync(own, file);
      rmSync(own, { force: true });
      return () => {
        if (readIfExists(file) === content) rmSync(file, { force: true });
      };
    } catch (error) {
      if (!hasCode(error, "EEXIST"))
        throw new ServerStartError("data-folder-unusable", `${file}: ${String(error)}`);
    }
    const holder = readIfExists(file);
    if (holder !== null && isHeld(holder)) {
      rmSync(own, { force: true });
      throw new ServerStartError(
        "data-folder-in-use",
        `Process ${holder.split(" ")[0]} holds ${path}. Stop it, or set PEERSCOPE_DATA to another folder.`,
      );
    }
    rmSync(file, { force: true });
  }
  throw new ServerStartError("data-folder-in-use", `${file} is taken again and again.`);
}

function isHeld(content: string): boolean {
  const [pidText = "", startedAt = ""] = content.split(" ");
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, under another user.
    if (!hasCode(error, "EPERM")) return false;
  }
  // A process id is given out again after a reboot; the start time tells the two apart where the system has it.
  const now = processStartOf(pid);
  return now === null || startedAt === "" || now === startedAt;
}

/** When the process started, in the system's own ticks; null where /proc does not exist. */
function processStartOf(pid: number): string | null {
  const stat = readIfExists(`/proc/${pid}/stat`);
  // Field 22; the second field (the name) is in brackets and may hold spaces.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

function writeDurably(file: string, text: string): void {
  const temporary = `${file}.new`;
  const descriptor = openSync(temporary, "w", 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
}

function readIfExists(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ESRCH")) return null;
    throw error;
  }
}

/** True for a system error with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
