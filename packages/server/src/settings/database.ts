import { closeSync, openSync } from "node:fs";
import Libsql from "libsql";
import {
  Kysely,
  OperationNodeTransformer,
  PostgresDialect,
  SqliteDialect,
  type Dialect,
  type KyselyPlugin,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type PrimitiveValueListNode,
  type QueryResult,
  type RootOperationNode,
  type SqliteDatabase,
  type SqliteStatement,
  type UnknownRow,
  type ValueNode,
} from "kysely";
import pg from "pg";
import type { SettingsTables } from "./tables.ts";

export type SettingsDatabase = Kysely<SettingsTables>;

/** A database that is open, and what only one of the two kinds needs. */
export interface OpenedDatabase {
  readonly database: SettingsDatabase;
  /**
   * Runs work while no other process changes tables. PostgreSQL needs nothing here: kysely holds an advisory lock
   * there. SQLite has no such lock, so the whole of it is one transaction that begins by taking the file.
   */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result>;
  /** What was deleted is in the files of SQLite no longer. PostgreSQL's are its own business. */
  readonly purge: () => void;
}

/** How long another process may hold an SQLite file that is being opened, in milliseconds. Ours. */
const openTimeoutMs = 5_000;
/** How long another server may take to make tables in the same file, in milliseconds. Ours. */
const migrationTimeoutMs = 15_000;
/** How long one thing may take at PostgreSQL, in milliseconds. Ours: longer than a fail-over of a pooler. */
const connectTimeoutMs = 3_000;
const queryTimeoutMs = 5_000;
const maxConnections = 5;

/** True for an address of PostgreSQL; everything else is a file of SQLite. */
export function isPostgresUrl(url: string): boolean {
  return /^postgres(ql)?:\/\//.test(url);
}

/**
 * Opens, does not make tables. `url`: `postgres://…`, the path of an SQLite file, or ":memory:".
 * @param onProblem told of connections that break while nobody uses them.
 */
export function openDatabase(url: string, onProblem: (error: unknown) => void): OpenedDatabase {
  return isPostgresUrl(url) ? openPostgres(url, onProblem) : openSqlite(url);
}

function openPostgres(url: string, onProblem: (error: unknown) => void): OpenedDatabase {
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    statement_timeout: queryTimeoutMs,
    types: { getTypeParser: (typeId: number) => (typeId === int8 ? Number : pg.types.getTypeParser(typeId)) },
  });
  // Without a listener a connection that the database closes would end the process.
  pool.on("error", onProblem);
  // The pool listens only while nobody uses a connection; between two statements of a transaction nobody would.
  pool.on("connect", (client) => client.on("error", onProblem));
  return { database: build(new PostgresDialect({ pool })), exclusively: (work) => work(), purge: () => {} };
}

/** Type id of PostgreSQL's bigint. Ours are Unix ms and counters, far below 2^53. */
const int8 = 20;

function openSqlite(file: string): OpenedDatabase {
  // It holds secrets and hashes; SQLite gives its other files the same rights.
  if (file !== ":memory:") closeSync(openSync(file, "a", 0o600));
  const connection = new Libsql(file);
  connection.pragma(`busy_timeout = ${openTimeoutMs}`);
  connection.pragma("journal_mode = WAL");
  connection.pragma("synchronous = FULL");
  connection.pragma("foreign_keys = ON");
  // What is deleted is written over, so that what somebody erased is not in the file any more.
  connection.pragma("secure_delete = ON");
  // SQLite would wait for another process in the main thread; whileBusy waits without holding anything up.
  connection.pragma("busy_timeout = 0");
  return {
    database: build(new SqliteDialect({ database: lockingFirst(connection) })),
    purge: () => void connection.pragma("wal_checkpoint(TRUNCATE)"),
    async exclusively(work) {
      await whileBusy(migrationTimeoutMs, () => connection.exec("BEGIN IMMEDIATE"));
      try {
        const result = await work();
        connection.exec("COMMIT");
        return result;
      } catch (error) {
        connection.exec("ROLLBACK");
        throw error;
      }
    },
  };
}

/**
 * The connection as kysely uses it, but nothing is written before the file is taken. A prepared statement that writes
 * and finds the file taken stays open in libsql 0.5 until it is collected, and no COMMIT works beside it
 * (database-away.test.ts sees it); a BEGIN IMMEDIATE that fails leaves nothing behind.
 */
function lockingFirst(connection: Libsql.Database): SqliteDatabase {
  const begin = (): void => void connection.exec("BEGIN IMMEDIATE");
  function locked<Result>(work: () => Result): Result {
    if (connection.inTransaction) return work();
    begin();
    try {
      const result = work();
      connection.exec("COMMIT");
      return result;
    } catch (error) {
      connection.exec("ROLLBACK");
      throw error;
    }
  }
  return {
    close: () => void connection.close(),
    prepare(sql) {
      if (sql === "begin") return command(begin);
      if (sql === "commit" || sql === "rollback") return command(() => void connection.exec(sql));
      const statement = connection.prepare(sql);
      const writes = !/^\s*select\b/i.test(sql);
      return {
        reader: statement.reader,
        all: (values) => (writes ? locked(() => statement.all(values)) : statement.all(values)),
        run: (values) => locked(() => statement.run(values)),
        iterate: (values) => statement.iterate(values),
      };
    },
  };
}

function command(work: () => void): SqliteStatement {
  return {
    reader: false,
    all: () => [],
    run() {
      work();
      return { changes: 0, lastInsertRowid: 0 };
    },
    iterate: () => [][Symbol.iterator](),
  };
}

const busyPauseMs = 10;

/**
 * Runs work again as long as another process writes to the file of SQLite.
 * @throws what the work throws; also SQLITE_BUSY after `timeoutMs`.
 */
export async function whileBusy<Result>(
  timeoutMs: number,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, busyPauseMs));
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");
}

function build(dialect: Dialect): SettingsDatabase {
  return new Kysely<SettingsTables>({ dialect, plugins: [storableText] });
}

/**
 * Texts as both databases can hold them. PostgreSQL refuses U+0000 and SQLite ends a text there without a word, so that
 * two different names would be one; halves of surrogate pairs cannot be written as UTF-8.
 */
function toStorable(value: unknown): unknown {
  return typeof value === "string"
    ? value.replaceAll("\0", "\ufffd").replaceAll(loneSurrogate, "\ufffd")
    : value;
}
const loneSurrogate = /\p{Surrogate}/gu;

class StorableValues extends OperationNodeTransformer {
  protected override transformValue(node: ValueNode): ValueNode {
    return { ...node, value: toStorable(node.value) };
  }
  protected override transformPrimitiveValueList(node: PrimitiveValueListNode): PrimitiveValueListNode {
    return { ...node, values: node.values.map(toStorable) };
  }
}

const transformer = new StorableValues();
const storableText: KyselyPlugin = {
  transformQuery: ({ node }: PluginTransformQueryArgs): RootOperationNode => transformer.transformNode(node),
  transformResult: ({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> =>
    Promise.resolve(result),
};
