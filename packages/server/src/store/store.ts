import { ClickHouseError, ClickHouseLogLevel, createClient, type ClickHouseClient } from "@clickhouse/client";
import { startEngineChild, type EngineChild } from "./engine-child.ts";
import { StoreError } from "../errors.ts";
import { quoteText, type StoreLayout } from "./layout.ts";
import { migrate } from "./migrate.ts";

export type StoreState = "starting" | "ok" | "down";

/** Database of all tables. */
export const storeDatabase = "peerscope";

export interface StoreOptions {
  /** Folder of the embedded engine. */
  readonly folder: string;
  /** A ClickHouse to use instead; user and password can be in it. */
  readonly url: string | null;
  readonly layout: StoreLayout;
  /** Of the embedded engine's process, in MiB. */
  readonly memoryMb: number;
  /**
   * The store answers and its tables are there; again after every time it was away. It is `ok` when this has resolved, so
   * that whoever reads the state knows what is missing in it. When it rejects it is called again.
   */
  readonly onReady: () => Promise<void>;
  readonly onProblem: (message: string) => void;
}

/** The ClickHouse that holds derived rows: embedded, or any by URL. The server lives without it. */
export interface Store {
  /** `ok`: it can be used, and what it lacks of the logs is known. */
  readonly state: StoreState;
  /** Why it is not `ok`, beginning with a code where there is one; else null. */
  readonly problem: string | null;
  readonly layout: StoreLayout;
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
/** The same for a store that answers and must not be used, or refuses what `onReady` asks: only a person can change that. */
const refusedRetryMs = 30_000;

export function createStore(options: StoreOptions): Store {
  let state: StoreState = "starting";
  let client: ClickHouseClient | null = null;
  let problem: string | null = null;
  let address: StoreAddress | null = null;
  let child: EngineChild | null = null;
  let retry: NodeJS.Timeout | null = null;
  let connecting = false;
  let closed = false;
  const waiters = new Set<(client: ClickHouseClient | null) => void>();

  function connect(): void {
    if (closed || connecting || address === null || state === "ok") return;
    connecting = true;
    const target = address;
    let pauseMs = retryMs;
    // One that refused what `onReady` asked is still there, and used.
    const connection = client === null ? openDatabase(target, options.layout) : Promise.resolve(client);
    connection
      .then(async (opened) => {
        if (closed || address !== target) return opened.close();
        client = opened;
        for (const wake of waiters) wake(opened);
        await options.onReady();
        // It may have gone meanwhile.
        if (client !== opened) return undefined;
        state = "ok";
        problem = null;
        return undefined;
      })
      .catch((error: unknown) => {
        if (closed || address !== target) return;
        if (client !== null && error instanceof ClickHouseError) pauseMs = refusedRetryMs;
        else lost();
        const message = error instanceof StoreError ? error.message : String(error);
        if (state !== "down" || problem !== message)
          options.onProblem(`the store cannot be used: ${message}`);
        state = "down";
        problem = message;
        if (error instanceof StoreError) pauseMs = refusedRetryMs;
      })
      .finally(() => {
        connecting = false;
        if (state !== "ok" || address !== target) later(address === target ? pauseMs : retryMs);
      });
  }

  function later(pauseMs: number): void {
    if (closed) return;
    if (retry !== null) clearTimeout(retry);
    retry = setTimeout(() => {
      retry = null;
      connect();
    }, pauseMs);
  }

  function lost(): void {
    if (client === null) return;
    void client.close().catch(() => {});
    client = null;
    state = "down";
    problem = "store-unreachable";
  }

  if (options.url === null) {
    child = startEngineChild({
      path: options.folder,
      memoryMb: options.memoryMb,
      onUp({ url, password }) {
        address = { url, username: "default", password };
        connect();
      },
      onDown(reason) {
        address = null;
        lost();
        state = "down";
        problem = `the embedded store ${reason}`;
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
    get problem() {
      return problem;
    },
    layout: options.layout,
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
      later(retryMs);
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

/** Where a store is and who is let in. */
export interface StoreAddress {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
}

/** A client of the database, which is made when it is not there. The caller closes it. */
export async function connectStore(target: StoreAddress, layout: StoreLayout): Promise<ClickHouseClient> {
  // Failures come back as errors and are reported once, where it is known what they mean.
  const log = { level: ClickHouseLogLevel.OFF };
  const bare = createClient({ ...target, log, request_timeout: 30_000 });
  try {
    const where = layout.cluster === null ? "" : ` ON CLUSTER ${quoteText(layout.cluster)}`;
    await bare.command({ query: `CREATE DATABASE IF NOT EXISTS ${storeDatabase}${where}` });
  } finally {
    await bare.close();
  }
  return createClient({
    ...target,
    log,
    database: storeDatabase,
    request_timeout: 60_000,
    max_open_connections: 16,
    // What a distributed table takes is on its shard when the insert is answered.
    ...(layout.cluster === null ? {} : { clickhouse_settings: { distributed_foreground_insert: 1 } }),
  });
}

/** The same with its tables. */
async function openDatabase(target: StoreAddress, layout: StoreLayout): Promise<ClickHouseClient> {
  const client = await connectStore(target, layout);
  try {
    await migrate(client, { layout });
    return client;
  } catch (error) {
    await client.close();
    throw error;
  }
}
