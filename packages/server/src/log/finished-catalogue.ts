import { existsSync, renameSync, rmSync } from "node:fs";
import Database from "libsql";
import { z } from "zod";

/** What the server has to know about a finished log without opening it. */
export interface FinishedLog {
  readonly sessionId: string;
  readonly projectId: string;
  readonly sample: boolean;
  /** Unix ms. */
  readonly createdAt: number;
  /** Unix ms of the last frame. */
  readonly endedAt: number;
  readonly bytes: number;
  readonly lastSequence: number;
  /** The log lies in the logs folder. */
  readonly isLocal: boolean;
  /** Name of its newest copy in the archive, which may be older than the log when the session came back; null for none. */
  readonly archivedAs: string | null;
}

/** Which finished logs to list: those of a project that ended in `[from, until)`, Unix ms. Left out: any. */
export interface FinishedLogFilter {
  readonly projectId?: string;
  readonly from?: number;
  readonly until?: number;
}

/**
 * Where the finished logs are, in a SQLite file, so that neither a start nor memory grows with how many there are. It is a cache of what
 * logs folder and archive say: delete it, and the next start makes it anew.
 */
export interface FinishedCatalogue {
  get(sessionId: string): FinishedLog | null;
  /** The log was finished, for the first time or again; it is in the logs folder. What is in the archive of it stays known. */
  add(log: Omit<FinishedLog, "isLocal" | "archivedAs">): void;
  /** Where the log is now. */
  place(sessionId: string, place: Pick<FinishedLog, "isLocal" | "archivedAs">): void;
  remove(sessionId: string): void;
  /** What was removed is in its files no longer. */
  purge(): void;
  /** By session id; read in pages, so it may be changed meanwhile. */
  list(filter?: FinishedLogFilter): Iterable<FinishedLog>;
  /** Logs in the logs folder, without samples, whose session ended before; the oldest first. */
  localBefore(endedAt: number, limit: number): readonly FinishedLog[];
  /** How many of them there are. */
  countLocalBefore(endedAt: number): number;
  /** All in the logs folder, by session id. */
  local(): Iterable<FinishedLog>;
  /** Many changes, of which all or none are kept. */
  together(change: () => void): void;
  /** The file was missing or damaged: it is empty, and what it should hold has to be found. */
  readonly isNew: boolean;
  close(): void;
}

const schema = `
CREATE TABLE IF NOT EXISTS logs (
  sessionId TEXT PRIMARY KEY NOT NULL,
  projectId TEXT NOT NULL,
  sample INTEGER NOT NULL,
  createdAt INTEGER NOT NULL,
  endedAt INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  lastSequence INTEGER NOT NULL,
  isLocal INTEGER NOT NULL,
  archivedAs TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS logsOfProject ON logs (projectId, endedAt);
CREATE INDEX IF NOT EXISTS localLogsByEnd ON logs (endedAt) WHERE isLocal = 1;
CREATE INDEX IF NOT EXISTS localLogs ON logs (sessionId) WHERE isLocal = 1;
`;

/** Changes with the tables: a file of another version is made anew. */
const schemaVersion = 1;
/** Rows in memory while a list is read. */
const pageRows = 500;

const rowSchema = z.object({
  sessionId: z.string(),
  projectId: z.string(),
  sample: z.number().transform(Boolean),
  createdAt: z.number(),
  endedAt: z.number(),
  bytes: z.number(),
  lastSequence: z.number(),
  isLocal: z.number().transform(Boolean),
  archivedAs: z.string().nullable(),
});

const countSchema = z.object({ count: z.number() });

/** Opens the catalogue; a file that SQLite cannot read is set aside as `<path>.damaged` and made anew. */
export function openFinishedCatalogue(path: string): FinishedCatalogue {
  const existed = existsSync(path);
  if (existed) {
    const known = openIfWhole(path);
    if (known !== null) return catalogueOf(known, false);
    renameSync(path, `${path}.damaged`);
  }
  for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
  const database = new Database(path);
  prepare(database);
  database.exec(schema);
  database.pragma(`user_version = ${schemaVersion}`);
  return catalogueOf(database, true);
}

