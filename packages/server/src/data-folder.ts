import { randomBytes } from "node:crypto";
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
import { z } from "zod";
import { ServerStartError } from "./errors.ts";

/** The project that sessions belong to. This version has one. */
export interface ProjectSettings {
  readonly projectId: string;
  readonly name: string;
  /** Public key that clients send in hello: "pk_" and 32 hexadecimal digits. */
  readonly ingestKey: string;
}

/** An opened data folder. No other server can open it until `release`. */
export interface DataFolder {
  readonly project: ProjectSettings;
  /** Folder of the session logs. */
  readonly logs: string;
  /** Folder of the embedded store. */
  readonly store: string;
  release(): void;
}

const projectSchema = z.object({
  projectId: z.string().regex(/^[a-z0-9-]{1,40}$/),
  name: z.string(),
  ingestKey: z.string().min(8),
});

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
  const release = lock(path);
  try {
    return {
      project: readOrCreateProject(join(path, "project.json")),
      logs: join(path, "logs"),
      store: join(path, "store"),
      release,
    };
  } catch (error) {
    release();
    throw new ServerStartError("data-folder-unusable", `${path}: ${String(error)}`);
  }
}

function readOrCreateProject(file: string): ProjectSettings {
  const text = readIfExists(file);
  if (text !== null) return projectSchema.parse(JSON.parse(text));
  const project: ProjectSettings = {
    projectId: "default",
    name: "Default project",
    ingestKey: `pk_${randomBytes(16).toString("hex")}`,
  };
  writeDurably(file, `${JSON.stringify(project, null, 2)}\n`);
  return project;
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
