import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { readSessionLog, type EventRecord, type SampleRecord, type SessionRecord } from "@peerscope/schema";
import { createGroupCommitter } from "../log/group-commit.ts";
import { openLogIndex } from "../log/log-index.ts";
import { createClientAddresses } from "../client-address.ts";
import { testGate, testSettings, type TestSettings } from "./testing/test-gate.ts";
import { createForeignSession } from "./foreign-session.ts";
import { createForeignServer, type ForeignServer, type ForeignServerOptions } from "./foreign-server.ts";
import type { SessionEntry } from "./session-entry.ts";
import { createSessionRegistry, type SessionRegistry } from "./session-registry.ts";
import { privacyGateOf } from "../privacy/testing/default-privacy.ts";

const ingestKey = "pk_0123456789abcdef";
const startAt = 1_795_234_137_000;

let folder = "";
let registry: SessionRegistry;
let app: FastifyInstance;
let foreign: ForeignServer;
let port = 0;
let settings: TestSettings;
let told: string[] = [];
let finished: string[] = [];
const sockets: WebSocket[] = [];

async function open(
  options: Partial<ForeignServerOptions> = {},
  hasErased: (sessionId: string) => boolean = () => false,
): Promise<void> {
  const index = await openLogIndex(folder);
  registry = createSessionRegistry({
    logsFolder: folder,
    committer: createGroupCommitter({ intervalMs: 0 }),
    catalogue: index.catalogue,
    privacy: privacyGateOf(),
    hasErased,
    idleMs: 60_000,
    now: () => Date.now(),
    events: {
      opened: () => {},
      grown: () => {},
      finished: ({ sessionId }) => finished.push(sessionId),
      left: () => {},
      forgotten: () => {},
      problem: () => told.push("disk problem"),
    },
  });
  registry.adopt(index);
  app = Fastify();
  foreign = createForeignServer({
    app,
    registry,
    gate: testGate({ registry, settings, now: () => Date.now() }),
    settings,
    clientAddresses: createClientAddresses(["127.0.0.1"]),
    defaultProjectId: "default",
    monotonicMs: () => performance.now(),
    rtcstatsSecret: null,
    isLoopback: true,
    now: () => Date.now(),
    events: {
      refused: (code, detail) => told.push(detail === null ? code : `${code}: ${detail}`),
      skipped: (_sessionId, { code, reason }) => told.push(`${code}: ${reason}`),
      lost: () => told.push("lost"),
    },
    ...options,
  });
  app.server.on("upgrade", (request, socket, head) => {
    if (!foreign.upgrade(request, socket, head)) socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  port = (app.server.address() as AddressInfo).port;
}

async function close(): Promise<void> {
  for (const socket of sockets.splice(0)) socket.terminate();
  await foreign.close();
  await registry.close();
  await app.close();
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
  told = [];
  finished = [];
  settings = testSettings(ingestKey);
  await open();
});
afterEach(async () => {
  await close();
  rmSync(folder, { recursive: true, force: true });
});

/** A socket that is open; `closed` is its close code and reason. */
interface Client {
  readonly socket: WebSocket;
  readonly closed: Promise<string>;
}

async function connect(
  path: string,
  protocols: string[] = [],
  headers: Record<string, string> = {},
): Promise<Client> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers });
  sockets.push(socket);
  const closed = new Promise<string>((resolve) =>
    socket.once("close", (code, reason) => resolve(`${code} ${reason.toString()}`)),
  );
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return { socket, closed };
}

const rtcstats = (path = "/room/1", headers: Record<string, string> = {}): Promise<Client> =>
  connect(path, ["rtcstats#5.0"], headers);

const recordsOf = (entry: SessionEntry): readonly SessionRecord[] =>
  readSessionLog(new Uint8Array(readFileSync(join(folder, entry.file)))).records;
const eventNames = (records: readonly SessionRecord[]): string[] =>
  records.flatMap((record) => (record.kind === "event" ? [record.name] : []));
const samplesIn = (records: readonly SessionRecord[]): SampleRecord[] =>
  records.filter((record) => record.kind === "sample");
