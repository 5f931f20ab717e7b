import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rm, stat } from "node:fs/promises";
import type { FinishedLog } from "../log/finished-catalogue.ts";
import { archiveName, archivePrefix, parseArchiveName, type ArchivedLog } from "./archive-name.ts";
import type { ArchiveStorage } from "./archive-storage.ts";
import { createBackOff } from "./back-off.ts";

export type ArchiveErrorCode =
  /** It does not answer, or refuses; the same may work later. */
  | "archive-unavailable"
  /** It answers, and does not have the log. */
  | "archive-log-missing"
  /** What it has of the log is not what was put there. */
  | "archive-log-damaged";

/** The archive could not do what it should. `message` begins with the code. */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";
  readonly code: ArchiveErrorCode;

  constructor(code: ArchiveErrorCode, detail: string) {
    super(`${code}: ${detail}`);
    this.code = code;
  }
}

export interface ArchiveOptions {
  readonly storage: ArchiveStorage;
  /** Unix ms; injected so that tests decide. */
  readonly now: () => number;
  /** 0 to 1; injected so that tests decide. */
  readonly random: () => number;
}

/** Logs in the archive. Each is read back and compared before it counts, and compared again whenever it is fetched. */
export interface Archive {
  /**
   * Puts the log there and reads it back. The same log twice is one object.
   * @returns its name, see `archiveName`.
   * @throws ArchiveError; Error when the file is not as long as the log.
   */
  store(log: FinishedLog, path: string): Promise<string>;
  /**
   * Writes the log to a new file, synced. Nothing is left of it when that fails.
   * @throws ArchiveError
   */
  fetch(name: string, path: string): Promise<void>;
  /**
   * Removes all copies of the session's log but one.
   * @returns bytes of what was removed.
   * @throws ArchiveError
   */
  remove(log: Pick<FinishedLog, "projectId" | "sessionId" | "createdAt">, except?: string): Promise<number>;
  /**
   * The newest copy of each session's log, in the order of their names.
   * @throws ArchiveError
   */
  list(): AsyncIterable<ArchivedLog & { readonly name: string }>;
  /** Set while it does not answer. It is left alone until `retryAt` (Unix ms): everything is refused at once until then. */
  readonly failure: { readonly message: string; readonly since: number; readonly retryAt: number } | null;
  close(): void;
}

/** Pauses while the archive does not answer, in milliseconds. Ours. */
const firstPauseMs = 1_000;
const longestPauseMs = 120_000;

export function createArchive({ storage, now, random }: ArchiveOptions): Archive {
  const backOff = createBackOff({ firstMs: firstPauseMs, longestMs: longestPauseMs, random });
  let failure: Archive["failure"] = null;

  /** Everything that goes to the storage goes through here: an archive that is down is not asked by all at once. */
  async function attempt<Result>(act: () => Promise<Result>): Promise<Result> {
    if (failure !== null && now() < failure.retryAt)
      throw new ArchiveError("archive-unavailable", failure.message);
    const started = failure;
    try {
      const result = await act();
      failure = null;
      backOff.worked();
      return result;
    } catch (error) {
      if (error instanceof ArchiveError || error instanceof LocalError) throw error;
      const message = describe(error);
      // Others that were under way failed for the same reason, and it counts once.
      if (failure === started)
        failure = { message, since: failure?.since ?? now(), retryAt: now() + backOff.failed() };
      throw new ArchiveError("archive-unavailable", message);
    }
  }

  /** Reads an object to its end and compares; `take` gets its bytes. */
  async function readWhole(
    name: string,
    expected: Pick<ArchivedLog, "bytes" | "sha256">,
    take: (chunk: Buffer) => Promise<void> | null,
  ): Promise<void> {
    const stream = await storage.get(name);
    if (stream === null) throw new ArchiveError("archive-log-missing", name);
    const hash = createHash("sha256");
    let bytes = 0;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        bytes += chunk.byteLength;
        if (bytes > expected.bytes) break;
        hash.update(chunk);
        const taken = take(chunk);
        if (taken !== null) await taken;
      }
    } finally {
      stream.destroy();
    }
    if (bytes !== expected.bytes || hash.digest("hex") !== expected.sha256)
      throw new ArchiveError("archive-log-damaged", `${name} has other bytes than its name says`);
  }

  return {
    async store(log, path) {
      const { size } = await stat(path);
      if (size !== log.bytes) throw new Error(`${path} has ${size} bytes, its log ${log.bytes}`);
      const sha256 = await hashOf(path);
      const name = archiveName({ ...log, sha256 });
      await attempt(async () => {
        await storage.put(name, { path, bytes: log.bytes, sha256 });
        await readWhole(name, { bytes: log.bytes, sha256 }, () => null);
      });
      return name;
    },
    async fetch(name, path) {
      const expected = parseArchiveName(name);
      if (expected === null)
        throw new ArchiveError("archive-log-missing", `${name} is not the name of a log`);
      const handle = await open(path, "wx");
      try {
        await attempt(() =>
          readWhole(name, expected, async (chunk) => {
            await handle.writeFile(chunk).catch((error: unknown) => {
              throw new LocalError(`${path} cannot be written`, { cause: error });
            });
          }),
        );
        await handle.sync();
        await handle.close();
      } catch (error) {
        await handle.close().catch(() => {});
        await rm(path, { force: true });
        throw error;
      }
    },
    remove: (log, except) =>
      attempt(async () => {
        let removed = 0;
        for await (const { name, bytes } of storage.list(archivePrefix(log))) {
          if (name === except) continue;
          await storage.remove(name);
          removed += bytes;
        }
        return removed;
      }),
    async *list() {
      const objects = storage.list("")[Symbol.asyncIterator]();
      let newest: (ArchivedLog & { readonly name: string }) | null = null;
      for (;;) {
        const next = await attempt(() => objects.next());
        if (next.done === true) break;
        const { name, bytes } = next.value;
        const log = parseArchiveName(name);
        // What is not ours, or was cut short, is nothing that could be read.
        if (log === null || log.bytes !== bytes) continue;
        // Copies of one session have names with the same beginning, so they come one after the other.
        if (newest !== null && newest.sessionId !== log.sessionId) yield newest;
        const isNewer = newest?.sessionId !== log.sessionId || log.bytes >= newest.bytes;
        if (isNewer) newest = { ...log, name };
      }
      if (newest !== null) yield newest;
    },
    get failure() {
      return failure;
    },
    close() {
      storage.close();
    },
  };
}

/** The local disk is to blame, not the archive. */
class LocalError extends Error {}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest("hex");
}

/** What the storage says went wrong; the SDK has the reason in the name of its errors. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "Error" ? error.message : `${error.name}: ${error.message}`;
}
