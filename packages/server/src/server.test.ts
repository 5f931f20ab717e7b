import { mkdtempSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createSessionObserver } from "@peerscope/observer";
import { generateSession, type SessionKind } from "@peerscope/scenarios";
import {
  createFrameEncoder,
  readSessionLog,
  type ServerMessage,
  type SessionRecord,
} from "@peerscope/schema";
import {
  apiErrorSchema,
  callSummarySchema,
  healthSchema,
  sessionListSchema,
  sessionSummarySchema,
  type SessionList,
  type SessionSummary,
} from "@peerscope/schema/api";
import { readServerConfig, startServer, type RunningServer } from "./index.ts";

const startAt = Date.UTC(2026, 3, 5, 6, 7, 8);
const kinds: readonly SessionKind[] = [
  "good",
  "loss",
  "jitter",
  "bandwidth",
  "outage",
  "ice-failure",
  "muted",
];

let folder = "";
let server: RunningServer;

function start(): Promise<RunningServer> {
  const env = {
    PORT: "0",
    PEERSCOPE_DATA: folder,
    PEERSCOPE_LOG_LEVEL: "silent",
    PEERSCOPE_SESSION_IDLE_MS: "2000",
  };
  return startServer(readServerConfig(env));
}

/** Two people in each call; names and tags with everything that could break a query. */
function recording(index: number): { sessionId: string; records: SessionRecord[]; createdAt: number } {
  const at = startAt + Math.floor(index / 2) * 60_000;
  const { records } = generateSession({
    seed: index,
    durationSeconds: 24,
    kind: kinds[index % kinds.length] ?? "good",
    startAt: at,
    userId: ["anna", "bo'b", "ünal 👋", '\\n\t"x'][index % 4] ?? "",
    callId: `call/${Math.floor(index / 2)}`,
  });
  const tags = { region: index % 3 === 0 ? "eu'--" : "us", build: `1.${index}`, odd: "a\ud800b" };
  const context: SessionRecord = { kind: "context", at, context: { tags } };
  return {
    sessionId: `generated-${String(index).padStart(2, "0")}`,
    records: [context, ...records],
    createdAt: at,
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function getJson(path: string): Promise<unknown> {
  const answer = await fetch(server.url + path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function list(query: Record<string, string> = {}): Promise<SessionList> {
  return sessionListSchema.parse(await getJson(`/api/sessions?${new URLSearchParams(query).toString()}`));
}

async function logOf(sessionId: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(`${server.url}/api/sessions/${sessionId}/log`)).arrayBuffer());
}

/** What `peerscope analyze` does with the bytes of a log. */
function offline(sessionId: string, log: Uint8Array): string {
  const observer = createSessionObserver({ sessionId });
  for (const record of readSessionLog(log).records) observer.push(record);
  return JSON.stringify(observer.finish());
}

const analysisText = async (sessionId: string): Promise<string> =>
  (await fetch(`${server.url}/api/sessions/${sessionId}/analysis`)).text();

/** Byte for byte; of two long texts that differ, the message shows where. */
function expectSame(text: string, expected: string): void {
  let at = 0;
  while (at < text.length && text[at] === expected[at]) at += 1;
  const around = (whole: string): string => whole.slice(Math.max(0, at - 60), at + 60);
  expect(text === expected ? "" : `${at}: ${around(text)} | ${around(expected)}`).toBe("");
}

interface Client {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[];
  acknowledged(): number;
}

async function connect(sessionId: string): Promise<Client> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/ingest`);
  const messages: ServerMessage[] = [];
  socket.on("message", (data: Buffer) => messages.push(JSON.parse(data.toString("utf8")) as ServerMessage));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  socket.send(JSON.stringify({ type: "hello", wireVersion: 3, sessionId, token: server.ingestKey }));
  const acknowledged = (): number =>
    Math.max(-1, ...messages.map((message) => (typeof message === "number" ? message : -1)));
  await expect.poll(() => messages[0]).toMatchObject({ type: "welcome" });
  return { socket, messages, acknowledged };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
  server = await start();
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("sessions from logs to pages", () => {
  const count = 14;

  beforeAll(async () => {
    for (let index = 0; index < count; index += 1)
      await server.importSession({ ...recording(index), sample: index < 2 });
    // Importing what is there does nothing.
    await server.importSession({ ...recording(0), records: [], sample: true });
    const before = await list({ limit: "500" });
    expect(before.total).toBe(count);
    await server.stop();
    // Nothing is in memory now: what is listed comes from the store.
    server = await start();
    for (const until = Date.now() + 20_000; (await list()).total < count && Date.now() < until;)
      await pause(100);
    expect((await list({ limit: "500" })).sessions.map(stable)).toEqual(before.sessions.map(stable));
  }, 60_000);

  /** Broken Unicode is replaced on its way into the store. */
  const stable = (session: SessionSummary): unknown => ({ ...session, tags: { ...session.tags, odd: "" } });

  test.each(["newest", "worst"] as const)("pages of %s are the list, each session once", async (sort) => {
    const whole = await list({ sort, limit: "500" });
    const paged: SessionSummary[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: SessionList = await list({ sort, limit: "4", ...(cursor === "" ? {} : { cursor }) });
      expect(page.total).toBe(count);
      paged.push(...page.sessions);
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(whole.sessions);
    const times = whole.sessions.map(({ startedAt }) => startedAt);
    if (sort === "newest") expect(times).toEqual(times.toSorted((a, b) => b - a));
    else expect(whole.sessions[0]?.scoreClass).toBe("failed");
  });

  const filters: [Record<string, string>, (session: SessionSummary) => boolean][] = [
    [{ user: "bo'b" }, ({ userId }) => userId === "bo'b"],
    [{ user: "ünal 👋" }, ({ userId }) => userId === "ünal 👋"],
    [{ user: '\\n\t"x' }, ({ userId }) => userId === '\\n\t"x'],
    [{ call: "call/3" }, ({ callId }) => callId === "call/3"],
    [{ tag: "region:eu'--" }, ({ tags }) => tags["region"] === "eu'--"],
    [{ tag: "region:us,build:1.4" }, ({ tags }) => tags["build"] === "1.4"],
    [{ q: "generated-1" }, ({ sessionId }) => sessionId.startsWith("generated-1")],
    [{ q: "ünal" }, ({ userId }) => userId?.startsWith("ünal") === true],
    [{ q: "call/6" }, ({ callId }) => callId === "call/6"],
    [{ q: "1.7" }, ({ tags }) => tags["build"] === "1.7"],
    [{ scoreClass: "failed" }, ({ scoreClass }) => scoreClass === "failed"],
    [
      { observation: "ice-checks-failed" },
      ({ observationIds }) => observationIds.includes("ice-checks-failed"),
    ],
    [{ live: "false" }, () => true],
  ];
  test.each(filters)("filter %j", async (query, matches) => {
    const all = await list({ limit: "500" });
    const expected = all.sessions.filter(matches).map(({ sessionId }) => sessionId);
    expect(expected.length).toBeGreaterThan(0);
    const found = await list(query);
    expect(found.sessions.map(({ sessionId }) => sessionId)).toEqual(expected);
    expect(found.total).toBe(expected.length);
  });

  test.each(["' OR 1=1 --", "%", "_", "\\'", "{q:String}", "'; DROP TABLE legs; --", "\0"])(
    "%j finds nothing and harms nothing, in every filter",
    async (text) => {
      for (const name of ["q", "user", "call", "observation", "scoreClass"]) {
        expect((await list({ [name]: text })).total, name).toBe(0);
      }
      expect((await list({ tag: `region:${text.replaceAll(",", "")}` })).total).toBe(0);
      expect((await list({ tag: `x${text.replaceAll(/[:,]/g, "")}:y` })).total).toBe(0);
      expect((await list()).total).toBe(count);
    },
  );

  test("the analysis is byte for byte what the log gives offline", async () => {
    for (let index = 0; index < count; index += 1) {
      const sessionId = `generated-${String(index).padStart(2, "0")}`;
      expectSame(await analysisText(sessionId), offline(sessionId, await logOf(sessionId)));
    }
  });

  test("a long answer is compressed for those who take that", async () => {
    const url = `${server.url}/api/sessions/generated-05/analysis`;
    const asked = (encoding: string): Promise<Response> =>
      fetch(url, { headers: { "accept-encoding": encoding } });
    const [packed, plain] = await Promise.all([asked("br, gzip"), asked("identity")]);
    expect(packed.headers.get("content-encoding")).toBe("gzip");
    expect(packed.headers.get("vary")).toContain("accept-encoding");
    expect(plain.headers.get("content-encoding")).toBe(null);
    const text = await plain.text();
    expect(text.length).toBeGreaterThan(4_096);
    expectSame(await packed.text(), text);
  });

  test("a session and its call", async () => {
    const session = sessionSummarySchema.parse(await getJson("/api/sessions/generated-05"));
    expect(session).toEqual((await list({ q: "generated-05" })).sessions[0]);
    expect(session).toMatchObject({ callId: "call/2", live: false, sample: false, projectId: "default" });
    const call = callSummarySchema.parse(await getJson(`/api/calls/${encodeURIComponent("call/2")}`));
    expect(call.sessions.map(({ sessionId }) => sessionId)).toEqual(["generated-04", "generated-05"]);
    expect(call.analysis).toMatchObject({ callId: "call/2", verdict: { faultDomain: expect.any(String) } });
  });

  test("a part of a log is that part", async () => {
    const whole = await logOf("generated-03");
    const answer = await fetch(`${server.url}/api/sessions/generated-03/log?from=100&waitMs=10000`);
    expect(answer.headers.get("x-peerscope-log-bytes")).toBe(String(whole.byteLength));
    expect(answer.headers.get("x-peerscope-live")).toBe("false");
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(whole.subarray(100));
    const end = await fetch(
      `${server.url}/api/sessions/generated-03/log?from=${whole.byteLength}&waitMs=10000`,
    );
    expect(await end.text()).toBe("");
  });
});

describe("a live session", () => {
  test("is listed at its hello, followed while it grows, and analysed as it would be offline", async () => {
    const { records } = generateSession({
      seed: 77,
      durationSeconds: 30,
      kind: "outage",
      startAt: Date.now() - 30_000,
    });
    const client = await connect("live-session-1");
    expect((await list({ live: "true" })).sessions).toMatchObject([
      { sessionId: "live-session-1", live: true, score: null },
    ]);
    const encoder = createFrameEncoder();
    const half = Math.floor(records.length / 2);
    client.socket.send(encoder.encode(records.slice(0, half)));
    await expect.poll(() => client.acknowledged()).toBe(0);
    const first = await logOf("live-session-1");
    const waiting = fetch(
      `${server.url}/api/sessions/live-session-1/log?from=${first.byteLength}&waitMs=10000`,
    );
    await pause(50);
    client.socket.send(encoder.encode(records.slice(half)));
    const more = await waiting;
    expect(more.headers.get("x-peerscope-live")).toBe("true");
    const whole = Buffer.concat([first, new Uint8Array(await more.arrayBuffer())]);
    await expect
      .poll(async () => (await list({ live: "true" })).sessions[0]?.score, { timeout: 5_000 })
      .not.toBeNull();
    client.socket.send('{"type":"bye"}');
    await expect.poll(async () => (await list({ live: "true" })).total).toBe(0);
    expect(Buffer.from(await logOf("live-session-1")).equals(whole)).toBe(true);
    expectSame(await analysisText("live-session-1"), offline("live-session-1", whole));
  });

  test("that comes back after its end is still one session, with one row", async () => {
    const { records } = generateSession({
      seed: 78,
      durationSeconds: 20,
      kind: "good",
      startAt: Date.now() - 20_000,
    });
    const encoder = createFrameEncoder();
    const total = (await list()).total;
    for (const part of [records.slice(0, 15), records.slice(15)]) {
      const client = await connect("returning-session");
      const sequence = encoder.nextSequence;
      expect(client.messages[0]).toMatchObject({ acknowledged: sequence - 1 });
      client.socket.send(encoder.encode(part));
      await expect.poll(() => client.acknowledged()).toBe(sequence);
      client.socket.send('{"type":"bye"}');
      await expect.poll(async () => (await list({ live: "true" })).total).toBe(0);
      await pause(1_500);
    }
    const found = await list({ q: "returning-session" });
    expect(found.total).toBe(1);
    expect((await list()).total).toBe(total + 1);
    expectSame(
      await analysisText("returning-session"),
      offline("returning-session", await logOf("returning-session")),
    );
    expect(found.sessions[0]).toMatchObject({ live: false });
    expect(found.sessions[0]?.lastAt).toBe(Math.round(records.at(-1)?.at ?? 0));
  });

  test("a frame that cannot be decoded stays in the log, and the analysis goes on at the next keyframe", async () => {
    const { records } = generateSession({
      seed: 79,
      durationSeconds: 20,
      kind: "good",
      startAt: Date.now() - 20_000,
    });
    const encoder = createFrameEncoder();
    const client = await connect("damaged-session");
    const frames = [
      encoder.encode(records.slice(0, 10)),
      encoder.encode(records.slice(10, 14)),
      encoder.encode(records.slice(14), { keyframe: true }),
    ];
    frames[1]?.fill(0xff, 20);
    for (const frame of frames) client.socket.send(frame);
    await expect.poll(() => client.acknowledged()).toBe(2);
    client.socket.send('{"type":"bye"}');
    await expect.poll(async () => (await list({ live: "true" })).total).toBe(0);
    const log = await logOf("damaged-session");
    const { lastSequence, errors } = readSessionLog(log);
    expect(lastSequence).toBe(2);
    expect(errors[0]).toMatchObject({ frameIndex: 1, code: "frame-corrupt" });
    expectSame(await analysisText("damaged-session"), offline("damaged-session", log));
  });
});

test("values that the store cannot take as they are do not keep a session, or its neighbours, out of it", async () => {
  const text = "a\ud800\0'\\\n\t\"{x:String}\u{1f600}";
  const records: SessionRecord[] = [
    {
      kind: "context",
      at: 1,
      context: { userId: text, callId: text, tags: { [text]: text }, browserName: text },
    },
    { kind: "event", at: -1e15, name: "app-event", data: { name: text } },
    { kind: "event", at: 1e15, name: "app-event", data: { name: text, deep: [[[text]]] } },
    {
      kind: "sample",
      at: 5,
      connectionId: text,
      stats: [{ id: text, type: "inbound-rtp", timestamp: -1, kind: text, packetsLost: -1e300 }],
    },
  ];
  const total = (await list()).total;
  await server.importSession({ sessionId: "hostile-values", records, sample: false, createdAt: startAt });
  await server.importSession({ ...recording(40), sample: false });
  await pause(2_500);
  await server.stop();
  server = await start();
  await expect.poll(async () => (await list()).total, { timeout: 15_000 }).toBe(total + 2);
  const [found] = (await list({ q: "hostile-values" })).sessions;
  expect(found?.userId).toBe(text.replace("\ud800", "\ufffd"));
  expectSame(await analysisText("hostile-values"), offline("hostile-values", await logOf("hostile-values")));
}, 60_000);

describe("when the store ends", () => {
  test("sessions go on, and their rows are there when it is back", async () => {
    const total = (await list()).total;
    const pid = server.enginePid ?? expect.fail();
    process.kill(pid, "SIGKILL");
    await expect.poll(async () => healthSchema.parse(await getJson("/healthz")).status).toBe("degraded");
    const client = await connect("during-outage");
    const { records } = generateSession({
      seed: 5,
      durationSeconds: 15,
      kind: "good",
      startAt: Date.now() - 15_000,
    });
    client.socket.send(createFrameEncoder().encode(records));
    await expect.poll(() => client.acknowledged()).toBe(0);
    client.socket.send('{"type":"bye"}');
    await expect
      .poll(async () => healthSchema.parse(await getJson("/healthz")).store, { timeout: 15_000 })
      .toBe("ok");
    expect((await list()).total).toBe(total + 1);
    await pause(2_500);
    await server.stop();
    server = await start();
    await expect.poll(async () => (await list({ q: "during-outage" })).total, { timeout: 15_000 }).toBe(1);
    expect((await list()).total).toBe(total + 1);
  }, 60_000);
});

describe("answers", () => {
  test.each([
    ["/api/nothing", 404, "route-unknown"],
    ["/api/sessions/no-such-session", 404, "session-unknown"],
    ["/api/sessions/..%2f..%2fsettings.sqlite/log", 404, "session-unknown"],
    ["/api/sessions/no-such-session/analysis", 404, "session-unknown"],
    ["/api/calls/none", 404, "call-unknown"],
    ["/api/sessions?limit=0", 400, "query-invalid"],
    ["/api/sessions?tag=nocolon", 400, "query-invalid"],
    ["/api/sessions?cursor=nonsense", 400, "cursor-invalid"],
    ["/api/sessions/generated-00/log?from=-1", 400, "query-invalid"],
    ["/api/sessions/generated-00/log?from=999999999", 400, "query-invalid"],
    ["/ingest", 426, "upgrade-required"],
    ["/api/%ff", 400, "query-invalid"],
  ])("%s: %i %s", async (path, status, code) => {
    const answer = await fetch(server.url + path);
    const { error } = apiErrorSchema.parse(await answer.json());
    expect([answer.status, error.code]).toEqual([status, code]);
    expect(error.docs).toBe(`docs/reference/errors.md#${code}`);
  });

  test.each([
    ["127.0.0.1", 200],
    ["localhost", 200],
    ["[::1]", 200],
    ["peerscope.example", 403],
    ["127.0.0.1.peerscope.example", 403],
  ])("under the name %s: %i", async (name, status) => {
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { host: `${name}:${server.port}` };
      get(`${server.url}/api/project`, { headers }, ({ statusCode }) => resolve(statusCode)).on(
        "error",
        reject,
      );
    });
    expect(answer).toBe(status);
  });

  test("every answer carries the security headers", async () => {
    for (const path of ["/healthz", "/api/sessions", "/api/nothing", "/"]) {
      const { headers } = await fetch(server.url + path);
      expect(headers.get("content-security-policy"), path).toContain("script-src 'self';");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
    }
  });
});
