import { createClient } from "@clickhouse/client";
import type { ServerConfig } from "../config.ts";
import { openDataFolder } from "../data-folder.ts";
import { StoreError } from "../errors.ts";
import { startEngineChild, type EngineAddress, type EngineChild } from "./engine-child.ts";
import type { StoreLayout } from "./layout.ts";
import { migrate, type MigrationReport } from "./migrate.ts";
import { connectStore, storeDatabase, type StoreAddress } from "./store.ts";

/** The embedded engine ends within this, in milliseconds. */
const closeTimeoutMs = 5_000;

/**
 * Brings the tables of the configured store up to date without starting a server; with `isDryRun` only says what it would do.
 * The embedded store's data folder must not be in use: a server migrates its store at its start.
 * @throws ServerStartError for the data folder, StoreError for the store.
 */
export async function migrateStore(config: ServerConfig, isDryRun: boolean): Promise<MigrationReport> {
  const layout: StoreLayout = { cluster: config.clickhouseCluster };
  if (config.clickhouseUrl !== null) return migrateAt({ url: config.clickhouseUrl }, layout, isDryRun);
  const folder = openDataFolder(config.dataFolder);
  try {
    const { child, address } = await startEngine(folder.store, config.storeMemoryMb);
    try {
      return await migrateAt({ ...address, username: "default" }, layout, isDryRun);
    } finally {
      await child.close(closeTimeoutMs);
    }
  } finally {
    folder.release();
  }
}

async function migrateAt(
  address: StoreAddress,
  layout: StoreLayout,
  isDryRun: boolean,
): Promise<MigrationReport> {
  try {
    const isThere = !isDryRun || (await hasDatabase(address));
    const client = isThere ? await connectStore(address, layout) : createClient(address);
    try {
      return await migrate(client, { layout, isDryRun });
    } finally {
      await client.close();
    }
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError("store-unreachable", error instanceof Error ? error.message : String(error));
  }
}

async function hasDatabase(address: StoreAddress): Promise<boolean> {
  const client = createClient(address);
  try {
    const answer = await client.query({
      query: "SELECT name FROM system.databases WHERE name = {name:String}",
      query_params: { name: storeDatabase },
      format: "JSONEachRow",
    });
    return (await answer.json()).length > 0;
  } finally {
    await client.close();
  }
}

function startEngine(
  path: string,
  memoryMb: number,
): Promise<{ readonly child: EngineChild; readonly address: EngineAddress }> {
  return new Promise((resolve, reject) => {
    const child = startEngineChild({
      path,
      memoryMb,
      onUp: (address) => resolve({ child, address }),
      onDown(reason) {
        reject(new StoreError("store-unreachable", `The embedded store ${reason}`));
        // It would be started again and again otherwise.
        void child.close(closeTimeoutMs);
      },
    });
  });
}
