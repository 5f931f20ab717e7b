import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createSessionObserver } from "@peerscope/observer";
import { generateSession } from "@peerscope/scenarios";
import { createFrameEncoder, readSessionLog, type ServerMessage } from "@peerscope/schema";
import { callSummarySchema, sessionListSchema } from "@peerscope/schema/api";
import { readServerConfig, startServer, type RunningServer } from "../index.ts";
import { logPath } from "../log/log-path.ts";
import { createFolderStorage } from "./folder-storage.ts";

/** Not long ago: a session that began yesterday may not go on. */
const startAt = Date.now() - 600_000;
const sessionIds = ["archived-one", "archived-two"] as const;
let folder = "";
let server: RunningServer;

async function start(): Promise<void> {
  const config = readServerConfig({
    PORT: "0",
    PEERSCOPE_DATA: join(folder, "data"),
    PEERSCOPE_LOG_LEVEL: "silent",
    PEERSCOPE_SESSION_IDLE_MS: "1000",
    PEERSCOPE_ARCHIVE: join(folder, "archive"),
  });
  // Shorter than a person can set it: tests have no ten minutes.
  server = await startServer({ ...config, archiveAfterMs: 0 });
}

const localPath = (sessionId: string): string =>
  join(folder, "data/logs", logPath("default", sessionId, startAt));

async function archived(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of createFolderStorage(join(folder, "archive")).list("")) names.push(name);
  return names.toSorted();
}

async function sessionList(): Promise<string[]> {
  const answer = await fetch(`${server.url}/api/sessions?limit=100`);
  if (!answer.ok) return [];
  return sessionListSchema
    .parse(await answer.json())
    .sessions.map(({ sessionId }) => sessionId)
    .toSorted();
}

const read = (path: string): Promise<Response> => fetch(`${server.url}/api/sessions/${path}`);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
  mkdirSync(join(folder, "archive"));
  await start();
  for (const [index, sessionId] of sessionIds.entries()) {
    const { records } = generateSession({
      seed: index,
      durationSeconds: 20,
      kind: "loss",
      startAt,
      userId: `user-${index}`,
      callId: "archived-call",
    });
    await server.importSession({ sessionId, records, sample: false, createdAt: startAt });
  }
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("an archived session is as it was: list, log, analysis, call", async () => {
  await expect.poll(archived, { timeout: 30_000 }).toHaveLength(2);
  // The local copy goes when the one in the archive was read back.
  for (const sessionId of sessionIds)
    await expect.poll(() => existsSync(localPath(sessionId)), { timeout: 10_000 }).toBe(false);
  await expect.poll(sessionList, { timeout: 10_000 }).toEqual([...sessionIds]);
  const log = await read(`${sessionIds[0]}/log`);
  const bytes = new Uint8Array(await log.arrayBuffer());
  expect(log.headers.get("x-peerscope-live")).toBe("false");
  expect(Number(log.headers.get("x-peerscope-log-bytes"))).toBe(bytes.length);
  const { records, errors } = readSessionLog(bytes);
  expect(errors).toEqual([]);
  const observer = createSessionObserver({ sessionId: sessionIds[0] });
  for (const record of records) observer.push(record);
  const analysis = await (await read(`${sessionIds[0]}/analysis`)).text();
  expect(analysis === JSON.stringify(observer.finish())).toBe(true);
  const part = await read(`${sessionIds[0]}/log?from=${bytes.length - 7}`);
  expect(Buffer.from(await part.arrayBuffer()).equals(Buffer.from(bytes.subarray(-7)))).toBe(true);
  const call = await fetch(`${server.url}/api/calls/archived-call`);
  expect(callSummarySchema.parse(await call.json()).sessions).toHaveLength(2);
}, 60_000);

test("its client goes on where it was, and then the archive has it all", async () => {
  const before = readSessionLog(new Uint8Array(await (await read(`${sessionIds[1]}/log`)).arrayBuffer()));
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/ingest`);
  const messages: ServerMessage[] = [];
  socket.on("message", (data: Buffer) => messages.push(JSON.parse(data.toString("utf8")) as ServerMessage));
  await new Promise((resolve) => socket.once("open", resolve));
  socket.send(
    JSON.stringify({ type: "hello", wireVersion: 3, sessionId: sessionIds[1], token: server.ingestKey }),
  );
  await expect.poll(() => messages[0], { timeout: 5_000 }).toMatchObject({ type: "welcome" });
  const [welcome] = messages;
  const acknowledged = typeof welcome === "object" && "acknowledged" in welcome ? welcome.acknowledged : -1;
  expect(acknowledged).toBeGreaterThan(0);
  const encoder = createFrameEncoder({ firstSequence: acknowledged + 1 });
  const record = { kind: "event", at: startAt + 60_000, name: "app-event", data: { name: "back" } } as const;
  socket.send(encoder.encode([record], { keyframe: true }));
  await expect.poll(() => messages.at(-1)).toBe(acknowledged + 1);
  socket.send('{"type":"bye"}');
  const log = await read(`${sessionIds[1]}/log`);
  const { records, errors } = readSessionLog(new Uint8Array(await log.arrayBuffer()));
  expect(errors).toEqual([]);
  expect(records).toEqual([...before.records, record]);
});

test("while the archive is away, what is in it is refused by its name, and everything else goes on", async () => {
  renameSync(join(folder, "archive"), join(folder, "elsewhere"));
  rmSync(join(folder, "data/cache"), { recursive: true });
  await server.stop();
  await start();
  await expect.poll(sessionList, { timeout: 20_000 }).toEqual([...sessionIds]);
  const answer = await read(`${sessionIds[0]}/log`);
  expect(answer.status).toBe(503);
  expect(answer.headers.get("content-type")).toContain("json");
  expect(await answer.json()).toMatchObject({ error: { code: "archive-unavailable" } });
  // What was said about it does not need its log.
  expect(await (await read(`${sessionIds[0]}/analysis`)).json()).toMatchObject({ sessionId: sessionIds[0] });
  await server.importSession({
    sessionId: "while-it-is-away",
    records: [{ kind: "event", at: startAt, name: "app-event", data: { name: "a" } }],
    sample: false,
    createdAt: startAt,
  });
  expect((await read("while-it-is-away/log")).status).toBe(200);
  renameSync(join(folder, "elsewhere"), join(folder, "archive"));
  await expect.poll(async () => (await read(`${sessionIds[0]}/log`)).status, { timeout: 10_000 }).toBe(200);
  await expect
    .poll(archived, { timeout: 20_000 })
    .toContainEqual(expect.stringContaining("while-it-is-away."));
}, 60_000);

test("without its catalogue a start has the same list, and none is made up without the archive", async () => {
  const before = await sessionList();
  expect(before).toHaveLength(3);
  await server.stop();
  const lose = (): void => {
    for (const name of readdirSync(join(folder, "data/logs")))
      if (name.startsWith("finished.sqlite")) rmSync(join(folder, "data/logs", name));
  };
  lose();
  renameSync(join(folder, "archive"), join(folder, "elsewhere"));
  await expect(start()).rejects.toThrow("archive-unreachable");
  renameSync(join(folder, "elsewhere"), join(folder, "archive"));
  await start();
  await expect.poll(sessionList, { timeout: 20_000 }).toEqual(before);
  for (const sessionId of before) expect((await read(`${sessionId}/log`)).status).toBe(200);
}, 60_000);
