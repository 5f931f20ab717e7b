import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { renderStatement } from "./layout.ts";
import { migrate, parseMigration, readMigrations, type Migration } from "./migrate.ts";
import { openEmbeddedStore, type EmbeddedStore } from "./testing/embedded-store.ts";

const layout = { cluster: null };
const first = parseMigration(
  "0001-a.sql",
  "-- why\nCREATE TABLE IF NOT EXISTS {{table a}} (n UInt32) ENGINE = {{engine MergeTree}} ORDER BY n;",
);
const second = parseMigration("0002-b.sql", "ALTER TABLE {{every a}} ADD COLUMN IF NOT EXISTS x UInt8;");

let store: EmbeddedStore;
beforeAll(async () => {
  store = await openEmbeddedStore();
}, 60_000);
afterAll(() => store?.close());
beforeEach(async () => {
  for (const table of ["a", "schema_migrations"]) {
    await store.client.command({ query: `DROP TABLE IF EXISTS ${table} SYNC` });
  }
});

const run = (migrations: readonly Migration[], isDryRun = false) =>
  migrate(store.client, { layout, migrations, isDryRun });
const tables = () => store.rows<{ name: string }>("SHOW TABLES").then((rows) => rows.map(({ name }) => name));

describe("migrate", () => {
  test("runs what is new, once, and records it", async () => {
    expect((await run([first])).run).toEqual(["0001-a.sql"]);
    expect((await run([first, second])).run).toEqual(["0002-b.sql"]);
    expect(await run([first, second])).toEqual({
      applied: ["0001-a.sql", "0002-b.sql"],
      run: [],
      statements: [],
    });
    expect(
      await store.rows("SELECT number, checksum, cluster FROM schema_migrations ORDER BY number"),
    ).toEqual([
      { number: 1, checksum: first.checksum, cluster: "" },
      { number: 2, checksum: second.checksum, cluster: "" },
    ]);
  });

  test("a dry run shows the statements and changes nothing", async () => {
    const report = await run([first, second], true);
    expect(report.run).toEqual(["0001-a.sql", "0002-b.sql"]);
    expect(report.statements).toEqual([
      "CREATE TABLE IF NOT EXISTS a (n UInt32) ENGINE = MergeTree ORDER BY n",
      "ALTER TABLE a ADD COLUMN IF NOT EXISTS x UInt8",
    ]);
    expect(await tables()).toEqual([]);
  });

  test("a newer store and a changed migration are refused, and nothing is done", async () => {
    await run([first, second]);
    await expect(run([first])).rejects.toMatchObject({ code: "store-schema-newer" });
    const changed = parseMigration("0001-a.sql", "SELECT 1;");
    await expect(run([changed, second])).rejects.toMatchObject({
      code: "store-schema-changed",
      message: expect.stringContaining("0001-a.sql"),
    });
    const third = parseMigration("0003-c.sql", "DROP TABLE {{table a}};");
    await expect(
      migrate(store.client, { layout: { cluster: "calls" }, migrations: [first, second, third] }),
    ).rejects.toMatchObject({ code: "store-cluster-changed" });
    expect(await tables()).toContain("a");
  });

  test("comments and white space at the ends do not change a migration", () => {
    const same = parseMigration("0001-a.sql", `-- another reason\n\n${first.statements[0]};\n\n`);
    expect(same.checksum).toBe(first.checksum);
  });

  test("a store of the version without checksums is taken over", async () => {
    await store.client.command({
      query:
        "CREATE TABLE schema_migrations (number UInt32, name String, appliedAt DateTime DEFAULT now()) " +
        "ENGINE = ReplacingMergeTree ORDER BY number",
    });
    await store.client.command({
      query: "INSERT INTO schema_migrations (number, name) VALUES (1, '0001-a.sql')",
    });
    await store.client.command({ query: "CREATE TABLE a (n UInt32) ENGINE = MergeTree ORDER BY n" });
    expect((await run([first, second])).run).toEqual(["0002-b.sql"]);
    await expect(run([parseMigration("0001-a.sql", "SELECT 1;"), second])).rejects.toMatchObject({
      code: "store-schema-changed",
    });
  });

  test("two servers at once, and one that was cut off before it could record", async () => {
    const migrations = await readMigrations();
    await Promise.all([run(migrations), run(migrations)]);
    await store.client.command({ query: "TRUNCATE TABLE schema_migrations" });
    expect((await run(migrations)).run).toHaveLength(migrations.length);
    expect((await run(migrations)).run).toEqual([]);
  });

  test("every statement can be run twice, and is SQL on a cluster too", async () => {
    for (const { name, statements } of await readMigrations()) {
      for (const statement of statements) {
        expect(statement, name).toMatch(
          /^(CREATE (TABLE|VIEW) IF NOT EXISTS|ALTER TABLE [^]*((ADD|DROP|MODIFY|RENAME) \w+ IF (NOT )?EXISTS|MODIFY (COLUMN|SETTING|TTL))|DROP (TABLE|VIEW) IF EXISTS) ?/,
        );
        for (const query of renderStatement(statement, { cluster: "calls" })) {
          expect(query, name).toContain("ON CLUSTER 'calls'");
          // Parsed by the engine itself; a cluster to run it on does not exist here.
          await store.client.command({ query: `EXPLAIN AST ${query}` });
        }
      }
    }
    await expect(
      store.client.command({ query: "EXPLAIN AST CREATE TABLE t (n UInt32 ENGINE" }),
    ).rejects.toThrow("Syntax error");
  });
});
