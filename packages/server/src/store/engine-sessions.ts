import { rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { drainPending, Session, type RawInsertFormat } from "chdb";

/** One statement as the HTTP front got it. */
export interface Statement {
  readonly sql: string;
  /** Rows of an insert; null for everything else. */
  readonly body: Buffer | null;
  /** ClickHouse settings by name, as text. */
  readonly settings: ReadonlyMap<string, string>;
  /** Bound values by name, as text in ClickHouse's escaped form. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * The embedded engine: one session for writes, the others for reads. Each is a queue, so a query of ten seconds delays
 * one of the reading queues and never an insert. What reads is read-only for the engine itself.
 */
export interface EngineSessions {
  /** @throws Error from chdb with `clickhouseCode`, and `StatementError` for what this front does not take. */
  run(statement: Statement): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A statement that the embedded engine does not take. */
export class StatementError extends Error {
  override readonly name = "StatementError";
}

const readers = 3;
/**
 * Limits of every read. Whoever asks may set lower ones. One core is left to those who take sessions in, and what runs
 * longer than its client waits (60 s, see store.ts) is of use to nobody. Ours.
 */
const readSettings: Readonly<Record<string, string>> = {
  max_threads: String(Math.max(1, availableParallelism() - 1)),
  max_execution_time: "60",
};
/** Share of the process's memory that the engine takes for all it does; the rest is the process itself. Ours. */
const engineShare = 0.75;
const insertFormats: readonly string[] = [
  "JSONEachRow",
  "JSONCompactEachRow",
  "CSV",
  "CSVWithNames",
  "TSV",
  "TabSeparated",
  "TSVWithNames",
  "TabSeparatedWithNames",
] satisfies readonly RawInsertFormat[];
/** Formats that the engine takes only from a file. */
const fileFormats: readonly string[] = [
  "RowBinary",
  "RowBinaryWithNames",
  "RowBinaryWithNamesAndTypes",
  "Native",
];

interface Queue {
  readonly session: Session;
  waiting: number;
  tail: Promise<unknown>;
}

export interface EngineSessionsOptions {
  /** Folder of the database. */
  readonly path: string;
  /** Memory that the process may take, in MiB; queries that would go beyond are stopped with code 241. */
  readonly memoryMb: number;
}

export function openEngineSessions({ path, memoryMb }: EngineSessionsOptions): EngineSessions {
  const engineBytes = Math.floor(memoryMb * engineShare) * 2 ** 20;
  const connectionArgs = [`--max_server_memory_usage=${engineBytes}`];
  const open = (): Queue => ({
    session: new Session(path, { connectionArgs }),
    waiting: 0,
    tail: Promise.resolve(),
  });
  const writer = open();
  const readQueues = Array.from({ length: readers }, open);
  const limits: Readonly<Record<string, string>> = {
    ...readSettings,
    max_memory_usage: String(Math.floor(engineBytes / 2)),
  };
  for (const { session } of readQueues) {
    for (const [name, value] of Object.entries(limits)) session.query(`SET ${name} = ${quote(value)}`);
    // From here on the session cannot write, whatever it is asked. Limits can still be lowered.
    session.query("SET readonly = 2");
  }

  /** Statements that write come one after the other: one file serves all of them. */
  const insertFile = join(path, "insert.rows");

  async function insert(session: Session, sql: string, body: Buffer): Promise<void> {
    const { table, columns, format } = parseInsert(sql);
    // An empty body is no rows, which the engine's parser takes for a cut one.
    if (body.byteLength === 0) return;
    if (isInsertFormat(format)) {
      await session.insert({
        table,
        format,
        values: body,
        ...(columns !== undefined && { columns: [...columns] }),
      });
      return;
    }
    const names = columns === undefined ? "" : ` (${columns.map(identifier).join(", ")})`;
    try {
      await writeFile(insertFile, body, { mode: 0o600 });
      await session.queryAsync(
        `INSERT INTO ${table}${names} FROM INFILE ${quote(insertFile)} FORMAT ${format}`,
      );
    } finally {
      await rm(insertFile, { force: true });
    }
  }

  async function execute({ session }: Queue, statement: Statement): Promise<Uint8Array> {
    // Reading queues are read-only already, and could not be made so and used again.
    const settings = [...statement.settings].filter(([name]) => name !== "readonly");
    try {
      const values = [
        ...settings.map(([name, value]) => `${identifier(name)} = ${quote(value)}`),
        ...[...statement.parameters].map(([name, value]) => `param_${identifier(name)} = ${quote(value)}`),
      ];
      if (values.length > 0) await session.queryAsync(`SET ${values.join(", ")}`);
      if (statement.body !== null) {
        await insert(session, statement.sql, statement.body);
        return new Uint8Array();
      }
      const result = await session.queryAsync(statement.sql, { format: "TabSeparated" });
      return result.bytes();
    } finally {
      // The session serves the next request: nothing of this one may stay behind.
      const before = isRead(statement) ? limits : {};
      const values = settings.map(
        ([name]) => `${name} = ${Object.hasOwn(before, name) ? quote(before[name] ?? "") : "DEFAULT"}`,
      );
      if (values.length > 0) await session.queryAsync(`SET ${values.join(", ")}`).catch(() => {});
    }
  }

  return {
    async run(statement) {
      const readonly = statement.settings.get("readonly") ?? "0";
      if (readonly !== "0" && !isRead(statement))
        throw new StatementError("The statement writes, and readonly was asked for.");
      const queue = isRead(statement) ? readQueues.reduce((a, b) => (b.waiting < a.waiting ? b : a)) : writer;
      queue.waiting += 1;
      const result = queue.tail.then(() => execute(queue, statement));
      queue.tail = result.catch(() => {});
      try {
        return await result;
      } finally {
        queue.waiting -= 1;
      }
    },
    async close() {
      const queues = [writer, ...readQueues];
      await Promise.all(queues.map(({ tail }) => tail));
      // Closing a session with an operation in flight can abort the engine.
      await drainPending();
      for (const { session } of queues) session.close();
      await drainPending();
    },
  };
}

function isRead({ sql, body }: Statement): boolean {
  return body === null && /^[\s(]*(select|with|show|describe|desc|explain|exists)\b/i.test(sql);
}

interface Insert {
  readonly table: string;
  readonly columns: readonly string[] | undefined;
  readonly format: string;
}

function parseInsert(sql: string): Insert {
  const match =
    /^\s*insert\s+into\s+(?:table\s+)?([\w.`"]+)\s*(?:\(([^)]*)\))?\s*format\s+(\w+)\s*;?\s*$/i.exec(sql);
  const format = match?.[3] ?? "";
  if (match === null)
    throw new StatementError("An insert with a body has the form INSERT INTO table (columns) FORMAT format.");
  if (!isInsertFormat(format) && !fileFormats.includes(format)) {
    const taken = [...insertFormats, ...fileFormats].join(", ");
    throw new StatementError(`The embedded store takes ${taken}; not ${format}.`);
  }
  const table = (match[1] ?? "").replaceAll(/[`"]/g, "");
  const columns = match[2]?.split(",").map((name) => name.trim().replaceAll(/[`"]/g, ""));
  return { table, columns, format };
}

function isInsertFormat(format: string): format is RawInsertFormat {
  return insertFormats.includes(format);
}

function identifier(name: string): string {
  if (!/^\w{1,100}$/.test(name))
    throw new StatementError(`${JSON.stringify(name)} is not the name of a setting or parameter.`);
  return name;
}

function quote(value: string): string {
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\0", "\\0")}'`;
}
