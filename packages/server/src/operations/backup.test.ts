import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFrameEncoder } from "@peerscope/schema";
import { projectSchema, sessionListSchema, type SessionSummary } from "@peerscope/schema/api";
import { generateSession } from "@peerscope/scenarios";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { readServerConfig, startServer, type RunningServer } from "../index.ts";
import { backUp, restore, type BackupError } from "./backup.ts";

let folder = "";
const at = (name: string): string => join(folder, name);
const running = new Set<RunningServer>();

async function start(dataFolder: string): Promise<RunningServer> {
  const server = await startServer(
    readServerConfig({
      PORT: "0",
      PEERSCOPE_DATA: dataFolder,
      PEERSCOPE_LOG_LEVEL: "silent",
      PEERSCOPE_SESSION_IDLE_MS: "60000",
    }),
  );
  running.add(server);
  return server;
}

async function stop(server: RunningServer): Promise<void> {
  running.delete(server);
  await server.stop();
}

async function json(server: RunningServer, path: string): Promise<unknown> {
  return (await fetch(server.url + path)).json();
}

async function sessions(server: RunningServer): Promise<readonly SessionSummary[]> {
  const list = sessionListSchema.parse(await json(server, "/api/sessions?limit=500"));
  return list.sessions.toSorted((one, other) => (one.sessionId < other.sessionId ? -1 : 1));
}

/** Everything that is known of a session, out of the store and out of its log. */
async function everything(server: RunningServer, sessionId: string): Promise<readonly unknown[]> {
  const path = `/api/sessions/${sessionId}`;
  const bytes = async (of: string): Promise<string> =>
    Buffer.from(await (await fetch(server.url + path + of)).arrayBuffer()).toString("base64");
  return [
    await json(server, path),
    await bytes("/analysis"),
    await bytes("/log"),
    await bytes("/windows.parquet"),
  ];
}