function contextIn(records: readonly SessionRecord[]): Record<string, unknown> {
  return Object.assign(
    {},
    ...records.map((record) => (record.kind === "context" ? record.context : {})),
  ) as Record<string, unknown>;
}

/** The one session there is, when so much of it is on disk. */
async function onlySession(
  isThere: (records: readonly SessionRecord[]) => boolean,
): Promise<readonly SessionRecord[]> {
  const look = (): readonly SessionRecord[] => {
    const [entry, ...others] = registry.all();
    expect(others).toEqual([]);
    return entry === undefined || entry.bytes === 0 ? [] : recordsOf(entry);
  };
  await expect.poll(() => isThere(look()), { timeout: 5_000 }).toBe(true);
  return look();
}

const endedIn = (records: readonly SessionRecord[]): boolean => eventNames(records).includes("session-ended");

const page = { hardwareConcurrency: 8, screen: { width: 800, height: 600, devicePixelRatio: 2 }, window: {} };
const firstReport = {
  t: startAt + 1_100,
  "1": { type: "candidate-pair", state: "succeeded", nominated: true, bytesSent: 10 },
  "2": { type: "local-candidate", address: "192.0.2.77", relatedAddress: "2001:db8:1:2::7", port: 5000 },
  "3": { type: "certificate", fingerprint: "AA:BB", base64Certificate: "MIIB" },
};
const frames = [
  [39, null, page, startAt],
  [
    39,
    "PC_0",
    { iceServers: [{ urls: ["turn:turn.example"], username: "anna", credential: "hunter2" }] },
    10,
  ],
  [20, "PC_0", { candidate: "candidate:1 1 udp 21 192.0.2.77 5000 typ host ufrag x", sdpMid: "0" }, 5],
  [25, "PC_0", "connected", 85],
  ["g", "PC_0", firstReport, "connected-0", 1_000],
  ["g", "PC_0", { t: startAt + 2_100, "1": { bytesSent: 900 } }, 1_000],
];
const say = ({ socket }: Client, ...said: unknown[]): void => {
  for (const frame of said) socket.send(JSON.stringify(frame));
};

