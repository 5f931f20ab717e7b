import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFrameEncoder } from "@peerscope/schema";
import { startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { joinSession } from "./ingest-client.ts";

let server: PeerscopeProcess;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = await startPeerscope();
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await server?.stop();
});

interface RawClient {
  readonly socket: Socket;
  /** What the server wrote. */
  text(): string;
  /** Milliseconds until the server closed it. */
  readonly closedAfterMs: Promise<number>;
}

function open(first: string | null): Promise<RawClient> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: server.port });
    sockets.push(socket);
    let text = "";
    socket.setEncoding("latin1").on("data", (data: string) => (text += data));
    const closedAfterMs = new Promise<number>((closed) =>
      socket.once("close", () => closed(performance.now() - began)),
    );
    socket.once("error", reject).on("error", () => {});
    socket.once("connect", () => {
      socket.off("error", reject);
      if (first !== null) socket.write(first);
      resolve({ socket, text: () => text, closedAfterMs });
    });
  });
}

/** Sends a byte each half second, as long as somebody takes it. */
function drip(socket: Socket, text: string): void {
  let at = 0;
  const timer = setInterval(() => {
    if (socket.destroyed) clearInterval(timer);
    else socket.write(text[at++ % text.length] ?? "x");
  }, 500);
  socket.once("close", () => clearInterval(timer));
}

const upgrade = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n` +
  `sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n`;

// At once: each waits for a time limit of the server.
describe.concurrent("who is slow is let go", () => {
  test("with the lines of a request", async () => {
    const client = await open("GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ");
    drip(client.socket, "x");
    expect(await client.closedAfterMs).toBeLessThan(12_000);
    expect(client.text()).toMatch(/^HTTP\/1\.1 408 /);
  });

  test("with the lines of an upgrade", async () => {
    const client = await open(`${upgrade("/ingest")}x-slow: `);
    drip(client.socket, "x");
    expect(await client.closedAfterMs).toBeLessThan(12_000);
    expect(client.text()).not.toContain("101");
  });

  test.each(["/ingest", "/observertc/pk_nobody"])("with the body of a POST to %s", async (path) => {
    const client = await open(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 100000\r\n\r\n`);
    drip(client.socket, "x");
    expect(await client.closedAfterMs).toBeLessThan(25_000);
    expect(client.text()).not.toContain("200 OK");
  });

  test("with its hello, also when it sends bytes of one all the time", async () => {
    const client = await open(`${upgrade("/ingest")}\r\n`);
    // A text message of 100 bytes, masked with zeros, of which not all come.
    client.socket.write(Buffer.from([0x81, 0x80 | 100, 0, 0, 0, 0]));
    drip(client.socket, "{");
    expect(await client.closedAfterMs).toBeLessThan(12_000);
    expect(client.text()).toContain("hello-timeout");
  });

  test("with the first byte", async () => {
    const client = await open(null);
    expect(await client.closedAfterMs).toBeLessThan(12_000);
  });
});

test("thousands of sockets that say nothing do not keep a client out, nor one that is there", async () => {
  const before = await joinSession(server, "session-before-them");
  const encoder = createFrameEncoder();
  const event = { kind: "event", at: Date.now(), name: "app-event", data: { name: "x" } } as const;
  // As many as the limits of open files of both ends allow, up to ten thousand.
  let opened = 0;
  for (let round = 0; round < 100; round += 1) {
    const batch = await Promise.allSettled(
      Array.from({ length: 100 }, () => open(round % 2 ? "GET " : null)),
    );
    opened += batch.filter(({ status }) => status === "fulfilled").length;
    if (batch.some(({ status }) => status === "rejected")) break;
    if (round % 10 === 0) before.send(encoder.encode([event]));
  }
  expect(opened).toBeGreaterThan(900);
  const began = performance.now();
  const client = await joinSession(server, "session-among-them");
  client.send(createFrameEncoder().encode([event]));
  expect(await client.until(() => client.acknowledged === 0)).toBe(true);
  const tookMs = performance.now() - began;
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  const last = encoder.nextSequence - 1;
  expect(await before.until(() => before.acknowledged >= last)).toBe(true);
  console.info(`${opened} half-open sockets; a session with one frame took ${tookMs.toFixed(0)} ms`);
  expect(tookMs).toBeLessThan(5_000);
});
