import { mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFrameEncoder } from "@peerscope/schema";
import { generateSession } from "@peerscope/scenarios";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { readServerConfig, startServer, type RunningServer } from "../index.ts";

let folder = "";
const undo: (() => unknown)[] = [];

beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "peerscope-stop-"))));
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
  rmSync(folder, { recursive: true, force: true });
});

async function start(env: Record<string, string> = {}): Promise<RunningServer> {
  const server = await startServer(
    readServerConfig({ PORT: "0", PEERSCOPE_DATA: folder, PEERSCOPE_LOG_LEVEL: "silent", ...env }),
  );
  undo.push(() => server.stop());
  return server;
}

const { records } = generateSession({
  seed: 3,
  kind: "good",
  durationSeconds: 20,
  startAt: 1_770_000_000_000,
});

/** Storage that takes what it is sent and never answers. */
async function startMuteStorage(): Promise<{ readonly endpoint: string; readonly uploads: () => number }> {
  let uploads = 0;
  const storage = createServer((request, response) => {
    if (request.method === "PUT") uploads += 1;
    // Its list is empty: the start asks for it.
    else
      response.end(
        '<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>',
      );
    request.resume();
  });
  await new Promise<void>((resolve) => storage.listen(0, "127.0.0.1", resolve));
  undo.push(() => {
    storage.closeAllConnections();
    storage.close();
  });
  return { endpoint: `http://127.0.0.1:${(storage.address() as AddressInfo).port}`, uploads: () => uploads };
}

test("a stop waits for nobody: clients, questions, slow senders, silent sockets, an archive that does not answer", async () => {
  const first = await start();
  await first.importSession({
    sessionId: "long-finished",
    records,
    sample: false,
    createdAt: 1_770_000_000_000,
  });
  await first.stop();
  // Over for so long that it should be in the archive.
  const log = readdirSync(join(folder, "logs"), { recursive: true, encoding: "utf8" }).find((name) =>
    name.endsWith(".pslog"),
  );
  utimesSync(join(folder, "logs", log ?? ""), 1_770_000_000, 1_770_000_000);
  for (const name of readdirSync(join(folder, "logs")))
    if (name.startsWith("finished.sqlite")) rmSync(join(folder, "logs", name));

  const storage = await startMuteStorage();
  process.env["AWS_ACCESS_KEY_ID"] = process.env["AWS_SECRET_ACCESS_KEY"] = "test";
  const server = await start({
    PEERSCOPE_ARCHIVE: `s3://bucket/logs?region=eu-central-1&endpoint=${storage.endpoint}&forcePathStyle=true`,
  });
  await expect.poll(storage.uploads, { timeout: 10_000 }).toBeGreaterThan(0);

  const client = new WebSocket(`${server.url.replace("http", "ws")}/ingest`);
  const said: unknown[] = [];
  client.on("message", (data: Buffer) => said.push(JSON.parse(data.toString("utf8"))));
  const closed = new Promise<number>((resolve) => client.once("close", resolve));
  await new Promise((resolve, reject) => client.once("open", resolve).once("error", reject));
  client.send(
    JSON.stringify({ type: "hello", wireVersion: 3, sessionId: "goes-on-later", token: server.ingestKey }),
  );
  await expect.poll(() => said.length).toBe(1);
  client.send(createFrameEncoder().encode(records.slice(0, 20)));
  await expect.poll(() => said.at(-1)).toBe(0);

  // A page that waits for more of the log, for ten seconds.
  const bytes = Number(
    (await fetch(`${server.url}/api/sessions/goes-on-later/log`)).headers.get("x-peerscope-log-bytes"),
  );
  const question = fetch(`${server.url}/api/sessions/goes-on-later/log?from=${bytes}&waitMs=10000`).then(
    () => "answered",
    () => "cut off",
  );
  const silent = connect(server.port, "127.0.0.1");
  const slow = connect(server.port, "127.0.0.1");
  for (const socket of [silent, slow]) socket.on("error", () => {});
  slow.write("POST /ingest HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000\r\n\r\nhalf");
  const ended = Promise.all(
    [silent, slow].map((socket) => new Promise((resolve) => socket.once("close", resolve))),
  );

  const began = performance.now();
  await server.stop();
  // `peerscope serve` cuts a stop off after five seconds.
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(await closed).toBe(1001);
  expect(said.at(-1)).toMatchObject({ type: "error", code: "server-stopping", retry: true });
  expect(["answered", "cut off"]).toContain(await question);
  await ended;
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();

  // What was acknowledged is there, and the log that was on its way into the archive is too.
  const again = await start();
  for (const sessionId of ["goes-on-later", "long-finished"])
    expect((await fetch(`${again.url}/api/sessions/${sessionId}/log`)).status).toBe(200);
}, 60_000);
