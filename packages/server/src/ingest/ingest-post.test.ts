import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createFrameEncoder,
  encodeIngestPost,
  maxFrameBytes,
  maxIngestPostFrames,
  readSessionLog,
} from "@peerscope/schema";
import type { IngestErrorCode } from "../errors.ts";
import { createGroupCommitter } from "../log/group-commit.ts";
import { openLogIndex } from "../log/log-index.ts";
import { createClientAddresses } from "../client-address.ts";
import { addIngestPost } from "./ingest-post.ts";
import { testGate, testSettings } from "./testing/test-gate.ts";
import type { SessionOwner } from "./session-entry.ts";
import { createSessionRegistry, type SessionRegistry } from "./session-registry.ts";
import { privacyGateOf } from "../privacy/testing/default-privacy.ts";

const ingestKey = "pk_0123456789abcdef";
const sessionId = "session-under-test";
const at = Date.UTC(2026, 0, 2);

let folder = "";
let registry: SessionRegistry;
let app: FastifyInstance;
let happened: string[] = [];
let refused: IngestErrorCode[] = [];
let stopping = false;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
  happened = [];
  refused = [];
  stopping = false;
  const index = await openLogIndex(folder);
  registry = createSessionRegistry({
    logsFolder: folder,
    committer: createGroupCommitter({ intervalMs: 0 }),
    catalogue: index.catalogue,
    privacy: privacyGateOf(),
    idleMs: 60_000,
    now: () => at,
    events: {
      opened: () => happened.push("opened"),
      grown: ({ lastSequence }) => happened.push(`grown to ${lastSequence}`),
      finished: () => happened.push("finished"),
      left: () => {},
      forgotten: () => happened.push("forgotten"),
      problem: () => happened.push("problem"),
    },
  });
  app = Fastify();
  addIngestPost(app, {
    registry,
    gate: testGate({ registry, settings: testSettings(ingestKey), now: () => at }),
    clientAddresses: createClientAddresses(["127.0.0.1"]),
    monotonicMs: () => at,
    onRefused: (code) => refused.push(code),
    isStopping: () => stopping,
  });
});
afterEach(async () => {
  await app.close();
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

const hello = (changes: Record<string, unknown> = {}): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify({ type: "hello", wireVersion: 3, sessionId, token: ingestKey, ...changes }),
  );

function frames(count: number): Uint8Array[] {
  const encoder = createFrameEncoder();
  return Array.from({ length: count }, (_, index) =>
    encoder.encode([{ kind: "event", at, name: "app-event", data: { name: `${index}` } }]),
  );
}

async function post(
  body: Uint8Array,
  headers: Record<string, string> = {},
): Promise<{ status: number; answer: unknown; headers: Record<string, unknown> }> {
  const response = await app.inject({ method: "POST", url: "/ingest", body: Buffer.from(body), headers });
  return {
    status: response.statusCode,
    answer: JSON.parse(response.body) as unknown,
    headers: response.headers,
  };
}

const namesOnDisk = (): unknown[] =>
  readSessionLog(new Uint8Array(readFileSync(join(folder, registry.get(sessionId)?.file ?? "")))).records.map(
    (record) => (record.kind === "event" ? record.data?.["name"] : null),
  );

describe("a POST", () => {
  test("with a hello alone says what the server has, and makes no session", async () => {
    const { status, answer, headers } = await post(encodeIngestPost(hello(), []));
    expect([status, answer]).toEqual([200, { type: "welcome", acknowledged: -1, maxFrameBytes }]);
    expect(headers["access-control-allow-origin"]).toBe("*");
    expect(happened).toEqual([]);
  });

  test("is answered when its frames are on disk, whatever content type a browser gives it", async () => {
    const [zero, one, two] = frames(3);
    expect((await post(encodeIngestPost(hello(), [zero ?? hello(), one ?? hello()]))).answer).toBe(1);
    expect(namesOnDisk()).toEqual(["0", "1"]);
    const typed = await post(encodeIngestPost(hello(), [two ?? hello()]), { "content-type": "text/plain" });
    expect(typed.answer).toBe(2);
    expect((await post(encodeIngestPost(hello(), []))).answer).toMatchObject({ acknowledged: 2 });
  });

  test("with frames that are there already stores nothing twice, and reopens no session that is over", async () => {
    const sent = frames(2);
    await post(encodeIngestPost(hello(), sent, true));
    await expect.poll(() => happened.at(-1)).toBe("finished");
    expect((await post(encodeIngestPost(hello(), sent))).answer).toBe(1);
    expect(happened).toEqual(["opened", "grown to 1", "finished"]);
    expect(namesOnDisk()).toEqual(["0", "1"]);
    // What is new does.
    expect((await post(encodeIngestPost(hello(), frames(3)))).answer).toBe(2);
    expect(happened.slice(3)).toEqual(["opened", "grown to 2"]);
  });

  test("takes the session from nobody, and the connection goes on behind it", async () => {
    const acknowledged: number[] = [];
    const owner: SessionOwner = {
      acknowledge: (sequence) => acknowledged.push(sequence),
      replaced: () => expect.fail("replaced"),
      writeFailed: () => expect.fail("failed"),
      erased: () => expect.fail("erased"),
    };
    const entry = registry.attach("default", sessionId, owner) ?? expect.fail();
    expect((await post(encodeIngestPost(hello(), frames(2), true))).answer).toBe(1);
    expect(entry.owner).toBe(owner);
    expect(entry.finished).toBe(false);
    expect(acknowledged.at(-1)).toBe(1);
  });

  test("keeps the frames before a bad one", async () => {
    const [zero, , two] = frames(3);
    const { status, answer } = await post(encodeIngestPost(hello(), [zero ?? hello(), two ?? hello()]));
    expect(status).toBe(503);
    expect(answer).toMatchObject({ type: "error", code: "sequence-gap", retry: true });
    await expect
      .poll(async () => (await post(encodeIngestPost(hello(), []))).answer)
      .toMatchObject({ acknowledged: 0 });
  });

  test("whose log cannot be written is told so", async () => {
    const path = join(folder, "default/2026-01-02");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
    const sent = frames(1);
    const { status, answer } = await post(encodeIngestPost(hello(), sent));
    expect([status, answer]).toMatchObject([503, { code: "log-write-failed", retry: true }]);
    rmSync(path);
    expect((await post(encodeIngestPost(hello(), sent))).answer).toBe(0);
  });
});

describe("what a POST may not bring", () => {
  const lengthOnly = (bytes: number): Uint8Array => {
    const body = new Uint8Array(4);
    new DataView(body.buffer).setUint32(0, bytes, true);
    return body;
  };
  const cases: [string, IngestErrorCode, number, () => Uint8Array][] = [
    ["nothing", "message-invalid", 400, () => new Uint8Array()],
    ["half a length", "message-invalid", 400, () => new Uint8Array(3)],
    ["a length that is not there", "message-invalid", 400, () => lengthOnly(5)],
    ["a length of four gigabytes", "message-invalid", 400, () => lengthOnly(0xff_ff_ff_ff)],
    ["only zeros", "message-invalid", 400, () => new Uint8Array(1_000_000)],
    [
      "more frames than allowed",
      "message-invalid",
      400,
      () =>
        encodeIngestPost(
          hello(),
          Array.from({ length: maxIngestPostFrames + 2 }, () => new Uint8Array(1)),
        ),
    ],
    ["a hello that is no JSON", "message-invalid", 400, () => encodeIngestPost(new Uint8Array(40), [])],
    ["a huge hello", "message-invalid", 400, () => encodeIngestPost(hello({ pad: "x".repeat(9_000) }), [])],
    [
      "bye as hello",
      "hello-expected",
      400,
      () => encodeIngestPost(new TextEncoder().encode('{"type":"bye"}'), []),
    ],
    ["a wrong key", "token-invalid", 400, () => encodeIngestPost(hello({ token: "pk_guess" }), frames(1))],
    [
      "another version",
      "wire-version-unsupported",
      400,
      () => encodeIngestPost(hello({ wireVersion: 99 }), frames(1)),
    ],
    [
      "a path as id",
      "session-id-invalid",
      400,
      () => encodeIngestPost(hello({ sessionId: "../../etc" }), frames(1)),
    ],
    ["no frame", "frame-not-peerscope", 400, () => encodeIngestPost(hello(), [new Uint8Array(50).fill(65)])],
    [
      "an empty frame before another",
      "frame-too-short",
      400,
      () => encodeIngestPost(hello(), [new Uint8Array(), ...frames(1)]),
    ],
    ["more than a megabyte", "frame-too-large", 400, () => new Uint8Array(maxFrameBytes + (65 << 10))],
  ];
  test.each(cases)("%s: %s", async (_, code, status, body) => {
    const { status: got, answer } = await post(body());
    expect(answer).toMatchObject({ type: "error", code });
    expect(got).toBe(status);
    expect(refused).toEqual([code]);
    expect([...registry.all()].filter(({ bytes }) => bytes > 0)).toEqual([]);
  });

  test("anything while the server stops", async () => {
    stopping = true;
    const { status, answer } = await post(encodeIngestPost(hello(), frames(1)));
    expect([status, answer]).toMatchObject([503, { code: "server-stopping", retry: true }]);
  });

  test("more than 64 requests at one time", async () => {
    const url = `${await app.listen({ port: 0, host: "127.0.0.1" })}/ingest`;
    const given = new AbortController();
    // Bodies that never end.
    const body = (): ReadableStream =>
      new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(10)) });
    const slow = Array.from({ length: 64 }, () =>
      fetch(url, { method: "POST", body: body(), duplex: "half", signal: given.signal }).catch(() => null),
    );
    const ask = async (): Promise<unknown> => {
      const response = await fetch(url, { method: "POST", body: encodeIngestPost(hello(), []) });
      return [response.status, await response.json()];
    };
    await expect.poll(ask).toMatchObject([503, { code: "server-busy", retry: true }]);
    given.abort();
    await Promise.all(slow);
    await expect.poll(ask).toMatchObject([200, { type: "welcome" }]);
  });
});
