import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tableNames } from "../analyse/table-columns.ts";
import { deleteRowsBefore, deleteRowsOf } from "./delete-rows.ts";
import { migrate } from "./migrate.ts";
import { openEmbeddedStore, type EmbeddedStore } from "./testing/embedded-store.ts";

const layout = { cluster: null };
let store: EmbeddedStore;
beforeAll(async () => {
  store = await openEmbeddedStore();
  await migrate(store.client, { layout });
}, 60_000);
afterAll(() => store?.close());

const day = 86_400_000;
const now = Date.UTC(2026, 5, 30);

/** As the rows of the analysis have times. */
const text = (ms: number): string => new Date(ms).toISOString().replace("T", " ").slice(0, -1);

async function write(
  projectId: string,
  sessionId: string,
  days: number,
  values: Record<string, unknown> = {},
): Promise<void> {
  const lastAt = text(now - days * day);
  const session = { projectId, sessionId, leg: 0, version: 1, isDeleted: 0 };
  const leg = { ...session, lastAt, startedAt: lastAt, finished: 1, ...values };
  for (const table of tableNames) {
    const rows = [table === "legs" ? leg : session];
    await store.client.insert({ table, values: rows, format: "JSONEachRow" });
  }
}

/** Sessions that have a row, by table. */
async function left(): Promise<string[][]> {
  return Promise.all(
    tableNames.map(async (table) => {
      const query = `SELECT DISTINCT projectId || '/' || sessionId AS id FROM ${table} ORDER BY id`;
      return (await store.rows<{ id: string }>(query)).map(({ id }) => id);
    }),
  );
}

describe("deleting rows", () => {
  test("retention takes finished sessions of one project that ended before, from all tables", async () => {
    await write("a", "old-finished", 31);
    await write("a", "old-finished-2", 40);
    await write("a", "old-live", 31, { finished: 0 });
    await write("a", "old-sample", 400, { sample: 1 });
    await write("a", "young-session", 29);
    await write("b", "old-finished", 31);
    const rows = { client: store.client, layout };
    expect(await deleteRowsBefore(rows, "a", now - 30 * day, 1)).toBe(1);
    expect(await deleteRowsBefore(rows, "a", now - 30 * day)).toBe(1);
    expect(await deleteRowsBefore(rows, "a", now - 30 * day)).toBe(0);
    const kept = ["a/old-live", "a/old-sample", "a/young-session", "b/old-finished"];
    expect(await left()).toEqual(tableNames.map(() => kept));
  });

  test("a session that was written again is as old as its newest row", async () => {
    await write("c", "came-back", 31);
    await write("c", "came-back", 2, { version: 2 });
    expect(await deleteRowsBefore({ client: store.client, layout }, "c", now - 30 * day)).toBe(0);
    await deleteRowsOf({ client: store.client, layout }, "c", ["came-back", "never-there", "not' an OR id"]);
    expect((await left()).flat()).not.toContain("c/came-back");
    expect((await left()).flat()).toContain("b/old-finished");
  });

  test("on a cluster it is done where the rows are, on all servers", async () => {
    const queries: string[] = [];
    const client = { command: ({ query }: { query: string }) => Promise.resolve(queries.push(query)) };
    await deleteRowsOf({ client: client as never, layout: { cluster: "calls" } }, "a'b", ["session-1"]);
    expect(queries.at(-1)).toBe(
      "ALTER TABLE legs_local ON CLUSTER 'calls' DELETE WHERE projectId = 'a\\'b' AND sessionId IN ('session-1') " +
        "SETTINGS mutations_sync = 2",
    );
    expect(queries).toHaveLength(tableNames.length);
  });
});
