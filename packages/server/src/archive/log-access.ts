import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { LogReference } from "../ingest/session-registry.ts";
import type { FinishedCatalogue, FinishedLog } from "../log/finished-catalogue.ts";
import { logPath } from "../log/log-path.ts";
import { ArchiveError, type Archive } from "./archive.ts";
import type { Archiver } from "./archiver.ts";

export interface LogAccessOptions {
  readonly catalogue: FinishedCatalogue;
  /** Null: logs are never archived. */
  readonly archive: Archive | null;
  readonly logsFolder: string;
  /** Copies of archived logs that somebody reads. It is emptied at the start. */
  readonly cacheFolder: string;
  /** Unix ms; injected so that tests decide. */
  readonly now: () => number;
  /** Copies are kept up to so many bytes in all; what is being read is kept in any case. Ours: 512 MiB. */
  readonly cacheBytes?: number;
}

/** A log whose file is there until `release`. */
export interface HeldLog {
  readonly log: LogReference;
  /** May be called twice. */
  readonly release: () => void;
}

/** The way to the file of a log, wherever it is. */
export interface LogAccess {
  /**
   * Makes sure that the file is there, out of the archive when it has to be.
   * @throws ArchiveError
   */
  hold(log: LogReference): Promise<HeldLog>;
  /**
   * Calls `act` with a log whose file is there until the promise is settled.
   * @throws ArchiveError
   */
  use<Result>(log: LogReference, act: (log: LogReference) => Promise<Result>): Promise<Result>;
  /** The file is being read, or was just brought back for a client that is about to come: it has to stay where it is. */
  isHeld(sessionId: string): boolean;
  /**
   * Brings the log of a finished session back into the logs folder, so that it can go on. Null when nothing has to be waited for.
   * @throws ArchiveError
   */
  restore(sessionId: string): Promise<void> | null;
  /** Removes everything of the session on this machine's disk, and from the catalogue. Returns the bytes that were removed. */
  removeLocal(log: Pick<FinishedLog, "projectId" | "sessionId" | "createdAt" | "sample">): number;
  /**
   * Removes every copy of the log from the archive, also one that is on its way there. Returns the bytes that were removed.
   * @throws ArchiveError
   */
  removeArchived(log: Pick<FinishedLog, "projectId" | "sessionId" | "createdAt">): Promise<number>;
  /** Who brings logs into the archive has to be waited for before one is removed from it. */
  archiver: Archiver | null;
}

const defaultCacheBytes = 512 << 20;
/** A client that was told to come back for its log has so long, in milliseconds. Ours. */
const restoredMs = 5 * 60_000;
/** Logs on their way out of the archive at the same time. Ours. */
const maxFetches = 8;

interface CachedLog {
  readonly path: string;
  readonly sessionId: string;
  readonly bytes: number;
  readonly ready: Promise<void>;
}

