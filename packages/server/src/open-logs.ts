import { join } from "node:path";
import type { FastifyBaseLogger } from "fastify";
import { createArchive, ArchiveError, type Archive } from "./archive/archive.ts";
import { createArchiveStorage } from "./archive/archive-storage.ts";
import { createLogAccess, type LogAccess } from "./archive/log-access.ts";
import type { ServerConfig } from "./config.ts";
import type { DataFolder } from "./data-folder.ts";
import { ServerStartError } from "./errors.ts";
import { createDiskWatch, type DiskWatch } from "./log/disk-state.ts";
import { createGroupCommitter, type GroupCommitter } from "./log/group-commit.ts";
import { replayJournal } from "./log/journal-replay.ts";
import { openJournal, type Journal } from "./log/journal.ts";
import { openLogIndex, type LogIndex } from "./log/log-index.ts";

/** What session logs are written with and found by. */
export interface OpenedLogs {
  readonly disk: DiskWatch;
  /** Null when none is configured. */
  readonly archive: Archive | null;
  readonly index: LogIndex;
  readonly logs: LogAccess;
  readonly journal: Journal;
  readonly committer: GroupCommitter;
}

export interface OpenLogsOptions {
  readonly config: ServerConfig;
  readonly folder: DataFolder;
  readonly log: FastifyBaseLogger;
  /** Unix ms. */
  readonly now: () => number;
}

/**
 * Brings the logs into the state that was acknowledged, however the last run ended, and opens them for more.
 * @throws ServerStartError `data-folder-unusable`, `archive-unreachable`.
 */
export async function openLogs({ config, folder, log, now }: OpenLogsOptions): Promise<OpenedLogs> {
  const replayed = await replayJournal({ folder: folder.journal, logsFolder: folder.logs }).catch(
    (error: unknown) => {
      throw new ServerStartError("data-folder-unusable", `${folder.journal}: ${String(error)}`);
    },
  );
  if (replayed.bytes > 0) log.info(replayed, "the journal was brought into the logs");
  if (replayed.unreadableBytes > 0)
    log.error(
      replayed,
      "a part of the journal is damaged: logs that lost their power may lack what was in it",
    );
  const disk = createDiskWatch({ folder: config.dataFolder, reserveBytes: config.diskReserveBytes });
  await disk.check();
  const archive =
    config.archive === null
      ? null
      : createArchive({ storage: createArchiveStorage(config.archive), now, random: Math.random });
  const index = await openLogIndex(folder.logs, {
    archive,
    finishedBefore: now() - config.sessionIdleMs,
  }).catch((error: unknown) => {
    if (error instanceof ArchiveError) throw new ServerStartError("archive-unreachable", error.message);
    throw error;
  });
  const logs = createLogAccess({
    catalogue: index.catalogue,
    archive,
    logsFolder: folder.logs,
    cacheFolder: join(config.dataFolder, "cache"),
    now,
  });
  if (index.cutBytes > 0)
    log.warn({ cutBytes: index.cutBytes }, "torn tails were cut; nothing in them was acknowledged");
  for (const problem of index.problems) log.error(problem, "a session log is damaged");

  const journal = await openJournal({
    folder: folder.journal,
    logsFolder: folder.logs,
    onProblem: (error) => log.error(error, "logs cannot be synced; the journal keeps what they may lose"),
  });
  const committer = createGroupCommitter({ journal });
  return { disk, archive, index, logs, journal, committer };
}
