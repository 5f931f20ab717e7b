import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFrameEncoder, maxFrameBytes, readSessionLog, type SessionRecord } from "@peerscope/schema";
import { ingestError, type IngestErrorCode } from "../errors.ts";
import type { FinishedCatalogue } from "../log/finished-catalogue.ts";
import { createGroupCommitter, type GroupCommitter } from "../log/group-commit.ts";
import { openLogIndex } from "../log/log-index.ts";
import { newPublicKey } from "../settings/new-settings.ts";
import { createIngestConnection, type IngestConnection } from "./ingest-connection.ts";
import type { ClientOrigin, IngestGate } from "./ingest-gate.ts";
import type { IngestLimits } from "./limits.ts";
import { testGate, testSettings, type TestSettings } from "./testing/test-gate.ts";
import { isLive } from "./session-entry.ts";
import { createSessionRegistry, type SessionRegistry } from "./session-registry.ts";
import { privacyGateOf } from "../privacy/testing/default-privacy.ts";

const ingestKey = "pk_0123456789abcdef";
const otherKey = "pk_of_another_project";
const sessionId = "session-under-test";

let folder = "";
let clock = Date.UTC(2026, 0, 2);
let committer: GroupCommitter;
let registry: SessionRegistry;
let catalogue: FinishedCatalogue;
let happened: string[] = [];
let settings: TestSettings;
let limits: Partial<IngestLimits> = {};
let gate: IngestGate;

async function openRegistry(): Promise<void> {
  const index = await openLogIndex(folder);
  catalogue = index.catalogue;
  committer = createGroupCommitter({ intervalMs: 0 });
  registry = createSessionRegistry({
    logsFolder: folder,
    committer,
    catalogue: index.catalogue,
    privacy: privacyGateOf(),
    idleMs: 60_000,
    now: () => clock,
    events: {
      opened: () => happened.push("opened"),
      grown: (entry) => happened.push(`grown to ${entry.lastSequence}`),
      finished: () => happened.push("finished"),
      left: () => {},
      forgotten: () => happened.push("forgotten"),
      problem: (_, error) => happened.push(`problem ${error.message.split(":")[0]}`),
    },
  });
  registry.adopt(index);
  gate = testGate({ registry, settings, limits, now: () => clock });
}

interface Client {
  readonly connection: IngestConnection;
  /** Parsed messages, "close 4400" for the end. */
  readonly got: unknown[];
  readonly refused: IngestErrorCode[];
  unread: number;
}

function connect(from: Partial<ClientOrigin> = {}): Client {
  const client: Client = { connection: undefined as never, got: [], refused: [], unread: 0 };
  const connection = createIngestConnection({
    registry,
    gate,
    from: { address: "192.0.2.1", pageOrigin: null, ...from },
    monotonicMs: () => clock,
    onOwing: () => client.got.push("owing"),
    onRefused: (code) => client.refused.push(code),
    socket: {
      send: (message) => client.got.push(JSON.parse(message)),
      close: (code) => client.got.push(`close ${code}`),
      pause: () => client.got.push("pause"),
      resume: () => client.got.push("resume"),
      unreadBytes: () => client.unread,
    },
  });
  return Object.assign(client, { connection });
}

const hello = (changes: Record<string, unknown> = {}): string =>
  JSON.stringify({ type: "hello", wireVersion: 3, sessionId, token: ingestKey, ...changes });

function connected(): Client {
  const client = connect();
  client.connection.onText(hello());
  return client;
}

function record(text: string): SessionRecord {
  return { kind: "event", at: clock, name: "app-event", data: { name: text } };
}

function frames(count: number, firstSequence = 0): Uint8Array[] {
  const encoder = createFrameEncoder({ firstSequence });
  return Array.from({ length: count }, (_, index) => encoder.encode([record(`${firstSequence + index}`)]));
}

/** A first frame that nothing makes smaller. */
function largeFrame(kilobytes: number): Uint8Array {
  const records = Array.from({ length: kilobytes / 10 }, () =>
    record(randomBytes(10_000).toString("base64")),
  );
  return createFrameEncoder().encode(records);
}

