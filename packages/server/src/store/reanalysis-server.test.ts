import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generateSession, type SessionKind } from "@peerscope/scenarios";
import {
  readinessSchema,
  reanalysisPageSchema,
  type ReanalysisPage,
  type ReanalysisRequest,
} from "@peerscope/schema/api";
import { tableNames } from "../analyse/table-columns.ts";
import { readServerConfig } from "../config.ts";
import { startServer, type RunningServer } from "../server.ts";
import { openEmbeddedStore, type EmbeddedStore } from "./testing/embedded-store.ts";

const kinds: readonly SessionKind[] = ["good", "loss", "jitter", "outage", "ice-failure", "muted"];
const createdAt = Date.UTC(2026, 5, 6);

let engine: EmbeddedStore;
let server: RunningServer;
let folder = "";
let written: unknown[][] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-reanalysis-"));
  engine = await openEmbeddedStore();
  const url = new URL(engine.address.url);
  url.username = "default";
  url.password = engine.address.password;
  server = await startServer(
    readServerConfig({
      PORT: "0",
      PEERSCOPE_DATA: folder,
      PEERSCOPE_LOG_LEVEL: "silent",
      PEERSCOPE_CLICKHOUSE_URL: url.href,
    }),
  );
  for (const [index, kind] of kinds.entries()) {
    const startAt = createdAt + index * 3_600_000;
    const { records } = generateSession({ seed: index, durationSeconds: 40, kind, startAt });
    await server.importSession({ sessionId: `session-${kind}`, records, sample: false, createdAt: startAt });
  }
  await until(async () => (await finished()) === kinds.length && (await sessionsWaiting()) === 0);
  written = await allRows();
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function finished(): Promise<number> {
  const tables = await engine.rows(
    "SELECT 1 FROM system.tables WHERE database = currentDatabase() AND name = 'legs'",
  );
  if (tables.length === 0) return 0;
  return (await engine.rows("SELECT sessionId FROM legs FINAL WHERE finished = 1")).length;
}

/** Sessions whose rows are still to be written. */
async function sessionsWaiting(): Promise<number> {
  const { body } = await call("GET", "/readyz");
  return readinessSchema.parse(body).store.sessionsWaiting;
}

/** Everything that a reader of the store sees, table by table. */
async function allRows(): Promise<unknown[][]> {
  return Promise.all(
    tableNames.map((table) => engine.rows(`SELECT * EXCEPT (version) FROM ${table} FINAL ORDER BY ALL`)),
  );
}

async function call(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  return { status: answer.status, body: await answer.json() };
}

const path = "/api/projects/default/reanalyze";

async function reanalyze(request: Partial<ReanalysisRequest>): Promise<ReanalysisPage> {
  expect((await call("POST", path, request)).status).toBe(202);
  await server.reanalyser.settled();
  return reanalysisPageSchema.parse((await call("GET", path)).body);
}

test("rows that an older analysis made, that are too many and that are missing become those of today", async () => {
  const client = engine.client;
  await client.command({
    query:
      "INSERT INTO legs SELECT * REPLACE (version + 1 AS version, 12 AS score, 'poor' AS scoreClass, 'high-rtt' AS statedCause, " +
      "'0.1.0' AS catalogVersion) FROM legs FINAL WHERE sessionId = 'session-good'",
  });
  await client.command({
    query:
      "INSERT INTO observations SELECT * REPLACE ('gone' AS key, 'high-rtt' AS id) FROM observations FINAL WHERE sessionId = 'session-loss' LIMIT 1",
  });
  for (const table of tableNames) {
    const where = table === "windows" ? "sessionId = 'session-jitter'" : "sessionId = 'session-muted'";
    await client.command({ query: `ALTER TABLE ${table} DELETE WHERE ${where} SETTINGS mutations_sync = 2` });
  }
  const tampered = await allRows();
  expect(tampered).not.toEqual(written);

  const tried = await reanalyze({ dryRun: true });
  expect(tried.reanalysis).toMatchObject({
    state: "done",
    total: 6,
    done: 6,
    changed: 1,
    added: 1,
    failed: 0,
  });
  expect(await allRows()).toEqual(tampered);

  const { reanalysis, changes } = await reanalyze({});
  expect(reanalysis).toMatchObject({
    ...tried.reanalysis,
    request: { dryRun: false },
    startedAt: expect.any(Number),
    endedAt: expect.any(Number),
  });
  expect(reanalysis?.byCause).toMatchObject({ "high-rtt → none": 1 });
  const good = changes.find(({ sessionId }) => sessionId === "session-good");
  expect(good).toMatchObject({ before: { score: 12, scoreClass: "poor", statedCause: "high-rtt" } });
  expect(good?.before?.analysisVersion).toMatch(/^0\.1\.0 /);
  expect(good?.after.analysisVersion).not.toMatch(/^0\.1\.0 /);
  expect(await allRows()).toEqual(written);

  expect((await reanalyze({})).reanalysis).toMatchObject({ changed: 0, added: 0 });
  expect(await allRows()).toEqual(written);
}, 120_000);

test("thresholds of the project change what is found, and rows say that they were used", async () => {
  const thresholds = {
    "downlink-loss": {
      levels: { minor: { on: 60, clear: 50 }, major: { on: 70, clear: 60 }, critical: { on: 80 } },
    },
  };
  expect((await call("PATCH", "/api/projects/default", { thresholds })).status).toBe(200);
  const { reanalysis, changes } = await reanalyze({ dryRun: true, sessionId: "session-loss" });
  expect(reanalysis).toMatchObject({ total: 1, changed: 1 });
  expect(changes[0]?.before?.observationIds).toContain("downlink-loss");
  expect(changes[0]?.after.observationIds).not.toContain("downlink-loss");
  expect(changes[0]?.after.analysisVersion).toMatch(/\+project\./);
  expect((await call("PATCH", "/api/projects/default", { thresholds: {} })).status).toBe(200);
}, 60_000);

test("what cannot be asked is refused with its code", async () => {
  const code = async (method: string, at: string, body?: unknown) => {
    const answer = await call(method, at, body);
    return [answer.status, (answer.body as { error: { code: string } }).error.code];
  };
  expect(await code("POST", path, { since: "yesterday" })).toEqual([400, "query-invalid"]);
  expect(await code("POST", path, { sessionId: "' OR 1" })).toEqual([400, "query-invalid"]);
  expect(await code("POST", path, { everything: true })).toEqual([400, "query-invalid"]);
  expect(await code("POST", path, { sessionId: "session-none" })).toEqual([404, "session-unknown"]);
  expect(await code("GET", "/api/projects/none/reanalyze")).toEqual([404, "project-unknown"]);
  expect((await call("POST", path, { dryRun: true })).status).toBe(202);
  expect(await code("POST", path, {})).toEqual([409, "reanalysis-running"]);
  expect((await call("DELETE", path)).status).toBe(200);
  await server.reanalyser.settled();
}, 60_000);
