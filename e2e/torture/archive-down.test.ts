import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createFrameEncoder } from "@peerscope/schema";
import { startS3Server, type S3TestServer } from "../../packages/server/src/archive/testing/s3-server.ts";
import { joinSession } from "../server/ingest-client.ts";
import { startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { readLogOnDisk } from "../support/session-log.ts";

let dataDir = "";
let s3: S3TestServer;
let way: Way;
let server: PeerscopeProcess | null = null;

/** The way to the archive. While it is blocked, nothing can be put there. */
interface Way {
  readonly port: number;
  isBlocked: boolean;
  close(): void;
}

async function openWay(target: URL): Promise<Way> {
  const sockets = new Set<Socket>();
  const front = createServer((socket) => {
    const behind = connect(Number(target.port), target.hostname);
    for (const end of [socket, behind]) {
      sockets.add(end);
      end.on("error", () => {});
      end.on("close", () => {
        socket.destroy();
        behind.destroy();
      });
    }
    socket.on("data", (chunk) => {
      if (way.isBlocked && chunk.toString("latin1", 0, 3) === "PUT") socket.destroy();
      else behind.write(chunk);
    });
    behind.on("data", (chunk) => socket.write(chunk));
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const address = front.address();
  if (address === null || typeof address === "string") throw new Error("The system gave no port.");
  return {
    port: address.port,
    isBlocked: true,
    close() {
      for (const socket of sockets) socket.destroy();
      front.close();
    },
  };
}

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "peerscope-archive-down-"));
  s3 = await startS3Server();
  way = await openWay(new URL(s3.endpoint));
});
afterAll(async () => {
  await server?.stop();
  way.close();
  await s3.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function record(at: PeerscopeProcess, sessionId: string): Promise<void> {
  const encoder = createFrameEncoder();
  const client = await joinSession(at, sessionId);
  for (let index = 0; index < 20; index += 1)
    client.send(
      encoder.encode([{ kind: "event", at: Date.now(), name: "app-event", data: { name: `${index}` } }]),
    );
  await client.until(() => client.acknowledged === 19);
  expect(client.acknowledged).toBe(19);
  client.drop();
}

interface Readiness {
  readonly ready: boolean;
  readonly problems: readonly string[];
  readonly archive: { readonly state: string; readonly logsWaiting: number } | null;
}

async function readiness(): Promise<Readiness> {
  return (await (await fetch(`${server?.url ?? ""}/readyz`)).json()) as Readiness;
}

test("while the archive takes nothing, sessions are recorded and health says it; then all logs go there, as they were", async () => {
  const sessionIds = Array.from({ length: 4 }, (_, index) => `session-to-archive-${index}`);
  const before = await startPeerscope({ dataDir });
  for (const sessionId of sessionIds) await record(before, sessionId);
  expect(await before.stop()).toBe(0);
  const logs = new Map<string, { readonly path: string; readonly bytes: Buffer }>();
  const hourAgo = Date.now() / 1_000 - 3_600;
  for (const sessionId of sessionIds) {
    const { path } = await readLogOnDisk(dataDir, sessionId);
    logs.set(sessionId, { path, bytes: readFileSync(path) });
    // Without a catalogue, a log that was written an hour ago counts as finished then, and is due.
    utimesSync(path, hourAgo, hourAgo);
  }
  for (const end of ["", "-wal", "-shm"])
    rmSync(join(dataDir, "logs", `finished.sqlite${end}`), { force: true });

  server = await startPeerscope({
    dataDir,
    env: {
      PEERSCOPE_ARCHIVE: s3.freshAddress().replace(new URL(s3.endpoint).port, String(way.port)),
      AWS_ACCESS_KEY_ID: "S3RVER",
      AWS_SECRET_ACCESS_KEY: "S3RVER",
    },
  });
  await expect.poll(readiness, { timeout: 30_000 }).toMatchObject({
    ready: true,
    problems: ["archive-down"],
    archive: { state: "down", logsWaiting: 4 },
  });
  await record(server, "session-without-archive");
  for (const { path, bytes } of logs.values()) expect(readFileSync(path).equals(bytes)).toBe(true);

  way.isBlocked = false;
  await expect
    .poll(readiness, { timeout: 40_000, interval: 250 })
    .toMatchObject({ ready: true, problems: [], archive: { state: "ok", logsWaiting: 0 } });
  for (const [sessionId, { path, bytes }] of logs) {
    expect(existsSync(path)).toBe(false);
    const answer = await fetch(`${server.url}/api/sessions/${sessionId}/log?from=0`);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  }
});
