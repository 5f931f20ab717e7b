import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClickHouseClient } from "@clickhouse/client";
import { startEngineChild, type EngineAddress, type EngineChild } from "../engine-child.ts";
import { migrate } from "../migrate.ts";
import { connectStore, type Store } from "../store.ts";

/** A real engine in a folder of its own. Tests that need the SQL to be right use it. */
export interface EmbeddedStore {
  readonly address: EngineAddress;
  readonly client: ClickHouseClient;
  rows<Row>(query: string, parameters?: Record<string, unknown>): Promise<Row[]>;
  close(): Promise<void>;
}

export async function openEmbeddedStore(): Promise<EmbeddedStore> {
  const folder = mkdtempSync(join(tmpdir(), "peerscope-store-"));
  const { address, child } = await new Promise<{ address: EngineAddress; child: EngineChild }>(
    (resolve, reject) => {
      const child = startEngineChild({
        path: folder,
        memoryMb: 2_048,
        onUp: (address) => resolve({ address, child }),
        onDown: (reason) => reject(new Error(reason)),
      });
    },
  );
  const client = await connectStore({ ...address, username: "default" }, { cluster: null });
  return {
    address,
    client,
    async rows<Row>(query: string, parameters: Record<string, unknown> = {}) {
      const answer = await client.query({
        query,
        query_params: parameters,
        format: "JSONEachRow",
        clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
      });
      return answer.json<Row>();
    },
    async close() {
      await client.close();
      await child.close(5_000);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One with all tables. */
export async function openMigratedStore(): Promise<EmbeddedStore> {
  const store = await openEmbeddedStore();
  await migrate(store.client, { layout: { cluster: null } });
  return store;
}

/** The store over an engine that is up and stays so. Whoever gives it up fails. */
export function storeOf({ client }: Pick<EmbeddedStore, "client">): Store {
  return {
    state: "ok",
    problem: null,
    layout: { cluster: null },
    client,
    enginePid: null,
    whenReady: () => Promise.resolve(client),
    reportFailure() {
      throw new Error("the store was given up");
    },
    close: () => Promise.resolve(),
  };
}