describe("a client of rtcstats", () => {
  test("is answered with its subprotocol, and its page becomes a session", async () => {
    const client = await rtcstats("/room/1?userId=anna&callId=standup", {
      origin: "https://app.example",
      "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36",
    });
    expect(client.socket.protocol).toBe("rtcstats#5.0");
    say(client, ...frames);
    client.socket.close();
    const records = await onlySession(endedIn);
    expect(contextIn(records)).toMatchObject({
      userId: "anna",
      callId: "standup",
      browserName: "Chrome",
      pageUrl: "https://app.example",
      sdkName: "rtcstats",
    });
    expect(eventNames(records)).toEqual(
      expect.arrayContaining(["connection-created", "ice-candidate-gathered", "connection-state-changed"]),
    );
    expect(
      samplesIn(records).map(
        ({ stats }) => stats.find(({ type }) => type === "candidate-pair")?.["bytesSent"],
      ),
    ).toEqual([10, 900]);
    // trace.close() is the end; nobody waits for the page.
    await expect.poll(() => finished).toHaveLength(1);
  });

  test("hands over nothing that the SDK would keep in the page", async () => {
    const client = await rtcstats();
    say(client, ...frames);
    client.socket.close();
    const records = await onlySession(endedIn);
    const text = JSON.stringify(records);
    for (const secret of ["hunter2", "192.0.2.77", "2001:db8:1:2::7", "AA:BB", "MIIB"])
      expect(text).not.toContain(secret);
    const candidate = samplesIn(records)[1]?.stats.find(({ type }) => type === "local-candidate");
    expect(candidate).toMatchObject({ address: "192.0.2.0", relatedAddress: "2001:db8:1::", port: 5_000 });
  });

  test.each([
    [["rtcstats#4.0"], "rtcstats#4.0"],
    [["rtcstats#4.0", "rtcstats#5.0"], "rtcstats#5.0"],
    [["rtcstats#9.0", "rtcstats#10.1", "other"], "rtcstats#10.1"],
  ])("that offers %j is answered with %s", async (offered, answer) => {
    expect((await connect("/", offered)).socket.protocol).toBe(answer);
  });

  test.each([
    ["/ingest", ["rtcstats#5.0"]],
    ["/api/sessions", ["rtcstats#5.0"]],
    ["/room", []],
    ["/room", ["other#5.0"]],
  ])("is not taken at %s with %j", async (path, protocols) => {
    await expect(connect(path, protocols)).rejects.toThrow("404");
  });

  test("that says nothing leaves nothing", async () => {
    const client = await rtcstats();
    client.socket.close();
    await client.closed;
    expect([...registry.all()]).toEqual([]);
  });

  test("that vanishes leaves a session that waits for it, with all that came", async () => {
    const client = await rtcstats();
    say(client, ...frames);
    const records = await onlySession((found) => samplesIn(found).length === 2);
    client.socket.terminate();
    await expect.poll(() => [...registry.all()][0]?.owner).toBeNull();
    expect(endedIn(records)).toBe(false);
    expect(finished).toEqual([]);
  });

  test("is read on after a frame that cannot be used", async () => {
    const client = await rtcstats();
    say(client, ...frames.slice(0, 5), ["g", "PC_0", { x: "y".repeat(1 << 20) }, 1]);
    client.socket.send("[not json");
    client.socket.send(Buffer.from([0xff, 0xfe]));
    client.socket.send(Buffer.from(JSON.stringify(frames[5])));
    client.socket.close();
    const records = await onlySession(endedIn);
    expect(samplesIn(records)).toHaveLength(2);
    expect(told).toEqual([
      expect.stringMatching(/^limit-exceeded: a frame of more than/),
      "unreadable: not valid JSON",
      "unreadable: a binary message that is no text",
    ]);
  });

  test("is closed when it sends what nobody needs to read", async () => {
    const client = await rtcstats();
    client.socket.send("x".repeat((4 << 20) + 1));
    expect(await client.closed).toMatch(/^1009/);
  });

  test("hears that the server goes away, and its log is whole", async () => {
    const client = await rtcstats();
    say(client, ...frames);
    await onlySession((found) => samplesIn(found).length === 2);
    await foreign.close();
    expect(await client.closed).toBe("1001 server-stopping");
  });
});

const secret = "secret of the project";
function token(claims: object, key = secret): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = `${encode({ alg: "HS256" })}.${encode(claims)}`;
  return `rtcstats-token=${head}.${createHmac("sha256", key).update(head).digest("base64url")}`;
}
const anna = { rtcStats: { user: "anna", session: "tab-1", conference: "standup" } };

describe("who an rtcstats client is", () => {
  test("comes from its token, which is kept nowhere", async () => {
    const client = await rtcstats(`/room/7?${token(anna, "of another server")}`);
    say(client, ...frames);
    const records = await onlySession((found) => samplesIn(found).length === 2);
    expect(contextIn(records)).toMatchObject({ userId: "anna", callId: "standup" });
    expect(JSON.stringify(records)).toContain('"rtcstats-session":"tab-1"');
    expect(JSON.stringify(records)).toContain('"rtcstats-path":"/room/7"');
    expect(readFileSync(join(folder, [...registry.all()][0]?.file ?? "")).includes("rtcstats-token")).toBe(
      false,
    );
  });

  test.each([
    ["no token", "/room", "1008 rtcstats-token-invalid"],
    ["a token of somebody else", `/room?${token(anna, "guessed")}`, "1008 rtcstats-token-invalid"],
    ["the ingest key only", `/${ingestKey}/room`, "1008 rtcstats-token-invalid"],
  ])(
    "is asked for where there is a secret: %s is refused after the handshake",
    async (_name, path, closed) => {
      await close();
      await open({ rtcstatsSecret: secret });
      const client = await rtcstats(path);
      say(client, ...frames);
      expect(await client.closed).toBe(closed);
      expect([...registry.all()]).toEqual([]);
      expect(told).toEqual([expect.stringContaining("rtcstats-token-invalid")]);
    },
  );

  test("is what a signed token says, and not what else the address says", async () => {
    await close();
    await open({ rtcstatsSecret: secret, isLoopback: false });
    const client = await rtcstats(`/room?userId=eve&callId=theirs&${token({ rtcStats: { user: "anna" } })}`);
    say(client, ...frames);
    const records = await onlySession((found) => samplesIn(found).length === 2);
    expect(contextIn(records)["userId"]).toBe("anna");
    expect(contextIn(records)["callId"]).toBeUndefined();
  });

  test("matters not on a server that others can reach, without the ingest key in the path", async () => {
    await close();
    await open({ isLoopback: false });
    expect(await (await rtcstats(`/room?${token(anna)}`)).closed).toBe("1008 rtcstats-key-missing");
    const client = await rtcstats(`/${ingestKey}/room?${token(anna)}`);
    say(client, ...frames);
    const records = await onlySession((found) => samplesIn(found).length === 2);
    expect(JSON.stringify(records)).toContain('"rtcstats-path":"/room"');
  });
});

