import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { ClickHouseClient } from "@clickhouse/client";
import { migrationsFolder } from "../entry.ts";
import { StoreError } from "../errors.ts";
import { renderStatement, type StoreLayout } from "./layout.ts";

/** One numbered SQL file. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  /** As the file has them, with placeholders: `renderStatement` makes them ready to run. */
  readonly statements: readonly string[];
  /** SHA-256 of the statements, hexadecimal. Comments and the layout do not count. */
  readonly checksum: string;
}

/** Reads all migrations in order. A statement ends with a semicolon at the end of a line. */
export async function readMigrations(): Promise<Migration[]> {
  const folder = migrationsFolder();
  const names = (await readdir(folder)).filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name)).toSorted();
  return Promise.all(
    names.map(async (name) => parseMigration(name, await readFile(new URL(name, folder), "utf8"))),
  );
}

/** One migration from the text of its file. */
export function parseMigration(name: string, text: string): Migration {
  const statements = text
    .replaceAll(/^--.*$/gm, "")
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
  const checksum = createHash("sha256").update(statements.join(";\n")).digest("hex");
  return { number: Number(name.slice(0, 4)), name, statements, checksum };
}

/** What `migrate` has done, or would do. */
export interface MigrationReport {
  /** Names of the files that were already there. */
  readonly applied: readonly string[];
  /** Names of the files that ran now; with `isDryRun`, that would run. */
  readonly run: readonly string[];
  /** The statements of `run`, as the layout renders them. */
  readonly statements: readonly string[];
}

export interface MigrateOptions {
  readonly layout: StoreLayout;
  /** Says what would run and changes nothing. */
  readonly isDryRun?: boolean;
  /** Instead of those of the server, for tests. */
  readonly migrations?: readonly Migration[];
}

const ledger =
  "CREATE TABLE IF NOT EXISTS {{table schema_migrations}} (number UInt32, name String, appliedAt DateTime DEFAULT now()) " +
  "ENGINE = {{engine ReplacingMergeTree}} ORDER BY number";
const ledgerColumns = ["checksum", "cluster"].map(
  (column) => `ALTER TABLE {{every schema_migrations}} ADD COLUMN IF NOT EXISTS ${column} String DEFAULT ''`,
);

interface LedgerRow {
  readonly number: number;
  readonly checksum: string;
  readonly cluster: string;
}

/**
 * Runs the migrations that the database has not seen. Each is written so that running it twice does no harm: two servers
 * may start at once, and one that was cut off is run again.
 * @throws StoreError `store-schema-newer`, `store-schema-changed` or `store-cluster-changed`; nothing is changed then.
 */
export async function migrate(client: ClickHouseClient, options: MigrateOptions): Promise<MigrationReport> {
  const { layout, isDryRun = false } = options;
  const cluster = layout.cluster ?? "";
  const migrations = options.migrations ?? (await readMigrations());
  const rows = await readLedger(client);
  check(rows, migrations, cluster);
  const done = new Map(rows.map((row) => [row.number, row]));
  const pending = migrations.filter(({ number }) => !done.has(number));
  const rendered = pending.map(({ statements }) =>
    statements.flatMap((statement) => renderStatement(statement, layout)),
  );
  if (!isDryRun) {
    const preparation = rows.length === 0 || rows.some(({ checksum }) => checksum === "");
    if (preparation) {
      for (const statement of [ledger, ...ledgerColumns])
        for (const query of renderStatement(statement, layout)) await client.command({ query });
    }
    for (const [index, migration] of migrations.entries()) {
      const known = done.get(migration.number);
      // A database of a version that did not write checksums takes those of today.
      if (known?.checksum === "") await record(client, migration, cluster);
      if (known !== undefined) continue;
      for (const query of rendered[pending.indexOf(migration)] ?? []) await client.command({ query });
      await record(client, migrations[index] ?? migration, cluster);
    }
  }
  return {
    applied: migrations.filter(({ number }) => done.has(number)).map(({ name }) => name),
    run: pending.map(({ name }) => name),
    statements: rendered.flat(),
  };
}

/** What the database says it has seen; nothing for a new one. */
async function readLedger(client: ClickHouseClient): Promise<LedgerRow[]> {
  const columns = await client.query({
    query:
      "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'schema_migrations'",
    format: "JSONEachRow",
  });
  const names = new Set((await columns.json<{ name: string }>()).map(({ name }) => name));
  if (names.size === 0) return [];
  const [checksum, cluster] = ["checksum", "cluster"].map((name) => (names.has(name) ? name : "''"));
  const answer = await client.query({
    // A row without a checksum is older than the one with it.
    query:
      `SELECT number, max(${checksum}) AS checksum, max(${cluster}) AS cluster ` +
      "FROM schema_migrations GROUP BY number ORDER BY number",
    format: "JSONEachRow",
  });
  return answer.json<LedgerRow>();
}

function check(rows: readonly LedgerRow[], migrations: readonly Migration[], cluster: string): void {
  const known = new Map(migrations.map((migration) => [migration.number, migration]));
  const newest = rows.findLast(({ number }) => !known.has(number));
  if (newest !== undefined) {
    throw new StoreError(
      "store-schema-newer",
      `It has migration ${newest.number}, this version knows ${migrations.length}.`,
    );
  }
  for (const row of rows) {
    const migration = known.get(row.number);
    if (row.checksum === "" || migration === undefined) continue;
    if (row.checksum !== migration.checksum) throw new StoreError("store-schema-changed", migration.name);
    if (row.cluster !== cluster) {
      const name = (text: string): string => (text === "" ? "one server" : `cluster ${text}`);
      throw new StoreError(
        "store-cluster-changed",
        `It was made for ${name(row.cluster)}, the setting says ${name(cluster)}.`,
      );
    }
  }
}

async function record(client: ClickHouseClient, migration: Migration, cluster: string): Promise<void> {
  const { number, name, checksum } = migration;
  await client.insert({
    table: "schema_migrations",
    values: [{ number, name, checksum, cluster }],
    columns: ["number", "name", "checksum", "cluster"],
    format: "JSONEachRow",
  });
}
