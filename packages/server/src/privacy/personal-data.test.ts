import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { generateSession } from "@peerscope/scenarios";
import {
  createFrameEncoder,
  readSessionLog,
  type ServerMessage,
  type SessionRecord,
} from "@peerscope/schema";
import { erasureReceiptSchema, sessionListSchema, type ErasureReceipt } from "@peerscope/schema/api";
import { tableNames } from "../analyse/table-columns.ts";
import { startS3Server, type S3TestServer } from "../archive/testing/s3-server.ts";
import { readServerConfig, startServer, type RunningServer } from "../index.ts";
import { openEmbeddedStore, type EmbeddedStore } from "../store/testing/embedded-store.ts";
import { sha256 } from "./erasure-ledger.ts";
import { startRelay, type Relay } from "./testing/relay.ts";

const startAt = Date.UTC(2026, 3, 5, 6, 7, 8);
let folder = "";
let server: RunningServer;
let store: EmbeddedStore;
let storeRelay: Relay;
let archiveRelay: Relay;
let s3: S3TestServer;

async function start(): Promise<void> {
  const config = readServerConfig({
    PORT: "0",
    PEERSCOPE_DATA: folder,
    PEERSCOPE_LOG_LEVEL: "silent",
    PEERSCOPE_CLICKHOUSE_URL: `http://default:${store.address.password}@127.0.0.1:${storeRelay.port}`,
    PEERSCOPE_ARCHIVE: s3.freshAddress().replace(s3.endpoint, `http://127.0.0.1:${archiveRelay.port}`),
  });
  server = await startServer({ ...config, archiveAfterMs: 0 });
}

beforeAll(async () => {
  process.env["AWS_ACCESS_KEY_ID"] = process.env["AWS_SECRET_ACCESS_KEY"] = "S3RVER";
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
  [store, s3] = await Promise.all([openEmbeddedStore(), startS3Server()]);
  storeRelay = await startRelay(Number(new URL(store.address.url).port));
  archiveRelay = await startRelay(Number(new URL(s3.endpoint).port));
  await start();
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await Promise.allSettled([storeRelay?.cut(), archiveRelay?.cut()]);
  await store?.close();
  await s3?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A session of somebody, and of whoever came after. */
async function record(sessionId: string, callId: string, ...userIds: string[]): Promise<void> {
  const { records } = generateSession({
    seed: 1,
    durationSeconds: 12,
    kind: "good",
    startAt,
    userId: userIds[0] ?? "",
    callId,
  });
  const others = userIds.map((userId, index): SessionRecord => ({
    kind: "context",
    at: startAt + 13_000 + index,
    context: { userId },
  }));
  await server.importSession({
    sessionId,
    records: [...records, ...others],
    sample: false,
    createdAt: startAt,
  });
}

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(server.url + path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json", origin: server.url } }),
  });
  return { status: answer.status, body: await answer.json() };
}

const data = "/api/projects/default/data";
async function erase(query: Record<string, string>): Promise<{ status: number; receipt: ErasureReceipt }> {
  const { status, body } = await ask("DELETE", `${data}?${new URLSearchParams(query).toString()}`);
  return { status, receipt: erasureReceiptSchema.parse(body) };
}

async function listed(): Promise<string[]> {
  const { body } = await ask("GET", "/api/sessions?limit=500");
  return sessionListSchema
    .parse(body)
    .sessions.map(({ sessionId }) => sessionId)
    .toSorted();
}

async function rowsOf(sessionId: string): Promise<number> {
  let count = 0;
  for (const table of tableNames) {
    const query = `SELECT count() AS count FROM ${table} WHERE sessionId = {sessionId:String}`;
    const [row] = await store.rows<{ count: number }>(query, { sessionId });
    count += row?.count ?? 0;
  }
  return count;
}

/** Files of the data folder with one of the words in their names or bytes. */
function filesWith(words: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => {
    const path = join(folder, name);
    if (words.some((word) => name.includes(word))) return true;
    const bytes = statSync(path).isFile() ? readFileSync(path).toString("latin1") : "";
    return words.some((word) => bytes.includes(word));
  });
}

async function archived(): Promise<string[]> {
  const { S3Client, ListObjectsV2Command } = await import("@aws-sdk/client-s3");
  const client = new S3Client({ region: "eu-central-1", endpoint: s3.endpoint, forcePathStyle: true });
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: "bucket-0" }));
  client.destroy();
  return Contents.map(({ Key = "" }) => Key);
}