describe("a page that connects again", () => {
  const path = `/room?${token(anna)}`;
  const later = ["g", "PC_0", { t: startAt + 4_100, "1": { bytesSent: 1_700 } }, startAt + 4_100];

  test("goes on with its session: its client says only what changed since", async () => {
    const first = await rtcstats(path);
    say(first, ...frames);
    await onlySession((found) => samplesIn(found).length === 2);
    first.socket.close();
    await first.closed;
    const second = await rtcstats(path);
    say(second, later);
    second.socket.close();
    const records = await onlySession((found) => samplesIn(found).length === 3);
    expect(endedIn(records)).toBe(false);
    const [pair] = samplesIn(records)[2]?.stats ?? [];
    expect(pair).toMatchObject({ type: "candidate-pair", bytesSent: 1_700, state: "succeeded" });
    expect(told).toEqual([]);
    await foreign.close();
    await expect.poll(() => finished).toHaveLength(1);
  });

  test.each([
    ["of another user", `/room?${token({ rtcStats: { user: "ben" } })}`, later],
    ["that was loaded again", path, frames[0]],
    ["without a name", "/room", later],
  ])("is not taken for another one: %s", async (_name, otherPath, frame) => {
    const first = await rtcstats(path);
    say(first, ...frames);
    await onlySession((found) => samplesIn(found).length === 2);
    first.socket.close();
    await first.closed;
    const second = await rtcstats(otherPath);
    say(second, frame, [25, "PC_0", "connected", 10]);
    await expect.poll(() => [...registry.all()].filter(({ bytes }) => bytes > 0)).toHaveLength(2);
  });
});

/** A sample as client-monitor makes it. */
function sample(number: number, more: object = {}): object {
  const timestamp = startAt + number * 4_000;
  return {
    clientId: "client-a",
    callId: "call-1",
    timestamp,
    peerConnections: [
      {
        peerConnectionId: "pc-1",
        codecs: [],
        inboundRtps: [
          {
            id: "IT01",
            kind: "audio",
            ssrc: 17,
            timestamp,
            trackIdentifier: "track",
            packetsReceived: 100 * number,
            packetsLost: 0,
          },
        ],
        iceCandidates: [{ id: "I1", timestamp, address: "192.0.2.77", candidateType: "host", port: 9 }],
        certificates: [{ id: "CF1", timestamp, fingerprint: "AA:BB", base64Certificate: "MIIB" }],
      },
    ],
    clientEvents: number === 0 ? [{ type: "CLIENT_JOINED", timestamp }] : [],
    ...more,
  };
}
const left = { clientEvents: [{ type: "CLIENT_LEFT", timestamp: startAt + 9_000 }] };
const received = (records: readonly SessionRecord[]): unknown[] =>
  samplesIn(records).map(
    ({ stats }) => stats.find(({ type }) => type === "inbound-rtp")?.["packetsReceived"],
  );

