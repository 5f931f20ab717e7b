import { Migrator, type Migration } from "kysely";
import type { OpenedDatabase } from "../database.ts";
import { tables } from "./0001-tables.ts";

/** By name, in the order of their numbers. A migration that was released is never changed. */
const migrations: Readonly<Record<string, Migration>> = { "0001-tables": tables };

/**
 * Brings the tables up to date; returns the names of the migrations that ran. Several servers may do it at once.
 * @throws what the database says; nothing is half done then.
 */
export async function migrateSettings(opened: OpenedDatabase): Promise<readonly string[]> {
  const migrator = new Migrator({
    db: opened.database,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    migrationTableName: "settingsMigrations",
    migrationLockTableName: "settingsMigrationLock",
  });
  return opened.exclusively(async () => {
    const { error, results = [] } = await migrator.migrateToLatest();
    if (error !== undefined) {
      throw error instanceof Error
        ? error
        : new Error("a migration of the settings failed", { cause: error });
    }
    return results.map(({ migrationName }) => migrationName);
  });
}
