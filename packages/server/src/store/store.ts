import { ClickHouseLogLevel, createClient, type ClickHouseClient } from "@clickhouse/client";
import { startEngineChild, type EngineChild } from "./engine-child.ts";
import { migrate } from "./migrate.ts";

export type StoreState = "starting" | "ok" | "down";

/** Database of all tables. */
const database = "peerscope";

export interface StoreOptions {
  /** Folder of the embedded engine. */
  readonly folder: string;
  /** A ClickHouse to use instead; user and password can be in it. */
  readonly url: string | null;
  /** The store answers and its tables are there; again after every time it was away. */
  readonly onReady: () => void;
  readonly onProblem: (message: string) => void;
}

/** The ClickHouse that holds derived rows: embedded, or any by URL. The server lives without it. */
export interface Store {
  readonly state: StoreState;
  /** The client while the store is usable, else null. */
  readonly client: ClickHouseClient | null;
  /** The client once the store is usable; null after `waitMs`. */
  whenReady(waitMs: number): Promise<ClickHouseClient | null>;
  /** Says that a statement failed because the store did not answer. It is checked until it does. */
  reportFailure(): void;
  /** Process id of the embedded engine; null with a store by URL. */
  readonly enginePid: number | null;
  close(timeoutMs: number): Promise<void>;
}

/** Pause between two attempts to reach the store, in milliseconds. */
const retryMs = 1_000;

export function createStore(options: StoreOptions): Store {
  let state: StoreState = "starting";
  let client: ClickHouseClient | null = null;
  let address: { readonly url: string; readonly username?: string; readonly password?: string } | null = null;
  let child: EngineChild | null = null;
  let retry: NodeJS.Timeout | null = null;
  let connecting = false;
  let closed = false;
  const waiters = new Set<(client: ClickHouseClient | null) => void>();

  function connect(): void {
    if (closed || connecting || address === null) return;
    connecting = true;
    const target = address;
    prepare(target)
      .then((prepared) => {
        if (closed || address !== target) return prepared.close();
        client = prepared;
        state = "ok";
        for (const wake of waiters) wake(prepared);
        options.onReady();
        return undefined;
      })
      .catch((error: unknown) => {
        if (closed || address !== target) return;
        if (state !== "down") options.onProblem(`the store cannot be used: ${String(error)}`);
        state = "down";
      })
      .finally(() => {
        connecting = false;
        if (state !== "ok" || address !== target) later();
      });
  }

  function later(): void {
    if (closed || retry !== null) return;
    retry = setTimeout(() => {
      retry = null;
      connect();
    }, retryMs);
  }

  function lost(): void {
    void client?.close().catch(() => {});
    client = null;
    if (state === "ok") state = "down";
  }

  if (options.url === null) {
    child = startEngineChild({
      path: options.folder,
      onUp({ url, password }) {
        address = { url, username: "default", password };
        connect();
      },
      onDown(reason) {
        address = null;
        lost();
        state = "down";
        options.onProblem(`the embedded store ${reason}; it is being started again`);
      },
    });
  } else {
    address = { url: options.url };
    connect();
  }

  return {
    get state() {
      return state;
    },
    get client() {
      return client;
    },
    get enginePid() {
      return child?.pid ?? null;
    },
    whenReady(waitMs) {
      if (client !== null) return Promise.resolve(client);
      return new Promise((resolve) => {
        const done = (ready: ClickHouseClient | null): void => {
          clearTimeout(timer);
          waiters.delete(done);
          resolve(ready);
        };
        const timer = setTimeout(() => done(null), waitMs);
        waiters.add(done);
      });
    },
    reportFailure() {
      if (client === null) return;
      lost();
      later();
    },
    async close(timeoutMs) {
      closed = true;
      if (retry !== null) clearTimeout(retry);
      for (const wake of waiters) wake(null);
      await client?.close().catch(() => {});
      await child?.close(timeoutMs);
    },
  };
}

async function prepare(target: {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
}): Promise<ClickHouseClient> {
  // Failures come back as errors and are reported once, where it is known what they mean.
  const log = { level: ClickHouseLogLevel.OFF };
  const bare = createClient({ ...target, log, request_timeout: 30_000 });
  try {
    await bare.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
  } finally {
    await bare.close();
  }
  const client = createClient({
    ...target,
    log,
    database,
    request_timeout: 60_000,
    max_open_connections: 16,
  });
  try {
    await migrate(client);
  } catch (error) {
    await client.close();
    throw error;
  }
  return client;
}
