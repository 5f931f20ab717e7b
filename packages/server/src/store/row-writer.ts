import { Readable } from "node:stream";
import { ClickHouseError, type ClickHouseClient } from "@clickhouse/client";
import type { Analyser } from "../analyse/analyser.ts";
import type { SessionRows } from "../analyse/messages.ts";
import { rowsHeader } from "../analyse/row-binary.ts";
import { tableNames, type TableName } from "../analyse/table-columns.ts";
import type { SessionEntry } from "../ingest/session-entry.ts";
import type { SessionRegistry } from "../ingest/session-registry.ts";
import type { Store } from "./store.ts";

export interface RowWriterOptions {
  readonly store: Store;
  readonly analyser: Analyser;
  readonly registry: SessionRegistry;
  readonly now: () => number;
  /** False when the project keeps rows for less long than the session is old: then they are missing on purpose. */
  readonly keepsRows: (entry: SessionEntry) => boolean;
  /** The rows of a session in its present state are in the store. */
  readonly onWritten: (entry: SessionEntry) => void;
  /** The store does not have this finished session. */
  readonly onMissing: (entry: SessionEntry) => void;
  readonly onProblem: (message: string) => void;
  /** Rows are in the store. */
  readonly onRows?: (table: TableName, rows: number) => void;
}

/**
 * Brings rows of changed sessions into the store, in batches. What waits is only a set of session ids: the rows are
 * made from the log when the store is there to take them, so that a store that is away for hours costs no memory.
 */
export interface RowWriter {
  /** The session's analysis changed. `complete`: what the store has of it may be wrong, write all rows. */
  mark(sessionId: string, complete: boolean): void;
  /**
   * Writes what waits now, in batches, if the store is there: finished sessions, and of those that go on a share, so
   * that their rows cost little however many there are. `all`: every one of them.
   */
  flush(options?: { readonly all: boolean }): Promise<void>;
  /** Finished sessions that the store does not have, or not to the end of their logs, are marked. Called when the store becomes ready. */
  reconcile(): Promise<void>;
  /** Nothing more is begun. What still waits is found by the next start. */
  close(): void;
  readonly waiting: number;
}

/**
 * Sessions whose rows are made in one go: so many, or fewer whose logs are so many bytes together, and then the next one. A page that asks
 * the worker waits for them: half a second of work. Ours.
 */
const sessionsPerAsk = 25;
const logBytesPerAsk = 512 << 10;
/** Those whose rows are written in one go. Ours: it bounds memory. */
const sessionsPerBatch = 200;

/**
 * Rows of a session that goes on are written when the store has had none for so long, in milliseconds; what is young or
 * changed since is in memory anyway. They are looked for this often, and then a part of all open ones is written, so that
 * many that began together do not stay together. Each insert costs the store as much as some hundred rows. Ours.
 */
const openRowsMs = 1_800_000;
const openFlushMs = 30_000;
const fewestOpen = 10;

/** The worker could not make the rows; the store is not to blame. */
class AnalysisFailure extends Error {}

/** A session whose rows are to be made: those that changed, or all of them. */
interface Wanted {
  readonly entry: SessionEntry;
  readonly complete: boolean;
}