describe("samples of ObserveRTC over a WebSocket", () => {
  test("become a session of their client, without what the SDK keeps in the page", async () => {
    const client = await connect(`/observertc/${ingestKey}`);
    say(client, sample(0), sample(1), sample(2, left));
    const records = await onlySession(endedIn);
    expect(received(records)).toEqual([0, 100, 200]);
    expect(contextIn(records)).toMatchObject({ callId: "call-1", userId: "client-a", sdkName: "observertc" });
    for (const hidden of ["192.0.2.77", "AA:BB", "MIIB"])
      expect(JSON.stringify(records)).not.toContain(hidden);
    client.socket.close();
    await expect.poll(() => finished).toHaveLength(1);
  });

  test("that say only what changed are understood, also as bytes", async () => {
    const client = await connect(`/observertc/${ingestKey}`);
    say(client, sample(1));
    const timestamp = startAt + 8_000;
    const change = {
      clientId: "client-a",
      timestamp,
      peerConnections: [
        { peerConnectionId: "pc-1", inboundRtps: [{ ssrc: 17, timestamp, packetsReceived: 230 }] },
      ],
    };
    client.socket.send(Buffer.from(JSON.stringify(change)));
    const records = await onlySession((found) => samplesIn(found).length === 2);
    expect(received(records)).toEqual([100, 230]);
    expect(samplesIn(records)[1]?.stats[0]).toMatchObject({ packetsLost: 0, kind: "audio" });
  });

  test("of a client that connects again go on in its session, also after a restart; after its end in a new one", async () => {
    const first = await connect(`/observertc/${ingestKey}`);
    say(first, sample(0));
    await onlySession((found) => samplesIn(found).length === 1);
    first.socket.close();
    await first.closed;
    const second = await connect(`/observertc/${ingestKey}`);
    say(second, sample(1));
    await onlySession((found) => samplesIn(found).length === 2);
    await close();
    await open();
    const third = await connect(`/observertc/${ingestKey}`);
    say(third, sample(2, left));
    expect(received(await onlySession(endedIn))).toEqual([0, 100, 200]);
    third.socket.close();
    await expect.poll(() => finished).toHaveLength(1);
    const fourth = await connect(`/observertc/${ingestKey}`);
    say(fourth, sample(3));
    await expect.poll(() => [...registry.all()].filter(({ bytes }) => bytes > 0)).toHaveLength(2);
  });

  test("of several clients are sessions of their own; names of the address stand in", async () => {
    const client = await connect(`/observertc/${ingestKey}?callId=c&clientId=of-the-address&userId=anna`);
    const { clientId: _, callId: __, ...nameless } = sample(0) as Record<string, unknown>;
    say(client, sample(0), sample(0, { clientId: "client-b" }), nameless);
    await expect.poll(() => [...registry.all()].filter(({ bytes }) => bytes > 0)).toHaveLength(3);
    const contexts = [...registry.all()].map((entry) => contextIn(recordsOf(entry)));
    expect(contexts).toEqual([
      expect.objectContaining({ callId: "call-1", userId: "anna" }),
      expect.objectContaining({ callId: "call-1", userId: "anna" }),
      expect.objectContaining({ callId: "c", userId: "anna" }),
    ]);
  });

  test("of a client whose session was erased go into a new one, also after a restart", async () => {
    const idsOfAll = (): string[] => [...registry.all()].map(({ sessionId }) => sessionId);
    const come = async (number: number): Promise<string | undefined> => {
      const client = await connect(`/observertc/${ingestKey}`);
      say(client, sample(number));
      const records = await onlySession((found) => samplesIn(found).length === 1);
      expect(received(records)).toEqual([100 * number]);
      client.socket.close();
      await client.closed;
      return idsOfAll()[0];
    };
    const gone = new Set<string>();
    for (const number of [1, 2, 3]) {
      const sessionId = (await come(number)) ?? "none";
      expect(gone).not.toContain(sessionId);
      gone.add(sessionId);
      const file = join(folder, registry.get(sessionId)?.file ?? "none");
      await registry.erase(sessionId);
      rmSync(file);
      expect(idsOfAll()).toEqual([]);
    }
    await close();
    await open({}, (sessionId) => gone.has(sessionId));
    expect(gone).not.toContain(await come(4));
    expect(told).toEqual([]);
  });

  test("that are nested deeper than anything cost nobody else anything", async () => {
    const client = await connect(`/observertc/${ingestKey}`);
    const deep = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`;
    client.socket.send(`{"clientId":"c","timestamp":${startAt},"peerConnections":[],"x":${deep}}`);
    const difference = { peerConnectionId: "p", codecs: [{}] };
    say(client, { clientId: "c", timestamp: startAt + 1_000, peerConnections: [difference] }, sample(1));
    await expect.poll(() => [...registry.all()].filter(({ bytes }) => bytes > 0)).toHaveLength(2);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    expect(told).toEqual([expect.stringMatching(/^out-of-step/)]);
  });

  test("are not read when they are too many in one message, as by POST", async () => {
    const client = await connect(`/observertc/${ingestKey}`);
    say(
      client,
      Array.from({ length: 1_001 }, (_, number) => ({
        clientId: "c",
        timestamp: startAt,
        callId: `${number}`,
      })),
    );
    say(client, sample(1));
    await onlySession((found) => samplesIn(found).length === 1);
    expect(told).toEqual(["limit-exceeded: a message of more than 1000 samples"]);
  });

  test.each(["/observertc", "/observertc/pk_wrong", `/observertc/${ingestKey}/more`])(
    "are refused at %s",
    async (path) => {
      expect(await (await connect(path)).closed).toBe("4401 observertc-key-invalid");
    },
  );
});

describe("samples of ObserveRTC by POST", () => {
  async function post(
    body: string | Buffer,
    headers: Record<string, string> = {},
    path = `/observertc/${ingestKey}`,
  ): Promise<{ status: number; answer: unknown; headers: Headers }> {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body, headers });
    return { status: response.status, answer: await response.json(), headers: response.headers };
  }
  const json = (value: unknown): string => JSON.stringify(value);

  test("are on disk when they are answered, one after the other", async () => {
    for (const number of [0, 1, 2]) {
      const { status, answer } = await post(json(sample(number)), { "content-type": "application/json" });
      expect([status, answer]).toEqual([200, { records: expect.any(Number), skipped: 0 }]);
      const [entry] = registry.all();
      expect(received(entry === undefined ? [] : recordsOf(entry))).toHaveLength(number + 1);
    }
    const records = await onlySession(() => true);
    expect(eventNames(records).filter((name) => name === "connection-created")).toHaveLength(1);
  });

  test.each([
    ["an array", json([sample(0), sample(1)]), {}],
    ["one a line", `${json(sample(0))}\n${json(sample(1))}\n`, {}],
    ["in wrappers", json([{ sample: sample(0) }, { type: "sample", payload: sample(1) }]), {}],
    ["packed", gzipSync(json([sample(0), sample(1)])), { "content-encoding": "gzip" }],
    ["packed, and nobody says so", gzipSync(json([sample(0), sample(1)])), { "content-type": "text/plain" }],
  ])("are read as %s", async (_name, body, headers) => {
    expect((await post(body, headers as Record<string, string>)).status).toBe(200);
    expect(received(await onlySession(() => true))).toEqual([0, 100]);
  });

  test("that cannot be used are counted, the others kept", async () => {
    const { status, answer } = await post(
      `${json(sample(0))}\n{broken\n${json(sample(1))}`,
      {},
      `/observertc/${ingestKey}?clientId=client-a`,
    );
    expect(status).toBe(200);
    expect(answer).toMatchObject({ skipped: 1, reason: "not a ClientSample" });
    expect(received(await onlySession(() => true))).toEqual([0, 100]);
  });

  test.each<[string, string | Buffer, string, number, string]>([
    ["no JSON", "hello", "", 422, "observertc-unreadable"],
    ["nothing", "", "", 422, "observertc-unreadable"],
    ["JSON of another kind", json({ clientId: "a", answer: 42 }), "", 422, "observertc-unreadable"],
    ["nobody's", json({ timestamp: startAt, peerConnections: [] }), "", 422, "observertc-unreadable"],
    ["broken gzip", gzipSync(json(sample(0))).subarray(0, 60), "", 400, "observertc-body-invalid"],
    ["a gzip bomb", gzipSync(Buffer.alloc(9 << 20, " ")), "", 413, "observertc-body-too-large"],
    ["too many bytes", Buffer.alloc((4 << 20) + 1, " "), "", 413, "observertc-body-too-large"],
    [
      "too many samples",
      json(Array.from({ length: 1_001 }, () => sample(0))),
      "",
      413,
      "observertc-body-too-large",
    ],
    [
      "a sample that is too large",
      json([sample(0, { x: "y".repeat(1 << 20) })]),
      "",
      413,
      "observertc-body-too-large",
    ],
    [
      "a sample that is nested deeper than anything",
      `{"clientId":"c","timestamp":${startAt},"x":${"[".repeat(600_000)}${"]".repeat(600_000)}}`,
      "",
      413,
      "observertc-body-too-large",
    ],
    ["a wrong key", json(sample(0)), "/observertc/pk_wrong", 401, "observertc-key-invalid"],
  ])("with %s are refused with a code", async (_name, body, path, status, code) => {
    const answered = await post(body, {}, path || undefined);
    expect([answered.status, answered.answer]).toEqual([
      status,
      { error: { code, message: expect.any(String), docs: `docs/reference/errors.md#${code}` } },
    ]);
    expect([...registry.all()]).toEqual([]);
  });

  test("may come from pages of other origins, with credentials as a beacon has them", async () => {
    const address = `http://127.0.0.1:${port}/observertc/${ingestKey}`;
    const headers = { origin: "https://app.example", "access-control-request-headers": "content-type" };
    const asked = await fetch(address, { method: "OPTIONS", headers });
    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-headers")).toContain("content-type");
    const { headers: answered } = await post(json(sample(0)), { origin: "https://app.example" });
    expect(answered.get("access-control-allow-origin")).toBe("https://app.example");
    expect(answered.get("access-control-allow-credentials")).toBe("true");
  });

  test("that end a session right before the server stops leave it finished", async () => {
    await post(json([sample(0), sample(1, left)]));
    await foreign.close();
    await registry.close();
    expect(finished).toHaveLength(1);
    expect(told).toEqual([]);
    const { catalogue, unfinished } = await openLogIndex(folder);
    expect([...catalogue.list()].map(({ sessionId }) => sessionId)).toEqual(finished);
    expect(unfinished).toEqual([]);
    catalogue.close();
  });

  test("of a client that goes quiet let go of its session", async () => {
    await post(json(sample(0)));
    await foreign.close();
    const [entry] = registry.all();
    expect(entry?.owner).toBeNull();
    expect(entry?.finished).toBe(false);
  });
});

