import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { createFrameEncoder, encodeIngestPost, type ServerMessage } from "@peerscope/schema";
import { createClientAddresses } from "../client-address.ts";
import { createGroupCommitter } from "../log/group-commit.ts";
import { openLogIndex } from "../log/log-index.ts";
import { privacyGateOf } from "../privacy/testing/default-privacy.ts";
import { newPublicKey } from "../settings/new-settings.ts";
import { createIngestServer, type IngestServer } from "./ingest-server.ts";
import { defaultIngestLimits } from "./limits.ts";
import { createRecentRefusals } from "./recent-refusals.ts";
import { createRefusalCounters, type RefusalCode, type RefusalCounters } from "./refusal-counters.ts";
import { createSessionRegistry, type SessionRegistry } from "./session-registry.ts";
import { testSettings, type TestSettings } from "./testing/test-gate.ts";

const ingestKey = "pk_0123456789abcdef";

let folder = "";
let registry: SessionRegistry;
let app: FastifyInstance;
let ingest: IngestServer;
let settings: TestSettings;
let refusals: RefusalCounters;
let port = 0;
let faults: string[] = [];
const sockets: WebSocket[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
  const index = await openLogIndex(folder);
  registry = createSessionRegistry({
    logsFolder: folder,
    committer: createGroupCommitter({ intervalMs: 0 }),
    catalogue: index.catalogue,
    privacy: privacyGateOf(),
    idleMs: 60_000,
    now: () => Date.now(),
    events: {
      opened: () => {},
      grown: () => {},
      finished: () => {},
      left: () => {},
      forgotten: () => {},
      problem: () => {},
    },
  });
  faults = [];
  settings = testSettings(ingestKey);
  refusals = createRefusalCounters();
  app = Fastify();
  ingest = createIngestServer({
    app,
    registry,
    settings,
    limits: { ...defaultIngestLimits, maxConnectionsPerAddress: 3 },
    clientAddresses: createClientAddresses(["127.0.0.1"]),
    refusals,
    restore: () => null,
    now: () => Date.now(),
    onRefused: () => {},
    onFault: (fault) => faults.push(fault),
    recent: createRecentRefusals(Date.now),
    foreign: {
      rtcstatsSecret: null,
      isLoopback: false,
      defaultProjectId: "default",
      events: { refused: () => {}, skipped: () => {}, lost: () => {} },
    },
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  port = (app.server.address() as AddressInfo).port;
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await ingest.close();
  await registry.close();
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

const counted = (): Partial<Record<RefusalCode, number>> =>
  Object.fromEntries([...refusals.counts].filter(([, count]) => count > 0));

interface Client {
  readonly socket: WebSocket;
  readonly got: ServerMessage[];
  /** Close code and reason; the HTTP status where there is no WebSocket. */
  end: string | null;
}

async function connect(path: string, address: string, protocols: string[] = []): Promise<Client> {
  const headers = { "x-forwarded-for": address };
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers });
  sockets.push(socket);
  const client: Client = { socket, got: [], end: null };
  socket.on("message", (data: Buffer) => client.got.push(JSON.parse(String(data)) as ServerMessage));
  await new Promise<void>((resolve) => {
    socket.once("open", resolve);
    socket.once("unexpected-response", (_request, response) => {
      client.end = String(response.statusCode);
      response.resume();
      socket.terminate();
      resolve();
    });
    socket.once("error", () => resolve());
    socket.once("close", (code, reason) => (client.end ??= `${code} ${String(reason)}`));
  });
  return client;
}

const hello = (sessionId: string, token = ingestKey): string =>
  JSON.stringify({ type: "hello", wireVersion: 3, sessionId, token });

async function joined(sessionId: string, address: string): Promise<Client> {
  const client = await connect("/ingest", address);
  client.socket.send(hello(sessionId));
  await expect.poll(() => client.got.length).toBe(1);
  return client;
}

describe("connections of one address", () => {
  test("are bounded over all ways in; others are not concerned, and who leaves makes room", async () => {
    const first = await joined("session-1", "192.0.2.7");
    await connect(`/observertc/${ingestKey}`, "192.0.2.7");
    await connect(`/${ingestKey}/room`, "192.0.2.7", ["rtcstats#5.0"]);
    expect((await connect("/ingest", "192.0.2.7")).end).toBe("429");
    expect((await connect(`/observertc/${ingestKey}`, "192.0.2.7")).end).toBe("429");
    expect(counted()).toEqual({ "address-connections-exceeded": 2 });
    expect((await joined("session-2", "192.0.2.8")).got).toEqual([
      expect.objectContaining({ type: "welcome" }),
    ]);
    first.socket.close();
    await expect.poll(async () => (await connect("/ingest", "192.0.2.7")).end).toBeNull();
  });

  test("are counted by the /64 of IPv6", async () => {
    for (const last of ["1", "2", "3"])
      expect((await connect("/ingest", `2001:db8::${last}`)).end).toBeNull();
    expect((await connect("/ingest", "2001:db8::ffff:1")).end).toBe("429");
    expect((await connect("/ingest", "2001:db8:0:1::1")).end).toBeNull();
  });
});

test("a key that is revoked ends what is open with it, at once where the change was made", async () => {
  const sdk = await joined("session-1", "192.0.2.1");
  const observertc = await connect(`/observertc/${ingestKey}`, "192.0.2.2");
  const rtcstats = await connect(`/${ingestKey}/room`, "192.0.2.3", ["rtcstats#5.0"]);
  settings.keys.set(ingestKey, { ...newPublicKey("default", "", 0, ingestKey), revokedAt: 1 });
  settings.changed();
  await expect
    .poll(() => [sdk.end, observertc.end, rtcstats.end])
    .toEqual(["4401 key-withdrawn", "4401 key-withdrawn", "4401 key-withdrawn"]);
  for (const path of ["/ingest", `/observertc/${ingestKey}`, `/${ingestKey}/room`]) {
    const again = await connect(path, "192.0.2.1", path.endsWith("room") ? ["rtcstats#5.0"] : []);
    if (path === "/ingest") again.socket.send(hello("session-1"));
    await expect.poll(() => again.end).toBe("4401 key-revoked");
  }
});

test("a frame that the server fails at costs its client the connection, and nobody else anything", async () => {
  const [one, other] = [await joined("session-1", "192.0.2.1"), await joined("session-2", "192.0.2.2")];
  const append = registry.append.bind(registry);
  vi.spyOn(registry, "append").mockImplementation((entry, sequence, bytes) => {
    if (entry.sessionId === "session-1") throw new Error("a defect");
    append(entry, sequence, bytes);
  });
  const frame = createFrameEncoder().encode([{ kind: "context", at: 1, context: {} }]);
  for (const { socket } of [one, other]) socket.send(frame);
  await expect.poll(() => one.end).toBe("4400 message-invalid");
  // The first frame is number 0.
  await expect.poll(() => other.got.at(-1)).toBe(0);
  expect(faults).toEqual([expect.stringMatching(/a defect/)]);
  expect(JSON.stringify(one.got)).not.toContain("a defect");
});

describe("POSTs", () => {
  const post = (path: string, body: Uint8Array | Buffer, address = "192.0.2.1"): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers: { "x-forwarded-for": address },
      body: new Uint8Array(body),
    });

  test("of one address at the same time are bounded; others are served meanwhile", async () => {
    // Bodies that do not come: only the heads are sent.
    const slow = Array.from({ length: 8 }, () => {
      const headers = { "x-forwarded-for": "192.0.2.1", "content-length": "1000" };
      const asked = request({
        host: "127.0.0.1",
        port,
        path: "/ingest",
        method: "POST",
        headers,
        agent: false,
      });
      asked.on("error", () => {}).flushHeaders();
      return asked;
    });
    const welcome = encodeIngestPost(new TextEncoder().encode(hello("session-1")), []);
    await expect.poll(async () => (await post("/ingest", welcome)).status).toBe(503);
    expect(await (await post("/ingest", welcome)).json()).toMatchObject({
      code: "address-busy",
      retry: true,
    });
    expect((await post(`/observertc/${ingestKey}`, Buffer.from("{}"))).status).toBe(429);
    expect(await (await post("/ingest", welcome, "192.0.2.2")).json()).toMatchObject({ type: "welcome" });
    for (const asked of slow) asked.destroy();
    await expect.poll(async () => (await post("/ingest", welcome)).status).toBe(200);
  });

  test("that unpack to gigabytes, or nest without end, are refused, and memory stays", async () => {
    const bomb = gzipSync(Buffer.alloc(512 << 20), { level: 9 });
    expect(bomb.length).toBeLessThan(1 << 20);
    const before = process.memoryUsage().rss;
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(`/observertc/${ingestKey}`, bomb)));
    for (const answer of answers) {
      expect(answer.status).toBe(413);
      expect(await answer.json()).toMatchObject({ error: { code: "observertc-body-too-large" } });
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(300 << 20);
    const nested = await post(`/observertc/${ingestKey}?clientId=c`, Buffer.from("[".repeat(500_000)));
    expect(nested.status).toBeGreaterThanOrEqual(400);
    expect(nested.status).toBeLessThan(500);
    const twice = await post(`/observertc/${ingestKey}`, gzipSync(bomb));
    expect(twice.status).toBe(422);
    expect(counted()["observertc-body-too-large"]).toBe(4);
  });

  test("of a page of another origin are refused, also for other tools", async () => {
    settings.keys.set(ingestKey, {
      ...newPublicKey("default", "", 0, ingestKey),
      allowedOrigins: ["https://app.example"],
    });
    const welcome = encodeIngestPost(new TextEncoder().encode(hello("session-1")), []);
    expect(await (await post("/ingest", welcome)).json()).toMatchObject({ code: "key-origin-wrong" });
    expect((await post(`/observertc/${ingestKey}`, Buffer.from("{}"))).status).toBe(403);
  });
});
