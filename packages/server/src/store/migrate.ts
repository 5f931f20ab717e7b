import { readdir, readFile } from "node:fs/promises";
import type { ClickHouseClient } from "@clickhouse/client";
import { migrationsFolder } from "../entry.ts";

/** One numbered SQL file. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: readonly string[];
}

/** Reads all migrations in order. A statement ends with a semicolon at the end of a line. */
export async function readMigrations(): Promise<Migration[]> {
  const folder = migrationsFolder();
  const names = (await readdir(folder)).filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name)).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), "utf8");
      const withoutComments = text.replaceAll(/^--.*$/gm, "");
      const statements = withoutComments.split(/;\s*$/m).map((statement) => statement.trim());
      return {
        number: Number(name.slice(0, 4)),
        name,
        statements: statements.filter((statement) => statement !== ""),
      };
    }),
  );
}

/** Runs the migrations that the database has not seen. Each is written so that running it twice does no harm. */
export async function migrate(client: ClickHouseClient): Promise<number> {
  await client.command({
    query:
      "CREATE TABLE IF NOT EXISTS schema_migrations (number UInt32, name String, appliedAt DateTime DEFAULT now()) " +
      "ENGINE = ReplacingMergeTree ORDER BY number",
  });
  const applied = await client.query({
    query: "SELECT DISTINCT number FROM schema_migrations",
    format: "JSONEachRow",
  });
  const done = new Set((await applied.json<{ number: number }>()).map(({ number }) => number));
  let count = 0;
  for (const migration of await readMigrations()) {
    if (done.has(migration.number)) continue;
    for (const query of migration.statements) await client.command({ query });
    await client.insert({
      table: "schema_migrations",
      values: [{ number: migration.number, name: migration.name }],
      columns: ["number", "name"],
      format: "JSONEachRow",
    });
    count += 1;
  }
  return count;
}
