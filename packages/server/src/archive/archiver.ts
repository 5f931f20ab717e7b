import { rmSync } from "node:fs";
import { join } from "node:path";
import type { FinishedCatalogue, FinishedLog } from "../log/finished-catalogue.ts";
import { logPath } from "../log/log-path.ts";
import { ArchiveError, type Archive } from "./archive.ts";

export interface ArchiverOptions {
  readonly archive: Archive;
  readonly catalogue: FinishedCatalogue;
  readonly logsFolder: string;
  /** A log is archived when its session has been over for so long, in milliseconds. */
  readonly afterMs: number;
  /** Somebody needs the file: the session is open, its rows are not written, or it is being read. */
  readonly isBusy: (sessionId: string) => boolean;
  /** Unix ms; injected so that tests decide. */
  readonly now: () => number;
  readonly onProblem: (sessionId: string, error: Error) => void;
  /** A log is in the archive. */
  readonly onArchived?: () => void;
}

/** What health says about the archive. */
export interface ArchiveState {
  readonly status: "ok" | "down";
  /** Logs that should be there by now. */
  readonly waiting: number;
  /** Why it does not answer, and since when (Unix ms); null while it does. */
  readonly lastError: { readonly message: string; readonly since: number } | null;
}

/** Brings finished logs into the archive. It can be killed at any moment: what it did is done, the rest is done again. */
export interface Archiver {
  /** Archives what is due; returns at once while another run is under way or the archive is left alone. */
  run(): Promise<void>;
  /** Resolves when nothing of this session is on its way into the archive. */
  settled(sessionId: string): Promise<void>;
  readonly state: ArchiveState;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

/** Logs under way at the same time. Ours: enough to hide the latency of an object store. */
const concurrency = 4;
/** Logs of one run, besides those that were busy or set aside the last time and stay in front of the others. Ours. */
const batchLogs = 256;
/** A log that cannot be archived for a reason of its own is left alone for so long, in milliseconds. Ours. */
const setAsideMs = 10 * 60_000;

export function createArchiver(options: ArchiverOptions): Archiver {
  const { archive, catalogue, now } = options;
  const underway = new Map<string, Promise<void>>();
  /** Until when a log is left alone, Unix ms. */
  const setAside = new Map<string, number>();
  let running: Promise<void> | null = null;
  let isStopping = false;
  let skipped = 0;

  async function archiveOne(log: FinishedLog): Promise<void> {
    const path = join(options.logsFolder, logPath(log.projectId, log.sessionId, log.createdAt));
    const name = await archive.store(log, path);
    options.onArchived?.();
    const present = catalogue.get(log.sessionId);
    if (present === null) {
      // Erased meanwhile, and it must not be anywhere.
      await archive.remove(log);
      return;
    }
    // It came back meanwhile, or is being read. The copy stays known, and is taken away with the next one that is there.
    const isAsBefore = present.isLocal && present.bytes === log.bytes && present.endedAt === log.endedAt;
    if (!isAsBefore || options.isBusy(log.sessionId)) {
      catalogue.place(log.sessionId, { isLocal: present.isLocal, archivedAs: name });
      return;
    }
    // Without a pause between them: nobody can open what is about to go.
    catalogue.place(log.sessionId, { isLocal: false, archivedAs: name });
    rmSync(path, { force: true });
    if (log.archivedAs !== null && log.archivedAs !== name) await archive.remove(log, name);
  }

  async function attempt(log: FinishedLog): Promise<void> {
    try {
      await archiveOne(log);
    } catch (error) {
      // An archive that is down is no reason to say something of each log.
      if (error instanceof ArchiveError && error.code === "archive-unavailable") return;
      setAside.set(log.sessionId, now() + setAsideMs);
      options.onProblem(log.sessionId, error instanceof Error ? error : new Error(String(error)));
    }
  }

  function isFree({ sessionId }: FinishedLog): boolean {
    const until = setAside.get(sessionId);
    if (until !== undefined && until <= now()) setAside.delete(sessionId);
    return !setAside.has(sessionId) && !underway.has(sessionId) && !options.isBusy(sessionId);
  }

  function isDown(): boolean {
    return archive.failure !== null && now() < archive.failure.retryAt;
  }

  async function run(): Promise<void> {
    const found = catalogue.localBefore(now() - options.afterMs, batchLogs + skipped);
    const free = found.filter(isFree);
    skipped = found.length - free.length;
    const due = free.values();
    const worker = async (): Promise<void> => {
      for (const log of due) {
        if (isStopping || isDown()) return;
        if (!isFree(log)) continue;
        const work = attempt(log).finally(() => underway.delete(log.sessionId));
        underway.set(log.sessionId, work);
        await work;
        // While it was down, one at a time says whether it is there again.
        if (archive.failure !== null) return;
      }
    };
    await Promise.all(Array.from({ length: archive.failure === null ? concurrency : 1 }, worker));
  }

  return {
    run() {
      if (isStopping || isDown()) return Promise.resolve();
      running ??= run().finally(() => {
        running = null;
      });
      return running;
    },
    async settled(sessionId) {
      await underway.get(sessionId);
    },
    get state(): ArchiveState {
      const { failure } = archive;
      return {
        status: failure === null ? "ok" : "down",
        waiting: catalogue.countLocalBefore(now() - options.afterMs),
        lastError: failure === null ? null : { message: failure.message, since: failure.since },
      };
    },
    async stop() {
      isStopping = true;
      await running;
    },
  };
}