export function createLogAccess(options: LogAccessOptions): LogAccess {
  const { catalogue, archive, logsFolder, cacheFolder } = options;
  const cacheBytes = options.cacheBytes ?? defaultCacheBytes;
  const holds = new Map<string, number>();
  /** By name in the archive; the one that was used last is the last. */
  const cache = new Map<string, CachedLog>();
  const restoring = new Map<string, Promise<void>>();
  /** When logs were brought back, Unix ms; the oldest first. */
  const restoredAt = new Map<string, number>();
  const queue = createQueue(maxFetches);
  rmSync(cacheFolder, { recursive: true, force: true });
  mkdirSync(cacheFolder, { recursive: true });

  function fetchTo(name: string, path: string): Promise<void> {
    if (archive === null)
      return Promise.reject(
        new ArchiveError("archive-unavailable", "the log was archived, and PEERSCOPE_ARCHIVE is not set"),
      );
    return queue(() => archive.fetch(name, path));
  }

  const freshPath = (): string => join(cacheFolder, randomBytes(12).toString("hex"));

  function cached(sessionId: string, name: string, bytes: number): CachedLog {
    const known = cache.get(name);
    if (known !== undefined) {
      cache.delete(name);
      cache.set(name, known);
      return known;
    }
    const path = freshPath();
    const entry: CachedLog = { path, sessionId, bytes, ready: fetchTo(name, path) };
    cache.set(name, entry);
    entry.ready.catch(() => {
      if (cache.get(name) === entry) cache.delete(name);
    });
    return entry;
  }

  function drop(name: string, entry: CachedLog): void {
    cache.delete(name);
    // One that is on its way is removed when it is there.
    const remove = (): void => rmSync(entry.path, { force: true });
    entry.ready.then(remove, remove);
  }

  function evict(): void {
    let total = [...cache.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [name, entry] of cache) {
      if (total <= cacheBytes) return;
      if (holds.has(entry.sessionId)) continue;
      drop(name, entry);
      total -= entry.bytes;
    }
  }

  async function hold(log: LogReference): Promise<HeldLog> {
    const { sessionId } = log;
    // An open log is where it is, and stays there.
    if (!log.finished) return { log, release() {} };
    holds.set(sessionId, (holds.get(sessionId) ?? 0) + 1);
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      const left = (holds.get(sessionId) ?? 1) - 1;
      if (left > 0) holds.set(sessionId, left);
      else holds.delete(sessionId);
      evict();
    };
    const place = catalogue.get(sessionId);
    if (place === null || place.isLocal || place.archivedAs === null) return { log, release };
    try {
      const entry = cached(sessionId, place.archivedAs, place.bytes);
      await entry.ready;
      return { log: { ...log, path: entry.path }, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  async function bringBack(log: FinishedLog, name: string): Promise<void> {
    const path = join(logsFolder, logPath(log.projectId, log.sessionId, log.createdAt, log.sample));
    const fresh = freshPath();
    await fetchTo(name, fresh);
    if (catalogue.get(log.sessionId)?.archivedAs !== name) {
      rmSync(fresh, { force: true });
      throw new ArchiveError("archive-log-missing", `${log.sessionId} was erased meanwhile`);
    }
    mkdirSync(dirname(path), { recursive: true });
    renameSync(fresh, path);
    // Its name has to be on disk before anything is appended to it.
    const folder = await open(dirname(path), "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
    catalogue.place(log.sessionId, { isLocal: true, archivedAs: name });
    for (const [sessionId, at] of restoredAt) {
      if (at > options.now() - restoredMs) break;
      restoredAt.delete(sessionId);
    }
    restoredAt.set(log.sessionId, options.now());
  }

  const access: LogAccess = {
    archiver: null,
    hold,
    async use(log, act) {
      const held = await hold(log);
      try {
        return await act(held.log);
      } finally {
        held.release();
      }
    },
    isHeld: (sessionId) =>
      holds.has(sessionId) || (restoredAt.get(sessionId) ?? 0) > options.now() - restoredMs,
    restore(sessionId) {
      const underway = restoring.get(sessionId);
      if (underway !== undefined) return underway;
      const log = catalogue.get(sessionId);
      if (log === null || log.isLocal || log.archivedAs === null) return null;
      const work = bringBack(log, log.archivedAs).finally(() => restoring.delete(sessionId));
      restoring.set(sessionId, work);
      return work;
    },
    removeLocal(log) {
      const path = join(logsFolder, logPath(log.projectId, log.sessionId, log.createdAt, log.sample));
      let removed = 0;
      for (const file of [path, ...damagedParts(path)]) {
        removed += sizeOf(file);
        rmSync(file, { force: true });
      }
      for (const [name, entry] of cache) if (entry.sessionId === log.sessionId) drop(name, entry);
      catalogue.remove(log.sessionId);
      return removed;
    },
    async removeArchived(log) {
      await access.archiver?.settled(log.sessionId);
      return archive === null ? 0 : archive.remove(log);
    },
  };
  return access;
}

/** What recovery set aside of a damaged log. */
function damagedParts(path: string): string[] {
  const folder = dirname(path);
  const start = `${basename(path)}.damaged-`;
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith(start))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Runs work, at most so much at a time, in the order in which it came. */
function createQueue(places: number): <Result>(act: () => Promise<Result>) => Promise<Result> {
  let free = places;
  const waiting: (() => void)[] = [];
  return async (act) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await act();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