export function createRowWriter(options: RowWriterOptions): RowWriter {
  const { store, analyser, registry } = options;
  /** What waits, with whether all rows are to be written: sessions that are over, or of which the store may have wrong rows, and the others. */
  const urgent = new Map<string, boolean>();
  const open = new Map<string, boolean>();
  /** When rows of an open session were written last, or it was marked first. */
  const openSince = new WeakMap<SessionEntry, number>();
  let openFlushedAt = Number.NEGATIVE_INFINITY;
  /** Sessions whose rows are on their way. */
  let underway = 0;
  let running: Promise<void> | null = null;
  let lastVersion = 0;
  let isClosed = false;

  function mark(sessionId: string, complete: boolean): void {
    const entry = registry.get(sessionId);
    const isUrgent = urgent.has(sessionId) || complete || entry?.finished === true;
    if (isUrgent) {
      urgent.set(sessionId, complete || urgent.get(sessionId) === true);
      open.delete(sessionId);
    } else {
      open.set(sessionId, false);
      if (entry !== undefined && !openSince.has(entry)) openSince.set(entry, options.now());
    }
  }

  const waiting = (): number => urgent.size + open.size + underway;

  /** Open sessions whose turn it is, those first that wait for longest. */
  function openDue(): string[] {
    const now = options.now();
    if (now - openFlushedAt < openFlushMs) return [];
    openFlushedAt = now;
    const most = Math.max(fewestOpen, Math.ceil((registry.open.size * openFlushMs) / openRowsMs));
    const found: string[] = [];
    for (const sessionId of open.keys()) {
      const entry = registry.get(sessionId);
      if (entry !== undefined && now - (openSince.get(entry) ?? 0) < openRowsMs) continue;
      found.push(sessionId);
      if (found.length === most) break;
    }
    return found;
  }

  /** Writes the rows of these, which wait, at most a batch of them. */
  async function writeBatch(
    client: ClickHouseClient,
    dirty: Map<string, boolean>,
    sessionIds: readonly string[],
  ): Promise<void> {
    const sessions: Wanted[] = [];
    for (const sessionId of sessionIds) {
      const complete = dirty.get(sessionId);
      dirty.delete(sessionId);
      const entry = registry.get(sessionId);
      if (entry === undefined || entry.bytes === 0 || complete === undefined) continue;
      sessions.push({ entry, complete });
      openSince.set(entry, options.now());
    }
    if (sessions.length === 0) return;
    lastVersion = Math.max(options.now(), lastVersion + 1);
    const version = lastVersion;
    underway = sessions.length;
    try {
      const answers: SessionRows[] = [];
      for (const part of asks(sessions)) {
        answers.push(...(await rowsOf(part, version)));
        if (isClosed) return;
      }
      for (const written of await insert(client, answers, version)) settle(written);
    } catch (error) {
      // Nobody knows what arrived: everything of these sessions is written again.
      for (const { entry } of sessions) {
        entry.stored = true;
        mark(entry.sessionId, true);
      }
      throw error;
    } finally {
      underway = 0;
    }
  }

  async function rowsOf(sessions: readonly Wanted[], version: number): Promise<readonly SessionRows[]> {
    const requested = sessions.map(({ entry, complete }) => ({ log: registry.reference(entry), complete }));
    try {
      return await analyser.ask({ kind: "rows", version, sessions: requested });
    } catch (error) {
      throw new AnalysisFailure(String(error));
    }
  }

  function settle({ sessionId, finished, bytes, summary }: SessionRows): void {
    const entry = registry.get(sessionId);
    if (entry === undefined) return;
    entry.stored = true;
    entry.summary = summary;
    if (entry.finished !== finished || entry.bytes !== bytes) return;
    // A report of this very state that came while it was written has nothing more: the worker would read the whole log again.
    if (finished && urgent.get(sessionId) === false) urgent.delete(sessionId);
    if (!urgent.has(sessionId)) options.onWritten(entry);
  }

  /** The sessions whose rows were taken. */
  async function insert(
    client: ClickHouseClient,
    rows: readonly SessionRows[],
    version: number,
  ): Promise<readonly SessionRows[]> {
    try {
      await insertAll(client, rows, version);
      return rows;
    } catch (error) {
      if (!(error instanceof ClickHouseError)) throw error;
      const [first] = rows;
      if (rows.length === 1 && first !== undefined) {
        // The store refuses this session's rows themselves. Its log is intact, it stays in memory until the next
        // start tries again, and other sessions must go on.
        const entry = registry.get(first.sessionId);
        if (entry !== undefined) Object.assign(entry, { stored: true, summary: first.summary });
        options.onProblem(`rows of session ${first.sessionId} are refused by the store: ${error.message}`);
        return [];
      }
      const taken: SessionRows[] = [];
      for (const one of rows) taken.push(...(await insert(client, [one], version)));
      return taken;
    }
  }

  async function insertAll(
    client: ClickHouseClient,
    rows: readonly SessionRows[],
    version: number,
  ): Promise<void> {
    for (const table of tableNames) {
      const parts = rows.flatMap((session) => session.tables[table] ?? []);
      if (parts.length > 0) {
        // They come ready from the worker, so they go as a body and not as objects.
        const { stream } = await client.exec({
          query: `INSERT INTO ${table} FORMAT RowBinaryWithNamesAndTypes`,
          values: Readable.from([rowsHeader(table), ...parts.map(({ bytes }) => bytes)], {
            objectMode: false,
          }),
        });
        stream.resume();
        options.onRows?.(
          table,
          parts.reduce((sum, { count }) => sum + count, 0),
        );
      }
      const replaced = rows.flatMap(({ sessionId, complete }): [string, string][] => {
        const entry = complete.includes(table) ? registry.get(sessionId) : undefined;
        return entry?.stored === true ? [[entry.projectId, sessionId]] : [];
      });
      if (replaced.length > 0) await removeOlder(client, table, replaced, version);
    }
  }

  /** Rows of an earlier analysis that the new one does not have. */
  async function removeOlder(
    client: ClickHouseClient,
    table: TableName,
    sessions: readonly (readonly [projectId: string, sessionId: string])[],
    version: number,
  ): Promise<void> {
    await client.command({
      query:
        `INSERT INTO ${table} SELECT * REPLACE ({version:UInt64} AS version, 1 AS isDeleted) FROM ${table} FINAL ` +
        // With the table's name: the plain one would be the version that REPLACE puts there.
        `WHERE projectId IN {projectIds:Array(String)} AND sessionId IN {sessionIds:Array(String)} AND ${table}.version < {version:UInt64}`,
      query_params: {
        version,
        projectIds: [...new Set(sessions.map(([projectId]) => projectId))],
        sessionIds: sessions.map(([, sessionId]) => sessionId),
      },
    });
  }

  async function writeAll(
    client: ClickHouseClient,
    dirty: Map<string, boolean>,
    sessionIds: readonly string[],
  ): Promise<void> {
    for (const part of batches(sessionIds)) {
      if (isClosed) return;
      await writeBatch(client, dirty, part);
    }
  }

  async function run(all: boolean): Promise<void> {
    const { client } = store;
    if (client === null || waiting() === 0) return;
    try {
      // What is marked while this runs waits for the next flush.
      await writeAll(client, urgent, [...urgent.keys()]);
      await writeAll(client, open, all ? [...open.keys()] : openDue());
    } catch (error) {
      // Analysis and store end too.
      if (isClosed) return;
      options.onProblem(`rows could not be written: ${String(error)}`);
      if (!(error instanceof ClickHouseError || error instanceof AnalysisFailure)) store.reportFailure();
    }
  }

  return {
    mark,
    flush({ all } = { all: false }) {
      running ??= run(all).finally(() => {
        running = null;
      });
      return running;
    },
    async reconcile() {
      const { client } = store;
      if (client === null) return;
      const answer = await client.query({
        query: "SELECT sessionId, toFloat64(logBytes) FROM legs FINAL WHERE finished = 1",
        format: "JSONCompactEachRow",
      });
      const written = new Map(await answer.json<[string, number]>());
      // A session may have come back and ended again, and nobody wrote it: rows of an older version do not tell.
      const isWritten = ({ sessionId, bytes }: SessionEntry): boolean =>
        written.get(sessionId) === 0 || written.get(sessionId) === bytes;
      for (const entry of registry.all()) {
        if (!entry.finished || isWritten(entry) || !options.keepsRows(entry)) continue;
        options.onMissing(entry);
        mark(entry.sessionId, true);
      }
    },
    close() {
      isClosed = true;
    },
    get waiting() {
      return waiting();
    },
  };
}

function* batches(sessionIds: readonly string[]): Generator<readonly string[]> {
  for (let index = 0; index < sessionIds.length; index += sessionsPerBatch)
    yield sessionIds.slice(index, index + sessionsPerBatch);
}

function* asks(sessions: readonly Wanted[]): Generator<readonly Wanted[]> {
  let part: Wanted[] = [];
  let bytes = 0;
  for (const session of sessions) {
    if (part.length === sessionsPerAsk || bytes >= logBytesPerAsk) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(session);
    bytes += session.entry.bytes;
  }
  yield part;
}
