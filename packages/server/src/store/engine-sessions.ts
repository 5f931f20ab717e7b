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

/** The embedded engine: one session for writes, the others for reads. Each is a queue. */
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

interface Queue {
  readonly session: Session;
  waiting: number;
  tail: Promise<unknown>;
}

export function openEngineSessions(path: string): EngineSessions {
  const open = (): Queue => ({ session: new Session(path), waiting: 0, tail: Promise.resolve() });
  const writer = open();
  const readQueues = Array.from({ length: readers }, open);

  async function execute(session: Session, statement: Statement): Promise<Uint8Array> {
    const names = [...statement.settings.keys()];
    try {
      for (const [name, value] of statement.settings)
        await session.queryAsync(`SET ${identifier(name)} = ${quote(value)}`);
      for (const [name, value] of statement.parameters) {
        await session.queryAsync(`SET param_${identifier(name)} = ${quote(value)}`);
      }
      const insert = statement.body === null ? null : parseInsert(statement.sql);
      if (insert !== null && statement.body !== null) {
        // An empty body is no rows, which the engine's parser takes for a cut one.
        if (statement.body.byteLength > 0) await session.insert({ ...insert, values: statement.body });
        return new Uint8Array();
      }
      const result = await session.queryAsync(statement.sql, { format: "TabSeparated" });
      return result.bytes();
    } finally {
      // The session serves the next request: nothing of this one may stay behind.
      for (const name of names) await session.queryAsync(`SET ${identifier(name)} = DEFAULT`).catch(() => {});
    }
  }

  return {
    async run(statement) {
      const queue = isRead(statement) ? readQueues.reduce((a, b) => (b.waiting < a.waiting ? b : a)) : writer;
      queue.waiting += 1;
      const result = queue.tail.then(() => execute(queue.session, statement));
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

function parseInsert(sql: string): { table: string; columns?: string[]; format: RawInsertFormat } {
  const match =
    /^\s*insert\s+into\s+(?:table\s+)?([\w.`"]+)\s*(?:\(([^)]*)\))?\s*format\s+(\w+)\s*;?\s*$/i.exec(sql);
  const format = match?.[3] ?? "";
  if (match === null)
    throw new StatementError("An insert with a body has the form INSERT INTO table (columns) FORMAT format.");
  if (!isInsertFormat(format)) {
    throw new StatementError(`The embedded store takes ${insertFormats.join(", ")}; not ${format}.`);
  }
  const table = (match[1] ?? "").replaceAll(/[`"]/g, "");
  const columns = match[2]?.split(",").map((name) => name.trim().replaceAll(/[`"]/g, ""));
  return columns === undefined ? { table, format } : { table, columns, format };
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