function onDisk(): ReturnType<typeof readSessionLog> {
  const entry = registry.get(sessionId);
  return readSessionLog(new Uint8Array(readFileSync(join(folder, entry?.file ?? ""))));
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
  happened = [];
  clock = Date.UTC(2026, 0, 2);
  limits = {};
  settings = testSettings(ingestKey);
  settings.keys.set(otherKey, newPublicKey("other", "of another project", 0, otherKey));
  await openRegistry();
});
afterEach(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("who is let in", () => {
  const answer = (token: string, from: Partial<ClientOrigin> = {}): unknown => {
    const client = connect(from);
    client.connection.onText(hello({ token }));
    return client.refused[0] ?? (client.got[0] as { type: string }).type;
  };
  const allow = (...allowedOrigins: string[]): void => {
    settings.keys.set(ingestKey, { ...newPublicKey("default", "of the test", 0, ingestKey), allowedOrigins });
  };

  test("a key that was revoked is told so, one that never was is not known", () => {
    settings.keys.set(otherKey, { ...newPublicKey("other", "", 0, otherKey), revokedAt: 1 });
    expect(answer(otherKey)).toBe("key-revoked");
    expect(answer(`${otherKey}x`)).toBe("token-invalid");
    expect(answer("")).toBe("token-invalid");
    expect(answer("__proto__")).toBe("token-invalid");
  });

  test.each<[string, string, string | null, boolean]>([
    ["its origin", "https://app.example", "https://app.example", true],
    ["another scheme", "https://app.example", "http://app.example", false],
    ["another port", "https://app.example", "https://app.example:8443", false],
    ["a name that begins alike", "https://app.example", "https://app.example.evil.example", false],
    ["a name below", "https://app.example", "https://a.app.example", false],
    ["a name below a wildcard", "https://*.example.com", "https://app.example.com", true],
    ["two below a wildcard", "https://*.example.com", "https://a.b.example.com", true],
    ["the name of the wildcard itself", "https://*.example.com", "https://example.com", false],
    ["a name that ends alike", "https://*.example.com", "https://evilexample.com", false],
    ["a login before the wildcard", "https://*.example.com", "https://evil.example/@a.example.com", false],
    ["nothing for the wildcard", "https://*.example.com", "https://.example.com", false],
    ["a wildcard with a port", "https://*.example.com:8443", "https://a.example.com:8443", true],
    ["the opaque origin", "https://app.example", "null", false],
    ["no origin", "https://app.example", null, false],
  ])("by origin: %s", (_, allowed, pageOrigin, isIn) => {
    allow("https://elsewhere.example", allowed);
    expect(answer(ingestKey, { pageOrigin })).toBe(isIn ? "welcome" : "key-origin-wrong");
  });

  test("a key without origins takes pages of all, and programs", () => {
    expect(answer(ingestKey, { pageOrigin: "https://any.example" })).toBe("welcome");
    expect(answer(ingestKey, { pageOrigin: null })).toBe("welcome");
  });

  test("an open session ends when its key is revoked, and not before", async () => {
    const client = connected();
    client.connection.onFrame(frames(1)[0] ?? new Uint8Array());
    await committer.flush();
    client.connection.review();
    expect(client.refused).toEqual([]);
    settings.keys.set(ingestKey, { ...newPublicKey("default", "", 0, ingestKey), revokedAt: clock });
    client.connection.review();
    expect(client.refused).toEqual(["key-withdrawn"]);
    expect(client.got.at(-2)).toMatchObject({ code: "key-withdrawn", retry: true });
    expect(onDisk().lastSequence).toBe(0);
  });
});

describe("how much is taken", () => {
  const open = (
    id: string,
    changes: Record<string, unknown> = {},
    from: Partial<ClientOrigin> = {},
  ): Client => {
    const client = connect(from);
    client.connection.onText(hello({ sessionId: id, ...changes }));
    return client;
  };

  test("sessions of a project at the same time, of that project only", async () => {
    const project = settings.projectsById.get("default") ?? expect.fail();
    settings.projectsById.set("default", { ...project, limits: { ...project.limits, maxLiveSessions: 2 } });
    const [first] = ["session-1", "session-2"].map((id) => open(id));
    expect(open("session-3").refused).toEqual(["project-sessions-exceeded"]);
    expect(open("session-4", { token: otherKey }).refused).toEqual([]);
    // Who is in already may connect again.
    expect(open("session-1").refused).toEqual([]);
    first?.connection.onClose();
    open("session-1").connection.onText('{"type":"bye"}');
    await expect.poll(() => registry.openOf("default")).toBe(1);
    expect(open("session-3").refused).toEqual([]);
  });

  test("new sessions of an address in a minute; who comes back begins none", () => {
    for (let count = 0; count < 600; count += 1) open(`session-${1_000 + count}`).connection.onClose();
    expect(open("session-one-more").refused).toEqual(["address-sessions-exceeded"]);
    expect(open("session-1000").refused).toEqual([]);
    expect(open("session-of-others", {}, { address: "192.0.2.2" }).refused).toEqual([]);
    clock += 1_000;
    expect(open("session-one-more").refused).toEqual([]);
  });

  test("a session that is as old as one may be is finished, kept, and followed by another one", async () => {
    const client = connected();
    client.connection.onFrame(frames(1)[0] ?? new Uint8Array());
    await committer.flush();
    clock += 24 * 3_600_000 + 1;
    client.connection.review();
    expect(client.got.at(-2)).toMatchObject({ code: "session-too-long", retry: false, renew: true });
    await expect.poll(() => registry.get(sessionId)?.finished).toBe(true);
    expect(onDisk().lastSequence).toBe(0);
    expect(open(sessionId).refused).toEqual(["session-too-long"]);
    expect(open("session-after-it").refused).toEqual([]);
  });

  test("a connection that says nothing for an hour ends, one that speaks does not", () => {
    const quiet = open("session-quiet");
    const busy = open("session-busy");
    clock += 3_600_000;
    busy.connection.onFrame(frames(1)[0] ?? new Uint8Array());
    clock += 1;
    for (const { connection } of [quiet, busy]) connection.review();
    expect([quiet.refused, busy.refused]).toEqual([["client-idle"], []]);
  });

  test("bytes: first it is read no further, then slowly, and at last refused", async () => {
    const project = settings.projectsById.get("default") ?? expect.fail();
    const maxBytesPerSecond = 100_000;
    settings.projectsById.set("default", { ...project, limits: { ...project.limits, maxBytesPerSecond } });
    const client = connected();
    // What comes again costs the same as what is new.
    const frame = largeFrame(700);
    const sendUntilOwing = (): void => {
      for (let count = 0; count < 20 && !client.got.includes("owing"); count += 1)
        client.connection.onFrame(frame);
      expect(client.got).toContain("owing");
    };
    client.connection.onFrame(frame);
    await committer.flush();
    sendUntilOwing();
    expect(client.connection.settle()).toBe(true);
    expect(client.got).not.toContain("resume");

    // Whoever connects again has no new reserve.
    client.connection.onClose();
    const again = connected();
    again.connection.onFrame(frame);
    expect(again.got).toContain("owing");
    expect(again.connection.settle()).toBe(true);
    clock += 60_000;
    expect(again.connection.settle()).toBe(false);
    expect(again.got.filter((what) => what === "resume")).toHaveLength(1);

    // It goes on like that for ten minutes.
    for (let minute = 0; minute < 12 && again.refused.length === 0; minute += 1) {
      for (let count = 0; count < 20; count += 1) again.connection.onFrame(frame);
      clock += 59_000;
      again.connection.settle();
    }
    expect(again.refused).toEqual(["rate-exceeded"]);
    expect(onDisk().errors).toEqual([]);
  });

  test("a client that was away for hours sends what it kept at once and is not held up", async () => {
    const client = connected();
    const frame = largeFrame(500);
    for (let count = 0; count < 8; count += 1) client.connection.onFrame(frame);
    await committer.flush();
    expect(client.got).not.toContain("owing");
  });
});

test("a session whose log is in the archive waits for it, and for nothing else", async () => {
  const first = connected();
  first.connection.onFrame(frames(1)[0] ?? new Uint8Array());
  await committer.flush();
  first.connection.onText('{"type":"bye"}');
  await expect.poll(() => registry.get(sessionId)?.finished).toBe(true);
  const brought: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  const restore = (): Promise<void> => new Promise((resolve, reject) => brought.push({ resolve, reject }));
  gate = testGate({ registry, settings, now: () => clock, restore });

  const impatient = connected();
  impatient.connection.onFrame(frames(1, 1)[0] ?? new Uint8Array());
  expect(impatient.refused).toEqual(["hello-expected"]);
  const unlucky = connected();
  brought[1]?.reject(new Error("the archive is away"));
  await expect.poll(() => unlucky.refused).toEqual(["log-away"]);
  const gone = connected();
  gone.connection.onClose();
  brought[2]?.resolve();
  const patient = connected();
  expect(patient.connection.isSilent()).toBe(false);
  brought[3]?.resolve();
  await expect
    .poll(() => patient.got)
    .toEqual([expect.objectContaining({ type: "welcome", acknowledged: 0 })]);
  expect(gone.got).toEqual([]);
});

test("a log that is being erased is not brought back from the archive", async () => {
  const first = connected();
  first.connection.onFrame(frames(1)[0] ?? new Uint8Array());
  await committer.flush();
  first.connection.onText('{"type":"bye"}');
  await expect.poll(() => registry.get(sessionId)?.finished).toBe(true);
  vi.spyOn(registry, "isErased").mockReturnValue(true);
  gate = testGate({ registry, settings, now: () => clock, restore: () => expect.fail() });
  expect(connected().refused).toEqual(["session-erased"]);
});

test("whatever a hello says, it is refused with a code or welcomed, and nothing is thrown", () => {
  const values = [
    0,
    -1,
    1e300,
    "",
    "x".repeat(3_000),
    null,
    [],
    {},
    true,
    "pk_",
    "a.b.c",
    "a.".repeat(2_500),
    "bye",
    "../..",
    "\u0000",
    "💥",
  ];
  const codes = new Set<string>();
  for (const member of ["type", "wireVersion", "sessionId", "token", "privacy", "__proto__", "constructor"]) {
    for (const value of values) {
      const client = connect();
      client.connection.onText(
        `{${hello().slice(1, -1)},${JSON.stringify(member)}:${JSON.stringify(value)}}`,
      );
      codes.add(client.refused[0] ?? "welcome");
      expect(client.got).toHaveLength(client.refused.length === 0 ? 1 : 2);
    }
  }
  const text = hello();
  for (let at = 0; at < text.length; at += 1) {
    for (const changed of [
      text.slice(0, at),
      `${text.slice(0, at)}\u0000${text.slice(at + 1)}`,
      text.slice(at),
    ]) {
      const client = connect();
      client.connection.onText(changed);
      codes.add(client.refused[0] ?? "welcome");
    }
  }
  for (const deep of ["[".repeat(4_000), `{"type":${"[".repeat(2_000)}${"]".repeat(2_000)}}`]) {
    const client = connect();
    client.connection.onText(deep);
    codes.add(client.refused[0] ?? "welcome");
  }
  expect([...codes].toSorted()).toEqual([
    "hello-expected",
    "message-invalid",
    "session-id-invalid",
    "token-invalid",
    "token-too-long",
    "welcome",
    "wire-version-unsupported",
  ]);
});

test("a session that was erased is not begun again, and its client is told so", async () => {
  connected().connection.onFrame(frames(1)[0] ?? new Uint8Array());
  await committer.flush();
  await registry.erase(sessionId);
  const again = connect();
  again.connection.onText(hello());
  expect(again.got).toEqual([
    expect.objectContaining({ code: "session-erased", retry: false }),
    "close 4410",
  ]);
  expect(registry.get(sessionId)).toBeUndefined();
});

describe("a session of another project", () => {
  test("is as good as not there, also after a restart", async () => {
    const first = connected();
    first.connection.onFrame(frames(1)[0] ?? new Uint8Array());
    await committer.flush();
    const refusal = [expect.objectContaining({ code: "session-id-taken", retry: false }), "close 4400"];
    const stranger = connect();
    stranger.connection.onText(hello({ token: otherKey }));
    expect(stranger.got).toEqual(refusal);
    // Nothing was done to who has it.
    first.connection.onFrame(frames(1, 1)[0] ?? new Uint8Array());
    await committer.flush();
    expect(first.got.at(-1)).toBe(1);

    await registry.close();
    await openRegistry();
    expect(registry.get(sessionId)?.projectId).toBe("default");
    const later = connect();
    later.connection.onText(hello({ token: otherKey }));
    expect(later.got).toEqual(refusal);
    expect(onDisk().header?.projectId).toBe("default");
  });
});

describe("what a client may not do", () => {
  const cases: [string, IngestErrorCode, (client: Client) => void][] = [
    ["text that is not JSON", "message-invalid", ({ connection }) => connection.onText("hello?")],
    ["JSON that is no message", "message-invalid", ({ connection }) => connection.onText('{"type":"sudo"}')],
    [
      "a huge text",
      "message-invalid",
      ({ connection }) => connection.onText(hello({ pad: "x".repeat(9_000) })),
    ],
    ["bye first", "hello-expected", ({ connection }) => connection.onText('{"type":"bye"}')],
    [
      "a frame first",
      "hello-expected",
      ({ connection }) => connection.onFrame(frames(1)[0] ?? new Uint8Array()),
    ],
    ["a wrong key", "token-invalid", ({ connection }) => connection.onText(hello({ token: "pk_guess" }))],
    ["an empty key", "token-invalid", ({ connection }) => connection.onText(hello({ token: "" }))],
    [
      "another version",
      "wire-version-unsupported",
      ({ connection }) => connection.onText(hello({ wireVersion: 1 })),
    ],
    [
      "a path as id",
      "session-id-invalid",
      ({ connection }) => connection.onText(hello({ sessionId: "../../etc/passwd" })),
    ],
    ["a short id", "session-id-invalid", ({ connection }) => connection.onText(hello({ sessionId: "abc" }))],
  ];
  test.each(cases)("before hello: %s", (_, code, act) => {
    const client = connect();
    act(client);
    const { closeCode, retry } = ingestError(code);
    expect(client.got).toEqual([
      { type: "error", code, message: expect.any(String), retry },
      `close ${closeCode}`,
    ]);
    expect(client.refused).toEqual([code]);
    expect([...registry.all()]).toEqual([]);
  });

  const whileOpen: [string, IngestErrorCode, () => Uint8Array][] = [
    ["an empty message", "frame-too-short", () => new Uint8Array()],
    [
      "something else",
      "frame-not-peerscope",
      () => new TextEncoder().encode("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    ],
    ["more than 1 MiB", "frame-too-large", () => new Uint8Array(maxFrameBytes + 1)],
    ["a frame after a hole", "sequence-gap", () => frames(1, 7)[0] ?? new Uint8Array()],
  ];
  test.each(whileOpen)("after two good frames: %s; both are kept", async (_, code, bad) => {
    const client = connected();
    for (const frame of frames(2)) client.connection.onFrame(frame);
    client.connection.onFrame(bad());
    expect(client.refused).toEqual([code]);
    expect(client.got.at(-1)).toBe(`close ${ingestError(code).closeCode}`);
    await committer.flush();
    expect(onDisk().lastSequence).toBe(1);
    const again = connected();
    expect(again.got[0]).toMatchObject({ type: "welcome", acknowledged: 1 });
  });

  test("leave its answers unread without end", async () => {
    const client = connected();
    client.unread = 2 << 20;
    client.connection.onFrame(frames(1)[0] ?? new Uint8Array());
    await committer.flush();
    expect(client.refused).toEqual(["client-too-slow"]);
    expect(onDisk().lastSequence).toBe(0);
  });
});

describe("a session", () => {
  test("is acknowledged only what is on disk", async () => {
    const client = connected();
    expect(client.got).toEqual([{ type: "welcome", acknowledged: -1, maxFrameBytes }]);
    for (const frame of frames(3)) client.connection.onFrame(frame);
    expect(client.got).toHaveLength(1);
    await committer.flush();
    const acks = client.got.slice(1);
    expect(acks.at(-1)).toBe(2);
    const read = onDisk();
    expect(read.lastSequence).toBe(2);
    // The country is that of the address, which is not kept.
    expect(read.header).toEqual({ sessionId, projectId: "default", createdAt: clock, country: "DE" });
    expect(read.records).toHaveLength(3);
  });

  test("that sends a frame again gets it acknowledged and not stored twice", async () => {
    const client = connected();
    const sent = frames(3);
    for (const frame of [...sent, ...sent]) client.connection.onFrame(frame);
    await committer.flush();
    client.connection.onFrame(sent[0] ?? new Uint8Array());
    expect(client.got.at(-1)).toBe(2);
    expect(onDisk().records).toHaveLength(3);
  });

  test("is taken over by a second connection, also in the middle of a commit", async () => {
    const first = connected();
    const [zero, one, two] = frames(3);
    first.connection.onFrame(zero ?? new Uint8Array());
    const second = connected();
    expect(first.refused).toEqual(["session-replaced"]);
    // Not yet on disk, so the client is asked for it again; it is already on its way and not stored twice.
    expect(second.got[0]).toMatchObject({ acknowledged: -1 });
    for (const frame of [zero, one, two]) second.connection.onFrame(frame ?? new Uint8Array());
    first.connection.onFrame(one ?? new Uint8Array());
    await committer.flush();
    expect(second.got.at(-1)).toBe(2);
    expect(onDisk().records).toHaveLength(3);
    first.connection.onClose();
    expect(isLive(registry.get(sessionId) ?? expect.fail(), clock + 1e9)).toBe(true);
  });

  test("ends with bye, and comes back", async () => {
    const client = connected();
    const sent = frames(4);
    client.connection.onFrame(sent[0] ?? new Uint8Array());
    client.connection.onText('{"type":"bye"}');
    await committer.flush();
    await expect.poll(() => happened.at(-1)).toBe("finished");
    expect(client.got.at(-1)).toBe("close 1000");
    await expect.poll(() => [...catalogue.list()].length).toBe(1);
    const again = connected();
    expect(again.got[0]).toMatchObject({ acknowledged: 0 });
    again.connection.onFrame(sent[1] ?? new Uint8Array());
    await committer.flush();
    expect(onDisk().records).toHaveLength(2);
    expect(happened).toEqual(["opened", "grown to 0", "finished", "opened", "grown to 1"]);
  });

  test("without a single frame leaves nothing", async () => {
    connected().connection.onText('{"type":"bye"}');
    await expect.poll(() => happened).toEqual(["opened", "forgotten"]);
    expect(registry.get(sessionId)).toBeUndefined();
  });

  test("without connection is live for 30 s and finished after the idle time", async () => {
    const client = connected();
    client.connection.onFrame(frames(1)[0] ?? new Uint8Array());
    await committer.flush();
    const entry = registry.get(sessionId) ?? expect.fail();
    clock += 3_600_000;
    registry.sweep();
    expect(isLive(entry, clock)).toBe(true);
    client.connection.onClose();
    expect(isLive(entry, clock)).toBe(false);
    clock += 59_999;
    registry.sweep();
    await committer.flush();
    expect(entry.finished).toBe(false);
    clock += 1;
    registry.sweep();
    await expect.poll(() => entry.finished).toBe(true);
  });

  test("that was open at a crash goes on where its log ends, and has the idle time to come back", async () => {
    const client = connected();
    const sent = frames(4);
    for (const frame of sent.slice(0, 3)) client.connection.onFrame(frame);
    await committer.flush();
    await registry.close();
    clock += 10 * 60_000;
    await openRegistry();
    const entry = registry.get(sessionId) ?? expect.fail();
    registry.sweep();
    await committer.flush();
    expect(entry.finished).toBe(false);
    const again = connected();
    expect(again.got[0]).toMatchObject({ acknowledged: 2 });
    again.connection.onFrame(sent[3] ?? new Uint8Array());
    await committer.flush();
    expect(onDisk().records).toHaveLength(4);
  });

  test("whose log cannot be written is told so, loses nothing acknowledged, and goes on when there is room", async () => {
    // A file where the day's folder has to be.
    const path = join(folder, "default/2026-01-02");
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "");
    const client = connected();
    const sent = frames(2);
    for (const frame of sent) client.connection.onFrame(frame);
    await committer.flush();
    expect(client.refused).toEqual(["log-write-failed"]);
    expect(client.got).not.toContainEqual(expect.any(Number));
    expect(happened.at(-1)).toMatch(/^problem /);
    rmSync(path);
    const again = connected();
    expect(again.got[0]).toMatchObject({ acknowledged: -1 });
    for (const frame of sent) again.connection.onFrame(frame);
    await committer.flush();
    expect(again.got.at(-1)).toBe(1);
    expect(onDisk().records).toHaveLength(2);
  });

  test("that sends faster than the disk writes is not read any further", async () => {
    const client = connected();
    const encoder = createFrameEncoder();
    // Noise, of which the codec makes nothing smaller.
    const records = Array.from({ length: 40 }, () => record(randomBytes(15_000).toString("base64")));
    for (let sent = 0; sent < 5 << 20;) {
      const frame = encoder.encode(records, { keyframe: true });
      sent += frame.byteLength;
      client.connection.onFrame(frame);
    }
    expect(client.got.at(-1)).toBe("pause");
    await committer.flush();
    expect(client.got).toContain("resume");
  });

  test("that nobody changes lets a reader wait, and one that grows wakes it", async () => {
    const client = connected();
    const entry = registry.get(sessionId) ?? expect.fail();
    const before = Date.now();
    await registry.changed(entry, 20);
    expect(Date.now() - before).toBeGreaterThanOrEqual(15);
    const woken = registry.changed(entry, 60_000);
    client.connection.onFrame(frames(1)[0] ?? new Uint8Array());
    await woken;
    expect(entry.lastSequence).toBe(0);
  });
});
