import { join } from "node:path";
import type { GroupCommitter } from "../log/group-commit.ts";
import type { FinishedCatalogue } from "../log/finished-catalogue.ts";
import { isDiskFull, type DiskState } from "../log/disk-state.ts";
import type { LogIndex } from "../log/log-index.ts";
import type { PrivacyGate } from "../privacy/privacy-gate.ts";
import { createSessionLogFile, reopenSessionLogFile, type SessionLogFile } from "../log/session-log-file.ts";
import { createChangeWaiters } from "./change-waiters.ts";
import { entryOfNew, entryOfPast, type SessionEntry, type SessionOwner } from "./session-entry.ts";

/** Where a log is and how much of it counts: all that is needed to read it from another thread. */
export interface LogReference {
  readonly sessionId: string;
  readonly projectId: string;
  /** Absolute path. */
  readonly path: string;
  readonly bytes: number;
  /** Unix ms. */
  readonly createdAt: number;
  readonly finished: boolean;
  readonly sample: boolean;
}

export interface RegistryEvents {
  /** A session appeared or came back. */
  opened(entry: SessionEntry): void;
  /** More of its log is on disk. */
  grown(entry: SessionEntry): void;
  /** Its connection is gone, maybe for good. */
  left(entry: SessionEntry): void;
  /** It is over: nothing is attached and its log is closed. */
  finished(entry: SessionEntry): void;
  /** It ended without a single frame and left nothing. */
  forgotten(entry: SessionEntry): void;
  problem(entry: SessionEntry, error: Error): void;
}

export interface RegistryOptions {
  readonly logsFolder: string;
  readonly committer: GroupCommitter;
  readonly catalogue: FinishedCatalogue;
  readonly privacy: PrivacyGate;
  /** Whether there is room for logs; left out: always. */
  readonly disk?: { readonly state: Pick<DiskState, "isFull"> };
  readonly events: RegistryEvents;
  /** True for ids of sessions that were erased before this start. */
  readonly hasErased?: (sessionId: string) => boolean;
  /** A frame is on disk and about to be acknowledged, so many milliseconds after it came. */
  readonly onKept?: (bytes: number, waitedMs: number) => void;
  readonly idleMs: number;
  /** Unix ms; injected so that tests decide. */
  readonly now: () => number;
}

/** All sessions that have a log, and those that said hello. Owns the logs: nobody else writes to them. */
export interface SessionRegistry {
  /** What clients send goes through it before it is appended. */
  readonly privacy: PrivacyGate;
  /** A session of the past is made from the catalogue each time that it is asked for, unless it is resident. */
  get(sessionId: string): SessionEntry | undefined;
  /** Sessions that are not finished. */
  readonly open: ReadonlyMap<string, SessionEntry>;
  /** How many of those are of a project. */
  openOf(projectId: string): number;
  /** Those that are resident, then those of the past. */
  all(): Iterable<SessionEntry>;
  /** It is in memory: the session is open, or something of it is still to be done. `get` gives the same object each time. */
  isResident(sessionId: string): boolean;
  /** Its id is of a session that was erased: nothing is taken under it any more. */
  isErased(sessionId: string): boolean;
  /** Keeps the entry of a session of the past in memory; returns the one that is to be used from now on. */
  keep(entry: SessionEntry): SessionEntry;
  /** Nothing is to be done for a finished session any more: from now on only the catalogue knows it. */
  release(entry: SessionEntry): void;
  reference(entry: SessionEntry): LogReference;
  /** Takes what a start found on disk. */
  adopt(index: LogIndex): void;
  /** False while the disk is full: nothing can be appended. */
  readonly hasRoom: boolean;
  /**
   * Attaches a connection, creating or reopening the session. A connection that had it is told; an owner of null takes it
   * from nobody. Null when the session is another project's: an id belongs to who said it first, of all projects. Null too
   * when it was erased.
   * @throws Error when its log is in the archive; see `LogAccess.restore`.
   */
  attach(projectId: string, sessionId: string, owner: SessionOwner | null): SessionEntry | null;
  detach(entry: SessionEntry, owner: SessionOwner): void;
  append(entry: SessionEntry, sequence: number, frame: Uint8Array): void;
  /** The client or the log says that it is over. Does nothing while a connection is attached. */
  finish(entry: SessionEntry): Promise<void>;
  /**
   * Ends the session for good and forgets it: its connection is told, its log is closed, and nothing more is taken under its
   * id. Resolves when nothing writes to the log any more. Its files are somebody else's work.
   */
  erase(sessionId: string): Promise<void>;
  /** Creates a session for records that do not come over a connection; null when the id exists. */
  create(projectId: string, sessionId: string, createdAt: number, sample: boolean): SessionEntry | null;
  /** Finishes what has been idle for too long. Called about once a second. */
  sweep(): void;
  /** Resolves at the next growth or finish of the session, or after `waitMs`. */
  changed(entry: SessionEntry, waitMs: number): Promise<void>;
  /** Flushes and closes all logs. Open sessions stay unfinished and go on after the next start. */
  close(): Promise<void>;
}

