import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFrameEncoder, encodeIngestPost, maxFrameBytes, readSessionLog } from "@peerscope/schema";
import { apiErrorSchema } from "@peerscope/schema/api";
import { startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { readLogOnDisk } from "../support/session-log.ts";
import { connectIngest, hello, joinSession, type IngestClient } from "./ingest-client.ts";

let server: PeerscopeProcess;
let bystander: IngestClient;
let sent = 0;
let streaming: NodeJS.Timeout;

/** A well-behaved session goes on through everything that happens here. */
beforeAll(async () => {
  server = await startPeerscope();
  bystander = await joinSession(server, "bystander-session");
  const encoder = createFrameEncoder();
  streaming = setInterval(() => {
    bystander.send(
      encoder.encode([{ kind: "event", at: Date.now(), name: "app-event", data: { name: `${sent}` } }]),
    );
    sent += 1;
  }, 20);
});

afterAll(async () => {
  clearInterval(streaming);
  await server?.stop();
});

const event = (name: string) =>
  ({ kind: "event", at: Date.now(), name: "app-event", data: { name } }) as const;
const frame = (): Uint8Array => createFrameEncoder().encode([event("x")]);

// At once: two of them wait for a time limit of the server.
describe.concurrent("refused with a code, and nothing else disturbed", () => {
  const first: [string, string, number, (client: IngestClient) => void][] = [
    ["a wrong first message", "hello-expected", 4400, (client) => client.send('{"type":"bye"}')],
    ["a frame before hello", "hello-expected", 4400, (client) => client.send(frame())],
    ["text that is no message", "message-invalid", 4400, (client) => client.send("{".repeat(3_000))],
    [
      "a wrong key",
      "token-invalid",
      4401,
      (client) => client.send(hello(server, "some-session", { token: "pk_x" })),
    ],
    [
      "a key that is no text",
      "message-invalid",
      4400,
      (client) => client.send(hello(server, "some-session", { token: {} })),
    ],
    [
      "a wrong version",
      "wire-version-unsupported",
      4426,
      (client) => client.send(hello(server, "some-session", { wireVersion: 9 })),
    ],
    [
      "a path as session id",
      "session-id-invalid",
      4400,
      (client) => client.send(hello(server, "../../../../etc/cron.d/x")),
    ],
  ];
  test.each(first)("%s: %s", async (_, code, closeCode, act) => {
    const client = await connectIngest(server.url);
    act(client);
    await client.until(() => false);
    expect(client.closed).toEqual({ code: closeCode, error: code });
  });

  test("no hello: hello-timeout", async () => {
    const client = await connectIngest(server.url);
    const began = Date.now();
    await client.until(() => false);
    expect(client.closed).toEqual({ code: 4408, error: "hello-timeout" });
    expect(Date.now() - began).toBeLessThan(7_000);
  });

  const afterTwoFrames: [string, string | null, number, () => string | Uint8Array][] = [
    [
      "a non-frame",
      "frame-not-peerscope",
      4422,
      () => new TextEncoder().encode("this is not a frame at all, not at all"),
    ],
    ["nothing", "frame-too-short", 4422, () => new Uint8Array()],
    [
      "random bytes",
      "frame-not-peerscope",
      4422,
      () => Uint8Array.from({ length: 500 }, (_, index) => (index * 7919) & 255),
    ],
    ["a frame of another version", "frame-version-unsupported", 4426, () => anotherVersion()],
    [
      "a frame of the first version",
      "frame-version-unsupported",
      4426,
      () => new TextEncoder().encode("PS\u0001 and more than a header of it"),
    ],
    ["a frame over 1 MiB", "frame-too-large", 4413, () => new Uint8Array(maxFrameBytes + 1)],
    // Refused by its length before it is read, so there is no time for words.
    ["a message of 64 MiB", null, 1009, () => new Uint8Array(64 << 20)],
    ["a hole", "sequence-gap", 4409, () => createFrameEncoder({ firstSequence: 9 }).encode([event("later")])],
    ["a second hello", "message-invalid", 4400, () => hello(server, "another-session")],
  ];
  test.each(afterTwoFrames)("%s: %s; what came before is kept", async (name, code, closeCode, bad) => {
    const sessionId = `hostile-${name.replaceAll(/[^a-z0-9]/gi, "-")}`;
    const client = await joinSession(server, sessionId);
    const encoder = createFrameEncoder();
    client.send(encoder.encode([event("one")]));
    client.send(encoder.encode([event("two")]));
    await client.until(() => client.acknowledged === 1);
    client.send(bad());
    await client.until(() => false);
    expect(client.closed).toEqual({ code: closeCode, error: code });
    const again = await joinSession(server, sessionId);
    expect(again.acknowledged).toBe(1);
    again.send(encoder.encode([event("three")]));
    await again.until(() => again.acknowledged === 2);
    const log = await readLogOnDisk(server.dataDir, sessionId);
    expect(log.problems).toEqual([]);
    expect(log.sequences).toEqual([0, 1, 2]);
    again.drop();
  });

  test("a second connection for a session: session-replaced, no retry", async () => {
    const client = await joinSession(server, "twice-session");
    const second = await joinSession(server, "twice-session");
    await client.until(() => false);
    expect(client.closed).toEqual({ code: 4410, error: "session-replaced" });
    expect(client.messages.at(-1)).toMatchObject({ retry: false });
    expect(second.closed).toBeNull();
    second.drop();
  });

  test("unknown routes, methods and addresses", async () => {
    const cases: [string, string, number, string][] = [
      ["GET", "/api/unknown", 404, "route-unknown"],
      ["POST", "/api/sessions", 404, "route-unknown"],
      ["DELETE", "/api/sessions/bystander-session", 404, "route-unknown"],
      ["GET", "/api/sessions/%2e%2e%2f%2e%2e%2fsettings.sqlite/log", 404, "session-unknown"],
      ["GET", "/api/sessions/bystander-session/log?from=x", 400, "query-invalid"],
      ["GET", `/api/sessions?q=${"x".repeat(201)}`, 400, "query-invalid"],
      ["GET", "/ingest", 426, "upgrade-required"],
    ];
    for (const [method, path, status, code] of cases) {
      const answer = await fetch(server.url + path, { method });
      expect([path, answer.status, apiErrorSchema.parse(await answer.json()).error.code]).toEqual([
        path,
        status,
        code,
      ]);
    }
    for (const path of [
      "/../../etc/passwd",
      "/..%2f..%2fsettings.sqlite",
      "/assets/..%2f..%2fpackage.json",
      "//etc/passwd",
    ]) {
      expect(await rawStatus(path), path).toBeGreaterThanOrEqual(400);
    }
  });

  test("WebSockets elsewhere, and requests that are none", async () => {
    const elsewhere = await upgradeStatus("/other");
    expect(elsewhere).toEqual([404, "route-unknown"]);
    const socket = connect(server.port, "127.0.0.1");
    socket.write("\x00\x01\x02 nonsense\r\n\r\n");
    await new Promise((resolve) => socket.on("close", resolve).on("data", () => {}));
  });

  describe("by POST", () => {
    const ask = async (body: Uint8Array<ArrayBuffer>): Promise<[number, unknown]> => {
      const answer = await fetch(`${server.url}/ingest`, { method: "POST", body });
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
      return [answer.status, await answer.json()];
    };
    const greeting = new TextEncoder();

    test("a bad frame after a good one, which is kept; and the bystander's session is not to be had", async () => {
      const sessionId = "hostile-posted";
      const encoder = createFrameEncoder();
      const said = greeting.encode(hello(server, sessionId));
      const bad = new Uint8Array(500).fill(7);
      expect(await ask(encodeIngestPost(said, [encoder.encode([event("one")]), bad]))).toMatchObject([
        400,
        { code: "frame-not-peerscope" },
      ]);
      expect(await ask(encodeIngestPost(said, [encoder.encode([event("two")])]))).toEqual([200, 1]);
      const log = await readLogOnDisk(server.dataDir, sessionId);
      expect([log.problems, log.sequences]).toEqual([[], [0, 1]]);
      const stranger = greeting.encode(hello(server, "bystander-session", { token: "pk_guess" }));
      expect(await ask(encodeIngestPost(stranger, [], true))).toMatchObject([400, { code: "token-invalid" }]);
    });

    test("64 MiB, which is not read", async () => {
      const answer = await ask(new Uint8Array(64 << 20)).catch(() => null);
      // The connection may be closed while the body is still being sent.
      if (answer !== null) expect(answer).toMatchObject([400, { code: "frame-too-large" }]);
    });

    test("a body that trickles in is given up", async () => {
      const socket = connect(server.port, "127.0.0.1");
      const began = performance.now();
      let answer = "";
      socket.on("data", (data) => (answer += data.toString()));
      socket.on("error", () => {});
      socket.write("POST /ingest HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000000\r\n\r\n");
      const trickle = setInterval(() => socket.write("x"), 500);
      await new Promise((resolve) => socket.on("close", resolve));
      clearInterval(trickle);
      expect(answer).toMatch(/^HTTP\/1\.1 408/);
      expect(performance.now() - began).toBeLessThan(20_000);
    });

    test("a name that is not this machine's", async () => {
      const status = await new Promise((resolve, reject) => {
        const options = {
          port: server.port,
          method: "POST",
          path: "/ingest",
          headers: { host: "evil.example" },
        };
        request(options, (answer) => resolve(answer.resume().statusCode))
          .on("error", reject)
          .end("x");
      });
      expect(status).toBe(403);
    });
  });

  test("five hundred half-open connections", async () => {
    const sockets = await Promise.all(Array.from({ length: 500 }, () => connectIngest(server.url)));
    for (const socket of sockets) socket.drop();
    const health = await fetch(`${server.url}/healthz`);
    expect(health.status).toBe(200);
  });
});

test("the bystander lost nothing and was never interrupted", async () => {
  clearInterval(streaming);
  const last = sent - 1;
  expect(last).toBeGreaterThan(100);
  await bystander.until(() => bystander.acknowledged === last);
  expect(bystander.closed).toBeNull();
  const log = await readLogOnDisk(server.dataDir, "bystander-session");
  expect(log.problems).toEqual([]);
  expect(log.sequences).toEqual(Array.from({ length: sent }, (_, index) => index));
  const served = await fetch(`${server.url}/api/sessions/bystander-session/log`);
  expect(readSessionLog(new Uint8Array(await served.arrayBuffer())).records).toEqual(log.records);
  console.log(`bystander: ${sent} frames, all acknowledged`);
});

/** A good frame whose version, bits 1 to 3 of its first byte, is another one. */
function anotherVersion(): Uint8Array {
  const bytes = frame();
  bytes[0] = (bytes[0] ?? 0) ^ 0b0110;
  return bytes;
}

function rawStatus(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ port: server.port, host: "127.0.0.1", path }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on("error", reject);
    asked.end();
  });
}

function upgradeStatus(path: string): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    const asked = request({ port: server.port, host: "127.0.0.1", path, headers }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => (body += text));
      answer.on("end", () =>
        resolve([answer.statusCode ?? 0, apiErrorSchema.parse(JSON.parse(body)).error.code]),
      );
    });
    asked.on("error", reject);
    asked.end();
  });
}