async function untilStored(...sessionIds: string[]): Promise<void> {
  const poll = { timeout: 20_000, interval: 100 };
  for (const sessionId of sessionIds) await expect.poll(() => rowsOf(sessionId), poll).toBeGreaterThan(0);
}

async function untilArchived(...sessionIds: string[]): Promise<void> {
  const poll = { timeout: 20_000, interval: 200 };
  for (const sessionId of sessionIds)
    await expect.poll(async () => (await archived()).some((key) => key.includes(sessionId)), poll).toBe(true);
}

interface Client {
  readonly messages: ServerMessage[];
  readonly closed: Promise<number>;
}

async function connect(sessionId: string, userId: string): Promise<Client> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/ingest`);
  const messages: ServerMessage[] = [];
  socket.on("message", (text: Buffer) => messages.push(JSON.parse(text.toString("utf8")) as ServerMessage));
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  socket.send(JSON.stringify({ type: "hello", wireVersion: 3, sessionId, token: server.ingestKey }));
  socket.send(createFrameEncoder().encode([{ kind: "context", at: Date.now(), context: { userId } }]));
  await expect.poll(() => messages.at(-1)).toBe(0);
  return { messages, closed };
}

describe("a person's data", () => {
  const theirs = ["kim-first-0001", "kim-was-here-02", "kim-live-00003"];
  const others = ["lee-only-00004"];
  let receipt: ErasureReceipt;

  test("is found everywhere, exported whole, and erased everywhere with a receipt", async () => {
    await record("kim-first-0001", "call-1", "kim@office");
    await record("kim-was-here-02", "call-2", "kim@office", "lee@office");
    await record("lee-only-00004", "call-1", "lee@office");
    await untilStored("kim-first-0001", "kim-was-here-02", "lee-only-00004");
    await untilArchived("kim-first-0001", "lee-only-00004");
    const client = await connect("kim-live-00003", "kim@office");
    const note = { at: startAt, text: "kim-first said it was loud" };
    expect((await ask("POST", "/api/sessions/kim-first-0001/notes", note)).status).toBe(201);

    const preview = await erase({ user: "kim@office", dryRun: "true" });
    expect(preview.receipt).toMatchObject({ erasureId: null, sessions: 3, notes: 1, unreached: [] });
    expect(await listed()).toEqual([...theirs, ...others].toSorted());

    const files = await exported("kim@office");
    expect([...files.keys()].filter((name) => name.endsWith("log.pslog"))).toHaveLength(3);
    const log = readSessionLog(files.get("sessions/kim-was-here-02/log.pslog") ?? new Uint8Array());
    expect(log.errors).toEqual([]);
    expect(JSON.stringify(log.records)).toContain("kim@office");
    expect(files.get("sessions/kim-first-0001/notes.json")?.toString()).toContain(note.text);
    expect(JSON.parse(files.get("sessions/kim-first-0001/analysis.json")?.toString() ?? "")).toMatchObject({
      sessionId: "kim-first-0001",
    });
    expect(JSON.parse(files.get("export.json")?.toString() ?? "")).toMatchObject({
      format: 1,
      user: "kim@office",
      sessions: theirs.toSorted().map((sessionId) => ({ sessionId, missing: {} })),
    });

    const erased = await erase({ user: "kim@office" });
    ({ receipt } = erased);
    expect(erased.status).toBe(200);
    expect(receipt).toMatchObject({
      sessions: 3,
      sessionHashes: theirs.map(sha256).toSorted(),
      notes: 1,
      unreached: [],
      requestedBy: "local:local",
      selector: { kind: "user", sha256: sha256(`${receipt.erasureId}\nkim@office`) },
    });
    expect(Math.min(receipt.rows, receipt.logBytes, receipt.archiveBytes)).toBeGreaterThan(0);
    expect(client.messages.at(-1)).toMatchObject({ type: "error", code: "session-erased", retry: false });
    expect(await client.closed).toBe(4410);
  }, 60_000);

  test("is nowhere then, and what others said is as it was", async () => {
    expect(await listed()).toEqual(others);
    for (const sessionId of theirs) expect(await rowsOf(sessionId)).toBe(0);
    expect(await rowsOf("lee-only-00004")).toBeGreaterThan(0);
    expect((await archived()).filter((key) => theirs.some((id) => key.includes(id)))).toEqual([]);
    // That somebody wrote about a session stays in the audit log, and nothing of what it said.
    const without = filesWith([...theirs, "kim@office"]).filter(
      (name) => !name.startsWith("settings.sqlite"),
    );
    expect(without).toEqual([]);
    expect(filesWith(["said it was loud", "kim@office"])).toEqual([]);
    expect((await ask("GET", "/api/sessions/kim-first-0001/analysis")).status).toBe(404);
    expect((await ask("GET", "/api/sessions/lee-only-00004/analysis")).status).toBe(200);
  });

  test("is not begun again under an erased id, and the receipt can be asked for after a restart", async () => {
    const again = new WebSocket(`${server.url.replace("http", "ws")}/ingest`);
    const said = new Promise<string>((resolve) =>
      again.once("message", (text: Buffer) => resolve(text.toString("utf8"))),
    );
    await new Promise((resolve) => again.once("open", resolve));
    again.send(
      JSON.stringify({ type: "hello", wireVersion: 3, sessionId: "kim-live-00003", token: server.ingestKey }),
    );
    expect(JSON.parse(await said)).toMatchObject({ type: "error", retry: false });
    const path = `/api/projects/default/erasures/${receipt.erasureId}`;
    expect((await ask("GET", path)).body).toEqual(receipt);
    expect((await ask("GET", "/api/projects/default/erasures/none")).status).toBe(404);
    const audit = JSON.stringify((await ask("GET", "/api/projects/default/audit")).body);
    for (const action of ["erasure-requested", "data-erased", "data-exported"])
      expect(audit).toContain(action);
    expect(audit).not.toContain("kim@office");
  });
});

describe("what cannot be reached", () => {
  test("store and archive down: what is here goes at once, the rest when they are back", async () => {
    await record("ben-first-0001", "call-3", "ben@office");
    await record("ann-first-0002", "call-3", "ann@office");
    await untilStored("ben-first-0001", "ann-first-0002");
    await untilArchived("ben-first-0001", "ann-first-0002");
    await storeRelay.cut();
    await archiveRelay.cut();
    // The store notices at its next statement.
    await expect.poll(async () => (await ask("GET", "/api/sessions")).status, { timeout: 20_000 }).toBe(503);
    const { status, receipt } = await erase({ session: "ben-first-0001" });
    expect(status).toBe(202);
    expect(receipt.finishedAt).toBeNull();
    expect(receipt.unreached.map(({ what }) => what)).toEqual(["archive", "rows"]);
    const person = await erase({ user: "ann@office" });
    expect(person.receipt.unreached.map(({ what }) => what)).toEqual(["search"]);

    await storeRelay.mend();
    await archiveRelay.mend();
    const path = (id: string | null): string => `/api/projects/default/erasures/${id}`;
    for (const { erasureId } of [receipt, person.receipt]) {
      await expect
        .poll(
          async () => {
            await server.erasures.resume();
            return erasureReceiptSchema.parse((await ask("GET", path(erasureId))).body).unreached;
          },
          { timeout: 30_000, interval: 500 },
        )
        .toEqual([]);
    }
    const finished = erasureReceiptSchema.parse((await ask("GET", path(receipt.erasureId))).body);
    expect(finished.finishedAt).not.toBeNull();
    for (const sessionId of ["ben-first-0001", "ann-first-0002"]) {
      expect(await rowsOf(sessionId)).toBe(0);
      expect((await archived()).filter((key) => key.includes(sessionId))).toEqual([]);
    }
    expect(filesWith(["ben-first-0001", "ann-first-0002", "ann@office"])).toEqual([]);
  }, 90_000);

  test("a selector has to be one, and a project one that is there", async () => {
    expect((await ask("DELETE", data)).status).toBe(400);
    expect((await ask("DELETE", `${data}?user=a&call=b`)).status).toBe(400);
    expect((await ask("DELETE", "/api/projects/nobody/data?user=a")).status).toBe(404);
    expect((await erase({ user: "' OR 1=1 --" })).receipt).toMatchObject({ sessions: 0, unreached: [] });
  });
});

async function exported(user: string): Promise<Map<string, Buffer>> {
  const answer = await fetch(`${server.url}${data}?${new URLSearchParams({ user }).toString()}`);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/gzip"]);
  const files = new Map<string, Buffer>();
  const tar = extract();
  if (answer.body === null) throw new Error("no body");
  Readable.fromWeb(answer.body).pipe(createGunzip()).pipe(tar);
  for await (const entry of tar) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    files.set(entry.header.name, Buffer.concat(chunks));
  }
  return files;
}