export function createSessionRegistry(options: RegistryOptions): SessionRegistry {
  const { events, committer, now } = options;
  const entries = new Map<string, SessionEntry>();
  const open = new Map<string, SessionEntry>();
  const openCounts = new Map<string, number>();
  /** When a session may be finished for silence is counted from here: a restart gives its client time to come back. */
  const idleSince = new Map<SessionEntry, number>();
  const waiters = createChangeWaiters();

  function addOpen(entry: SessionEntry): void {
    open.set(entry.sessionId, entry);
    openCounts.set(entry.projectId, (openCounts.get(entry.projectId) ?? 0) + 1);
  }

  function removeOpen(entry: SessionEntry): void {
    if (!open.delete(entry.sessionId)) return;
    options.privacy.forget(entry);
    const left = (openCounts.get(entry.projectId) ?? 0) - 1;
    if (left > 0) openCounts.set(entry.projectId, left);
    else openCounts.delete(entry.projectId);
  }

  function hasRoom(): boolean {
    return options.disk?.state.isFull !== true;
  }

  function touch(entry: SessionEntry): void {
    entry.lastHeardAt = now();
    idleSince.set(entry, entry.lastHeardAt);
  }

  function addNew(projectId: string, sessionId: string, createdAt: number, sample: boolean): SessionEntry {
    const entry = entryOfNew(projectId, sessionId, createdAt, sample);
    entries.set(sessionId, entry);
    addOpen(entry);
    idleSince.set(entry, now());
    return entry;
  }

  function find(sessionId: string): SessionEntry | undefined {
    const resident = entries.get(sessionId);
    if (resident !== undefined) return resident;
    const past = options.catalogue.get(sessionId);
    return past === null ? undefined : entryOfPast(past);
  }

  /** Finished sessions that are not in the catalogue: about to be, or it could not be written, as on a full disk. */
  const uncatalogued = new Set<SessionEntry>();
  /** Those of them that nobody else needs any more. */
  const released = new Set<SessionEntry>();

  function enterInCatalogue(entry: SessionEntry): void {
    const { sessionId, projectId, sample, createdAt, lastHeardAt, bytes, lastSequence } = entry;
    options.catalogue.add({
      sessionId,
      projectId,
      sample,
      createdAt,
      endedAt: lastHeardAt,
      bytes,
      lastSequence,
    });
    uncatalogued.delete(entry);
    if (released.delete(entry)) release(entry);
  }

  function release(entry: SessionEntry): void {
    if (!entry.finished || entries.get(entry.sessionId) !== entry) return;
    if (uncatalogued.has(entry)) released.add(entry);
    else entries.delete(entry.sessionId);
  }

  function openLog(entry: SessionEntry): SessionLogFile {
    const at = {
      path: join(options.logsFolder, entry.file),
      committer,
      onCommit: () => onCommit(entry, log),
      ...(options.onKept === undefined ? {} : { onKept: options.onKept }),
    };
    const log: SessionLogFile =
      entry.bytes === 0
        ? createSessionLogFile(at, {
            sessionId: entry.sessionId,
            projectId: entry.projectId,
            createdAt: entry.createdAt,
            ...(entry.country !== null && { country: entry.country }),
          })
        : reopenSessionLogFile(at, entry.bytes, entry.lastSequence);
    return log;
  }

  function onCommit(entry: SessionEntry, log: SessionLogFile): void {
    if (entry.log !== log) return;
    const grew = log.durableBytes > entry.bytes;
    entry.bytes = log.durableBytes;
    entry.lastSequence = log.durableSequence;
    if (log.failure !== null) {
      // The next connection starts with a fresh handle at the last byte that is safe.
      entry.log = null;
      void log.close().catch(() => {});
      events.problem(entry, log.failure);
      entry.owner?.writeFailed(isDiskFull(log.failure) ? "disk-full" : "log-write-failed");
      waiters.wake(entry);
    } else if (grew) {
      entry.owner?.acknowledge(entry.lastSequence);
    }
    if (grew) {
      events.grown(entry);
      waiters.wake(entry);
    }
  }

  /** Ends that are under way. */
  const finishing = new Set<Promise<void>>();

  async function finish(entry: SessionEntry): Promise<void> {
    const work = finishNow(entry);
    finishing.add(work);
    try {
      await work;
    } finally {
      finishing.delete(work);
    }
  }

  async function finishNow(entry: SessionEntry): Promise<void> {
    await committer.flush();
    // Somebody came back, or finished it, while the last bytes went to disk.
    if (entry.finished || entry.owner !== null) return;
    const { log } = entry;
    entry.finished = true;
    entry.log = null;
    removeOpen(entry);
    idleSince.delete(entry);
    if (entry.bytes === 0) {
      entries.delete(entry.sessionId);
      events.forgotten(entry);
    } else {
      uncatalogued.add(entry);
      events.finished(entry);
    }
    waiters.wake(entry);
    await log?.close().catch(() => {});
    // Not when somebody came back while it was closed.
    if (uncatalogued.has(entry)) enterInCatalogue(entry);
  }

  /** Sessions that were erased since the start. */
  const erased = new Set<string>();

  function isErased(sessionId: string): boolean {
    return erased.has(sessionId) || (options.hasErased?.(sessionId) ?? false);
  }

  function finishQuietly(entry: SessionEntry): void {
    finish(entry).catch((error: unknown) => events.problem(entry, toError(error)));
  }

  return {
    privacy: options.privacy,
    get: find,
    open,
    openOf: (projectId) => openCounts.get(projectId) ?? 0,
    *all() {
      yield* entries.values();
      for (const log of options.catalogue.list()) if (!entries.has(log.sessionId)) yield entryOfPast(log);
    },
    isResident: (sessionId) => entries.has(sessionId),
    isErased,
    keep(entry) {
      const resident = entries.get(entry.sessionId);
      if (resident !== undefined) return resident;
      entries.set(entry.sessionId, entry);
      return entry;
    },
    release,
    reference(entry) {
      return {
        sessionId: entry.sessionId,
        projectId: entry.projectId,
        path: join(options.logsFolder, entry.file),
        bytes: entry.bytes,
        createdAt: entry.createdAt,
        finished: entry.finished,
        sample: entry.sample,
      };
    },
    adopt(index) {
      for (const found of index.unfinished) {
        const { projectId, sessionId, createdAt, sample, bytes, lastSequence, writtenAt } = found;
        const entry = addNew(projectId, sessionId, createdAt, sample);
        Object.assign(entry, { bytes, lastSequence, stored: true, lastHeardAt: writtenAt });
        events.opened(entry);
        events.grown(entry);
      }
    },
    get hasRoom() {
      return hasRoom();
    },
    attach(projectId, sessionId, owner) {
      if (isErased(sessionId)) return null;
      let entry = find(sessionId);
      if (entry === undefined) {
        entry = addNew(projectId, sessionId, now(), false);
        events.opened(entry);
      } else if (entry.projectId !== projectId) {
        return null;
      } else if (entry.finished) {
        if (!entries.has(sessionId) && options.catalogue.get(sessionId)?.isLocal === false)
          throw new Error(`the log of ${sessionId} is in the archive`);
        entry.finished = false;
        uncatalogued.delete(entry);
        released.delete(entry);
        entries.set(sessionId, entry);
        addOpen(entry);
        events.opened(entry);
      }
      if (owner !== null) {
        entry.owner?.replaced();
        entry.owner = owner;
      }
      touch(entry);
      return entry;
    },
    detach(entry, owner) {
      if (entry.owner !== owner) return;
      entry.owner = null;
      if (entry.finished) return;
      idleSince.set(entry, now());
      if (entry.summary?.ended === true) finishQuietly(entry);
      else events.left(entry);
    },
    append(entry, sequence, frame) {
      if (!hasRoom()) {
        entry.owner?.writeFailed("disk-full");
        return;
      }
      // Of a request that was under way.
      if (erased.has(entry.sessionId)) return;
      entry.log ??= openLog(entry);
      entry.log.append(sequence, frame);
      touch(entry);
    },
    finish,
    async erase(sessionId) {
      erased.add(sessionId);
      const entry = entries.get(sessionId);
      entry?.owner?.erased();
      await committer.flush();
      await Promise.allSettled(finishing);
      if (entry === undefined) return;
      entry.owner = null;
      entry.finished = true;
      const { log } = entry;
      entry.log = null;
      removeOpen(entry);
      idleSince.delete(entry);
      uncatalogued.delete(entry);
      released.delete(entry);
      entries.delete(sessionId);
      events.forgotten(entry);
      waiters.wake(entry);
      await log?.close().catch(() => {});
      // The journal must not bring it back.
      await committer.checkpoint();
    },
    create(projectId, sessionId, createdAt, sample) {
      if (find(sessionId) !== undefined) return null;
      const entry = addNew(projectId, sessionId, createdAt, sample);
      events.opened(entry);
      return entry;
    },
    sweep() {
      for (const entry of uncatalogued) {
        try {
          enterInCatalogue(entry);
        } catch {
          // The disk is still full, which was said.
          break;
        }
      }
      const limit = now() - options.idleMs;
      for (const entry of open.values()) {
        if (entry.owner === null && (idleSince.get(entry) ?? 0) <= limit) finishQuietly(entry);
      }
    },
    changed: (entry, waitMs) => waiters.changed(entry, waitMs),
    async close() {
      await committer.flush();
      await Promise.allSettled(finishing);
      for (const entry of open.values()) {
        await entry.log?.close().catch(() => {});
        entry.log = null;
        waiters.wake(entry);
      }
    },
  };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
