import { connect, createServer, type Server, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { ClickHouseError } from "@clickhouse/client";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { createStore, type Store } from "./store.ts";
import { openEmbeddedStore, type EmbeddedStore } from "./testing/embedded-store.ts";

// An engine behind its HTTP front stands for a ClickHouse somewhere else; a line to it can be cut.
let engine: EmbeddedStore;
let line: Line;
let store: Store | null = null;
beforeAll(async () => {
  engine = await openEmbeddedStore();
  line = await createLine(Number(new URL(engine.address.url).port));
}, 60_000);
afterAll(async () => {
  await line?.cut();
  await engine?.close();
});
afterEach(async () => {
  vi.useRealTimers();
  await store?.close(1_000);
  store = null;
});

interface Line {
  readonly port: number;
  cut(): Promise<void>;
  mend(): Promise<void>;
}

async function createLine(target: number): Promise<Line> {
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  async function listen(port: number): Promise<number> {
    const listening = createServer((socket) => {
      const onward = connect(target, "127.0.0.1");
      for (const end of [socket, onward]) {
        sockets.add(end);
        end.on("error", () => {});
        end.on("close", () => sockets.delete(end));
      }
      socket.pipe(onward).pipe(socket);
    });
    await new Promise<void>((resolve) => listening.listen(port, "127.0.0.1", resolve));
    server = listening;
    const address = listening.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }
  const port = await listen(0);
  return {
    port,
    async cut() {
      const closed = new Promise((resolve) => server?.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    mend: async () => void (await listen(port)),
  };
}

interface Opened {
  readonly store: Store;
  readonly problems: string[];
  readonly ready: () => number;
}

function open(password: string, onReady: () => Promise<void> = () => Promise.resolve()): Opened {
  const problems: string[] = [];
  let ready = 0;
  const opened = createStore({
    folder: "/nonexistent",
    url: `http://default:${password}@127.0.0.1:${line.port}`,
    layout: { cluster: null },
    memoryMb: 2_048,
    onReady: () => {
      ready += 1;
      return onReady();
    },
    onProblem: (message) => problems.push(message),
  });
  store = opened;
  return { store: opened, problems, ready: () => ready };
}

/** Until something is so; a test that waits for ever fails by its own time limit. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

test("a ClickHouse by URL is used, with its tables", async () => {
  const { store, ready } = open(engine.address.password);
  expect(store.state).toBe("starting");
  const client = await store.whenReady(30_000);
  expect(
    await client?.query({ query: "SELECT count() FROM legs" }).then((answer) => answer.text()),
  ).toContain("0");
  await until(() => store.state === "ok");
  expect([store.problem, store.enginePid, ready()]).toEqual([null, null, 1]);
}, 40_000);

test("with a wrong password it is down, and says why, once", async () => {
  const { store, problems, ready } = open("wrong");
  await until(() => store.state === "down");
  expect(store.problem).toMatch(/authentication failed/i);
  expect(await store.whenReady(2_500)).toBeNull();
  expect([problems.length, ready()]).toEqual([1, 0]);
}, 40_000);

test("one that is not there at the start, comes, goes and comes again", async () => {
  await line.cut();
  const { store, problems, ready } = open(engine.address.password);
  await until(() => store.state === "down");
  expect(store.problem).toMatch(/ECONNREFUSED/);
  await line.mend();
  const client = await store.whenReady(30_000);
  expect(client).not.toBeNull();
  await line.cut();
  await expect(client?.query({ query: "SELECT 1" })).rejects.toThrow();
  store.reportFailure();
  expect([store.state, store.client]).toEqual(["down", null]);
  await line.mend();
  expect(await store.whenReady(30_000)).not.toBeNull();
  await until(() => store.state === "ok");
  expect([store.problem, ready()]).toEqual([null, 2]);
  expect(problems.length).toBeGreaterThan(0);
}, 60_000);

test("one that a newer version has changed is not touched, and usable when that was put right", async () => {
  await open(engine.address.password).store.whenReady(30_000);
  await store?.close(1_000);
  const newer = { number: 9_999, name: "9999-later.sql", checksum: "x", cluster: "" };
  await engine.client.insert({ table: "schema_migrations", values: [newer], format: "JSONEachRow" });
  const { store: refused, problems } = open(engine.address.password);
  await until(() => refused.state === "down");
  expect(refused.problem).toMatch(/^store-schema-newer: /);
  expect(refused.client).toBeNull();
  expect(problems).toEqual([expect.stringContaining("store-schema-newer")]);
  await engine.client.command({
    query: "ALTER TABLE schema_migrations DELETE WHERE number = 9999 SETTINGS mutations_sync = 2",
  });
  await refused.close(1_000);
  expect(await open(engine.address.password).store.whenReady(30_000)).not.toBeNull();
}, 60_000);

test("it is ok when what it lacks is known, and used before", async () => {
  const look: (() => void)[] = [];
  const { store, problems, ready } = open(
    engine.address.password,
    () => new Promise((resolve) => look.push(resolve)),
  );
  const client = await store.whenReady(30_000);
  expect(await client?.query({ query: "SELECT 1" }).then((answer) => answer.text())).toContain("1");
  expect([store.state, ready()]).toEqual(["starting", 1]);
  // Away while it is looked at: that it was looked at says nothing.
  store.reportFailure();
  look[0]?.();
  expect(await store.whenReady(30_000)).not.toBe(client);
  expect([store.state, ready()]).toEqual(["down", 2]);
  look[1]?.();
  await until(() => store.state === "ok");
  expect([ready(), problems]).toEqual([2, []]);
}, 60_000);

test("one that refuses what it is asked then stays in use, and is asked again", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true });
  const refused = new ClickHouseError({
    code: "241",
    message: "memory limit exceeded",
    type: "MEMORY_LIMIT_EXCEEDED",
  });
  let asked = 0;
  const { store, problems } = open(engine.address.password, () => {
    asked += 1;
    return asked === 1 ? Promise.reject(refused) : Promise.resolve();
  });
  const client = await store.whenReady(30_000);
  while (store.state === "starting") await setImmediate();
  expect([store.state, store.client === client, store.problem]).toEqual([
    "down",
    true,
    expect.stringContaining("memory limit"),
  ]);
  expect(problems).toEqual([expect.stringContaining("memory limit")]);
  await vi.advanceTimersByTimeAsync(25_000);
  expect([asked, store.state]).toEqual([1, "down"]);
  await vi.advanceTimersByTimeAsync(6_000);
  expect([asked, store.state, store.client === client]).toEqual([2, "ok", true]);
}, 60_000);