function openIfWhole(path: string): Database.Database | null {
  let database: Database.Database | null = null;
  try {
    database = new Database(path);
    prepare(database);
    const version = z
      .object({ user_version: z.number() })
      .parse(database.prepare("PRAGMA user_version").get());
    const checked = z.object({ quick_check: z.string() }).parse(database.prepare("PRAGMA quick_check").get());
    if (version.user_version === schemaVersion && checked.quick_check === "ok") return database;
  } catch {
    // Set aside by the caller.
  }
  database?.close();
  return null;
}

function prepare(database: Database.Database): void {
  database.pragma("journal_mode = WAL");
  // The last changes may be lost with the power, never the order of changes: the next start compares with the logs folder.
  database.pragma("synchronous = NORMAL");
  // What is removed is written over: ids of sessions that somebody erased are not in the file any more.
  database.pragma("secure_delete = ON");
}

function catalogueOf(database: Database.Database, isNew: boolean): FinishedCatalogue {
  const get = database.prepare("SELECT * FROM logs WHERE sessionId = ?");
  const add = database.prepare(
    "INSERT INTO logs VALUES (?, ?, ?, ?, ?, ?, ?, 1, NULL) ON CONFLICT (sessionId) DO UPDATE SET " +
      "endedAt = excluded.endedAt, bytes = excluded.bytes, lastSequence = excluded.lastSequence, isLocal = 1",
  );
  const place = database.prepare("UPDATE logs SET isLocal = ?, archivedAs = ? WHERE sessionId = ?");
  const remove = database.prepare("DELETE FROM logs WHERE sessionId = ?");
  const localBefore = database.prepare(
    "SELECT * FROM logs WHERE isLocal = 1 AND sample = 0 AND endedAt < ? ORDER BY endedAt LIMIT ?",
  );
  const countLocalBefore = database.prepare(
    "SELECT count(*) AS count FROM logs WHERE isLocal = 1 AND sample = 0 AND endedAt < ?",
  );
  const all = database.prepare(
    "SELECT * FROM logs WHERE sessionId > ? AND endedAt >= ? AND endedAt < ? ORDER BY sessionId LIMIT ?",
  );
  const ofProject = database.prepare(
    "SELECT * FROM logs WHERE sessionId > ? AND endedAt >= ? AND endedAt < ? AND projectId = ? ORDER BY sessionId LIMIT ?",
  );
  const local = database.prepare(
    "SELECT * FROM logs INDEXED BY localLogs WHERE isLocal = 1 AND sessionId > ? ORDER BY sessionId LIMIT ?",
  );

  function* pages(next: (after: string) => unknown[]): Generator<FinishedLog> {
    for (let after = ""; ;) {
      const rows = next(after).map((row) => rowSchema.parse(row));
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < pageRows) return;
      after = last.sessionId;
    }
  }

  return {
    isNew,
    get(sessionId) {
      const row = get.get(sessionId);
      return row === undefined ? null : rowSchema.parse(row);
    },
    add(log) {
      const { sessionId, projectId, sample, bytes, lastSequence } = log;
      // Recordings and files have fractions of milliseconds.
      const [createdAt, endedAt] = [Math.floor(log.createdAt), Math.floor(log.endedAt)];
      add.run(sessionId, projectId, sample ? 1 : 0, createdAt, endedAt, bytes, lastSequence);
    },
    place(sessionId, { isLocal, archivedAs }) {
      place.run(isLocal ? 1 : 0, archivedAs, sessionId);
    },
    remove(sessionId) {
      remove.run(sessionId);
    },
    purge() {
      database.pragma("wal_checkpoint(TRUNCATE)");
    },
    list({ projectId, from = 0, until = Number.MAX_SAFE_INTEGER } = {}) {
      return pages((after) =>
        projectId === undefined
          ? all.all(after, from, until, pageRows)
          : ofProject.all(after, from, until, projectId, pageRows),
      );
    },
    localBefore: (endedAt, limit) => localBefore.all(endedAt, limit).map((row) => rowSchema.parse(row)),
    countLocalBefore: (endedAt) => countSchema.parse(countLocalBefore.get(endedAt)).count,
    local: () => pages((after) => local.all(after, pageRows)),
    together(change) {
      database.exec("BEGIN");
      try {
        change();
        database.exec("COMMIT");
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
    close() {
      database.close();
    },
  };
}