test("what could not be written is written when that is possible again", async () => {
  const client = await rtcstats();
  say(client, ...frames.slice(0, 5));
  await onlySession((found) => samplesIn(found).length === 1);
  const [entry] = registry.all();
  const file = join(folder, entry?.file ?? "");
  // Writing fails as it does on a full disk; the log can be opened again.
  await entry?.log?.close();
  say(client, frames[5]);
  await expect.poll(() => told).toContain("disk problem");
  const records = await onlySession((found) => samplesIn(found).length === 2);
  expect(received(records)).toHaveLength(2);
  const { lastSequence, errors } = readSessionLog(new Uint8Array(readFileSync(file)));
  expect(errors).toEqual([]);
  await expect.poll(() => entry?.lastSequence).toBe(lastSequence);
});

test("nobody gets a session under an id that was erased", async () => {
  const begin = (): ReturnType<typeof createForeignSession> =>
    createForeignSession({
      registry,
      projectId: "default",
      sessionId: "erased-0001",
      onReplaced: () => {},
      onFull: () => {},
      onLost: () => {},
    });
  expect(begin()?.sessionId).toBe("erased-0001");
  await registry.erase("erased-0001");
  expect(begin()).toBeNull();
});

test("events keep the order and the times of the client", async () => {
  const client = await rtcstats();
  say(client, ...frames);
  client.socket.close();
  const records = await onlySession(endedIn);
  const events = records.filter((record): record is EventRecord => record.kind === "event");
  const connected = events.find(({ name }) => name === "connection-state-changed");
  expect(connected).toMatchObject({ at: startAt + 100, connectionId: "PC_0", data: { state: "connected" } });
});