/** A client that is in a call, with what it sent acknowledged. */
async function record(server: RunningServer, sessionId: string): Promise<() => Promise<void>> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/ingest`);
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const said: unknown[] = [];
  socket.on("message", (data: Buffer) => said.push(JSON.parse(data.toString("utf8"))));
  socket.send(JSON.stringify({ type: "hello", wireVersion: 3, sessionId, token: server.ingestKey }));
  await expect.poll(() => said.length).toBeGreaterThan(0);
  const encoder = createFrameEncoder();
  const { records } = generateSession({
    seed: 9,
    kind: "good",
    durationSeconds: 12,
    startAt: Date.now() - 12_000,
  });
  let sent = 0;
  async function send(): Promise<void> {
    const half = sent === 0 ? records.slice(0, records.length / 2) : records.slice(records.length / 2);
    socket.send(encoder.encode(half));
    sent += 1;
    await expect.poll(() => said.at(-1)).toBe(sent - 1);
  }
  await send();
  return async () => {
    await send();
    socket.close();
  };
}

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "peerscope-backup-"))));
afterEach(async () => {
  for (const server of running) await stop(server);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("backup", () => {
  test("of a server that runs, restored elsewhere: same keys, same sessions, same rows, and what was open", async () => {
    const server = await start(at("data"));
    const startAt = Date.UTC(2026, 3, 5, 6, 7, 8);
    for (let index = 0; index < 4; index += 1) {
      const { records } = generateSession({
        seed: index,
        durationSeconds: 30,
        kind: (["good", "loss", "outage", "muted"] as const)[index] ?? "good",
        startAt: startAt + index * 60_000,
        callId: `call-${index >> 1}`,
      });
      await server.importSession({
        sessionId: `backup-${index}`,
        records,
        sample: false,
        createdAt: startAt,
      });
    }
    await expect
      .poll(async () => (await fetch(`${server.url}/api/sessions/backup-3/windows.parquet`)).status, {
        timeout: 20_000,
      })
      .toBe(200);
    const goOn = await record(server, "backup-open");

    const manifest = await backUp({ dataFolder: at("data"), settingsUrl: null, to: at("copy"), now: 5 });
    expect(manifest).toMatchObject({ format: 1, createdAt: 5, logs: 5, settings: "sqlite" });
    // What comes after the backup is not in it.
    await goOn();
    const before = await sessions(server);
    const project = projectSchema.parse(await json(server, "/api/project"));
    const known = new Map<string, readonly unknown[]>();
    for (const id of ["backup-0", "backup-1", "backup-2", "backup-3"])
      known.set(id, await everything(server, id));
    await stop(server);

    expect(await restore({ from: at("copy"), dataFolder: at("again") })).toMatchObject({
      logs: 5,
      erased: 0,
    });
    const again = await start(at("again"));
    expect(projectSchema.parse(await json(again, "/api/project"))).toEqual(project);
    await expect.poll(async () => (await sessions(again)).length, { timeout: 20_000 }).toBe(5);
    const finished = (list: readonly SessionSummary[]): readonly SessionSummary[] =>
      list.filter(({ sessionId }) => sessionId !== "backup-open");
    await expect
      .poll(async () => finished(await sessions(again)), { timeout: 20_000 })
      .toEqual(finished(before));
    for (const [id, facts] of known) {
      await expect.poll(() => everything(again, id), { timeout: 20_000 }).toEqual(facts);
    }
    // The client of the open session comes back, and is told how far it was when the backup was made.
    const socket = new WebSocket(`${again.url.replace("http", "ws")}/ingest`);
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    const welcome = new Promise((resolve) =>
      socket.once("message", (data: Buffer) => resolve(JSON.parse(data.toString()))),
    );
    socket.send(
      JSON.stringify({ type: "hello", wireVersion: 3, sessionId: "backup-open", token: project.ingestKey }),
    );
    expect(await welcome).toMatchObject({ type: "welcome", acknowledged: 0 });
    socket.close();
  }, 90_000);

  test("a session that was erased does not come back with it", async () => {
    const server = await start(at("erased-data"));
    for (const id of ["stays-stays", "goes-goes"]) {
      const { records } = generateSession({
        seed: 1,
        kind: "good",
        durationSeconds: 5,
        startAt: 1_770_000_000_000,
      });
      await server.importSession({ sessionId: id, records, sample: false, createdAt: 1_770_000_000_000 });
    }
    await backUp({ dataFolder: at("erased-data"), settingsUrl: null, to: at("erased-copy"), now: 5 });
    const answer = await fetch(`${server.url}/api/projects/default/data?session=goes-goes`, {
      method: "DELETE",
    });
    expect(answer.ok).toBe(true);
    await stop(server);
    // As if the erasure had come while the logs were copied.
    cpSync(at("erased-data/erasures"), at("erased-copy/erasures"), { recursive: true });
    expect(await restore({ from: at("erased-copy"), dataFolder: at("erased-again") })).toMatchObject({
      logs: 1,
      erased: 1,
    });
    expect(readdirSync(at("erased-again/logs"), { recursive: true }).join(" ")).not.toContain("goes-goes");
  }, 60_000);

  const refused = (code: BackupError["code"]) => expect.objectContaining({ code });

  test("writes over nothing, and takes nothing for a backup that is none", async () => {
    mkdirSync(at("full"));
    writeFileSync(at("full/mine.txt"), "mine");
    mkdirSync(at("empty"));
    const settingsUrl = null;
    await expect(backUp({ dataFolder: at("empty"), settingsUrl, to: at("x"), now: 1 })).rejects.toEqual(
      refused("source-missing"),
    );
    expect(existsSync(at("x"))).toBe(false);
    await expect(backUp({ dataFolder: at("again"), settingsUrl, to: at("full"), now: 1 })).rejects.toEqual(
      refused("target-used"),
    );
    await expect(restore({ from: at("copy"), dataFolder: at("full") })).rejects.toEqual(
      refused("target-used"),
    );
    await expect(restore({ from: at("full"), dataFolder: at("x") })).rejects.toEqual(refused("incomplete"));
    cpSync(at("copy"), at("cut"), { recursive: true });
    rmSync(at("cut/settings.sqlite"));
    await expect(restore({ from: at("cut"), dataFolder: at("x") })).rejects.toEqual(refused("incomplete"));
    writeFileSync(at("cut/backup.json"), '{"format": 2}');
    await expect(restore({ from: at("cut"), dataFolder: at("x") })).rejects.toEqual(refused("unreadable"));
    expect(readdirSync(at("full"))).toEqual(["mine.txt"]);
  });
});
