import { fork } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tableNames, type TableName } from "../../packages/server/src/analyse/table-columns.ts";

/** Rows of each table as lines of JSON, in an order of their own, without what says when they were written. */
export type Tables = Readonly<Record<TableName, readonly string[]>>;

const engine = fileURLToPath(new URL("../../packages/server/dist/engine-process.js", import.meta.url));
const password = "torture";

/** Reads everything that the embedded store of a stopped server holds. */
export async function readTables(dataFolder: string): Promise<Tables> {
  const store = fork(engine, [], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = new Promise((resolve) => store.once("exit", resolve));
  try {
    const port = await new Promise<number>((resolve, reject) => {
      store.once("message", (state: { readonly port: number }) => resolve(state.port));
      store.once("exit", (code) => reject(new Error(`the store ended with ${String(code)}`)));
      store.send({ path: join(dataFolder, "store"), password, memoryMb: 4_096 });
    });
    const tables: Partial<Record<TableName, readonly string[]>> = {};
    for (const table of tableNames) tables[table] = await rowsOf(port, table);
    const { events = [], windows = [], tracks = [], observations = [], analyses = [], legs = [] } = tables;
    return { events, windows, tracks, observations, analyses, legs };
  } finally {
    if (store.connected) store.send("stop");
    await ended;
  }
}

async function rowsOf(port: number, table: TableName): Promise<string[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/?database=peerscope`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`default:${password}`).toString("base64")}` },
    body: `SELECT * EXCEPT (version, isDeleted) FROM ${table} FINAL FORMAT JSONEachRow`,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${table}: ${text}`);
  return text.split("\n").filter(Boolean).toSorted();
}

/** Rows that only one of the two has, each with a sign before it. */
export function compareTables(found: Tables, wanted: Tables): string[] {
  return tableNames.flatMap((table) => {
    const [have, want] = [new Set(found[table]), new Set(wanted[table])];
    return [
      ...found[table].filter((row) => !want.has(row)).map((row) => `${table}: too many ${row}`),
      ...wanted[table].filter((row) => !have.has(row)).map((row) => `${table}: missing ${row}`),
    ];
  });
}
