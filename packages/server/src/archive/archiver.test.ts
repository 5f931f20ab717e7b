import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { LogReference } from "../ingest/session-registry.ts";
import { openFinishedCatalogue, type FinishedCatalogue } from "../log/finished-catalogue.ts";
import { openLogIndex } from "../log/log-index.ts";
import { logPath } from "../log/log-path.ts";
import { encodeSessionLogEntry, encodeSessionLogHeader, createFrameEncoder } from "@peerscope/schema";
import { parseArchiveAddress } from "./archive-address.ts";
import { createArchiveStorage, type ArchiveStorage } from "./archive-storage.ts";
import { createArchive, type Archive } from "./archive.ts";
import { createArchiver, type Archiver } from "./archiver.ts";
import { createFolderStorage } from "./folder-storage.ts";
import { createLogAccess, type LogAccess } from "./log-access.ts";
import { startS3Server, type S3TestServer } from "./testing/s3-server.ts";

const createdAt = Date.UTC(2026, 2, 4, 5, 6, 7);
const afterMs = 600_000;
let folder = "";
let now = 0;
let busy = new Set<string>();
let problems: string[] = [];
let catalogue: FinishedCatalogue;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
  for (const name of ["logs", "kept"]) mkdirSync(join(folder, name));
  now = createdAt + 10 * afterMs;
  busy = new Set();
  problems = [];
  catalogue = openFinishedCatalogue(join(folder, "logs", "finished.sqlite"));
});
afterEach(() => {
  catalogue.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A real log of a session, so that a start can read it. */
function logBytes(sessionId: string, frames: number): Buffer {
  const encoder = createFrameEncoder();
  const entries = Array.from({ length: frames }, (_, index) =>
    encodeSessionLogEntry(
      encoder.encode([
        { kind: "event", at: createdAt + index, name: "app-event", data: { name: `event ${index}` } },
      ]),
    ),
  );
  return Buffer.concat([encodeSessionLogHeader({ sessionId, projectId: "default", createdAt }), ...entries]);
}

const pathOf = (sessionId: string): string => join(folder, "logs", logPath("default", sessionId, createdAt));

function finish(sessionId: string, frames = 3, endedAt = createdAt + frames): Buffer {
  const bytes = logBytes(sessionId, frames);
  mkdirSync(dirname(pathOf(sessionId)), { recursive: true });
  writeFileSync(pathOf(sessionId), bytes);
  catalogue.add({
    sessionId,
    projectId: "default",
    sample: false,
    createdAt,
    endedAt,
    bytes: bytes.length,
    lastSequence: frames - 1,
  });
  return bytes;
}

interface Setting {
  readonly archive: Archive;
  readonly archiver: Archiver;
  readonly access: LogAccess;
}

function set(storage: ArchiveStorage, cacheBytes?: number): Setting {
  const archive = createArchive({ storage, now: () => now, random: () => 1 });
  const logsFolder = join(folder, "logs");
  const access = createLogAccess({
    catalogue,
    archive,
    logsFolder,
    cacheFolder: join(folder, "cache"),
    now: () => now,
    ...(cacheBytes === undefined ? {} : { cacheBytes }),
  });
  const archiver = createArchiver({
    archive,
    catalogue,
    logsFolder,
    afterMs,
    isBusy: (sessionId) => busy.has(sessionId) || access.isHeld(sessionId),
    now: () => now,
    onProblem: (sessionId, error) => problems.push(`${sessionId} ${error.message.split(":")[0]}`),
  });
  access.archiver = archiver;
  return { archive, archiver, access };
}

function reference(sessionId: string): LogReference {
  const { bytes } = catalogue.get(sessionId) ?? expect.fail();
  return {
    sessionId,
    projectId: "default",
    path: pathOf(sessionId),
    bytes,
    createdAt,
    finished: true,
    sample: false,
  };
}

const kept = (): ArchiveStorage => createFolderStorage(join(folder, "kept"));
const namesIn = async (storage: ArchiveStorage): Promise<string[]> => {
  const names: string[] = [];
  for await (const { name } of storage.list("")) names.push(name);
  return names.toSorted();
};

describe.each(["folder", "s3"] as const)("an archive in a %s", (kind) => {
  let server: S3TestServer | null = null;

  beforeAll(async () => {
    if (kind !== "s3") return;
    vi.stubEnv("AWS_ACCESS_KEY_ID", "S3RVER");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "S3RVER");
    server = await startS3Server();
  });
  afterAll(async () => {
    await server?.close();
    vi.unstubAllEnvs();
  });

  function storage(): ArchiveStorage {
    return server === null ? kept() : createArchiveStorage(parseArchiveAddress(server.freshAddress()));
  }

  test("has what is old enough and not needed, and the local file goes once it is there", async () => {
    const place = storage();
    const { archiver, access } = set(place);
    const first = finish("session-1", 400);
    finish("session-busy");
    finish("session-fresh", 3, now - afterMs + 1);
    busy.add("session-busy");
    await archiver.run();
    expect(existsSync(pathOf("session-1"))).toBe(false);
    expect(existsSync(pathOf("session-busy"))).toBe(true);
    expect(existsSync(pathOf("session-fresh"))).toBe(true);
    const sha256 = createHash("sha256").update(first).digest("hex");
    expect(await namesIn(place)).toEqual([
      `default/2026-03-04/session-1.${createdAt}.${createdAt + 400}.399.${first.length}.${sha256}.pslog`,
    ]);
    expect(archiver.state).toEqual({ status: "ok", waiting: 1, lastError: null });
    const read = await access.use(reference("session-1"), async ({ path }) => readFileSync(path));
    expect(read.equals(first)).toBe(true);
    expect(problems).toEqual([]);
    place.close();
  });

  test("gives back a session that goes on, and then has only the longer log", async () => {
    const place = storage();
    const { archiver, access } = set(place);
    const short = finish("session-1", 3);
    await archiver.run();
    expect(access.restore("session-unknown")).toBeNull();
    const [one, other] = [access.restore("session-1"), access.restore("session-1")];
    expect(one).toBe(other);
    await one;
    expect(readFileSync(pathOf("session-1")).equals(short)).toBe(true);
    expect(access.restore("session-1")).toBeNull();
    // Its client was told that it can go on, and is on its way.
    await archiver.run();
    expect(existsSync(pathOf("session-1"))).toBe(true);
    const longer = finish("session-1", 5);
    now += afterMs;
    await archiver.run();
    const names = await namesIn(place);
    expect(names).toHaveLength(1);
    expect(names[0]).toContain(`.4.${longer.length}.`);
    expect(catalogue.get("session-1")).toMatchObject({ isLocal: false, archivedAs: names[0] });
    place.close();
  });

  test("is enough to make the catalogue again", async () => {
    const place = storage();
    const { archiver, archive } = set(place);
    for (let i = 0; i < 12; i += 1) finish(`session-${i}`, i + 1);
    await archiver.run();
    const before = [...catalogue.list()];
    expect(before.filter(({ isLocal }) => isLocal)).toEqual([]);
    catalogue.close();
    for (const end of ["", "-wal", "-shm"])
      rmSync(join(folder, "logs", `finished.sqlite${end}`), { force: true });
    ({ catalogue } = await openLogIndex(join(folder, "logs"), { archive }));
    expect([...catalogue.list()]).toEqual(before);
    place.close();
  });

  test("lets go of everything of a session, and of no other", async () => {
    const place = storage();
    const { archiver, access } = set(place);
    finish("session-1");
    finish("session-1x");
    await archiver.run();
    await access.use(reference("session-1"), async () => {});
    const log = catalogue.get("session-1") ?? expect.fail();
    access.removeLocal(log);
    expect(await access.removeArchived(log)).toBe(log.bytes);
    expect(catalogue.get("session-1")).toBeNull();
    expect(await namesIn(place)).toEqual([expect.stringContaining("session-1x.")]);
    await expect.poll(() => readdirSync(join(folder, "cache"))).toEqual([]);
    place.close();
  });
});

/** A storage that does something else first. */
function meddling(meddle: Partial<ArchiveStorage>): ArchiveStorage {
  return { ...kept(), ...meddle };
}

test("an archive that is down is asked again after pauses, says so, and catches up", async () => {
  let isDown = true;
  let asked = 0;
  const inner = kept();
  const { archiver, access } = set(
    meddling({
      async put(name, upload) {
        asked += 1;
        if (isDown) throw new Error("connection refused");
        await inner.put(name, upload);
      },
    }),
  );
  for (let i = 0; i < 20; i += 1) finish(`session-${i}`);
  const downSince = now;
  await archiver.run();
  const firstRound = asked;
  expect(firstRound).toBeLessThanOrEqual(4);
  expect(archiver.state).toEqual({
    status: "down",
    waiting: 20,
    lastError: { message: "connection refused", since: downSince },
  });
  await archiver.run();
  expect(asked).toBe(firstRound);
  // An hour of it: the pauses grow to two minutes.
  for (const until = now + 3_600_000; now < until; now += 1_000) await archiver.run();
  expect(asked - firstRound).toBeGreaterThan(25);
  expect(asked - firstRound).toBeLessThan(45);
  expect(problems).toEqual([]);
  // Logs that are here are read as ever.
  expect(await access.use(reference("session-3"), async ({ path }) => path)).toBe(pathOf("session-3"));
  isDown = false;
  now += 120_000;
  await archiver.run();
  await archiver.run();
  expect(archiver.state).toEqual({ status: "ok", waiting: 0, lastError: null });
  expect(await namesIn(inner)).toHaveLength(20);
});

test("what it gives back wrong or short is not believed, and the local file stays", async () => {
  const inner = kept();
  let spoil = (bytes: Buffer): Buffer => bytes;
  const { archiver, access } = set(
    meddling({
      async get(name) {
        const stream = await inner.get(name);
        if (stream === null) return null;
        const parts: Buffer[] = [];
        for await (const part of stream as AsyncIterable<Buffer>) parts.push(part);
        return Readable.from([spoil(Buffer.concat(parts))]);
      },
    }),
  );
  const bytes = finish("session-1");
  const spoilers = [
    (whole: Buffer) => whole.subarray(1),
    (whole: Buffer) => Buffer.concat([whole, Buffer.alloc(1)]),
    (whole: Buffer) => Buffer.alloc(whole.length),
  ];
  for (const [index, spoiler] of spoilers.entries()) {
    spoil = spoiler;
    await archiver.run();
    expect(problems).toHaveLength(index + 1);
    expect(problems.at(-1)).toBe("session-1 archive-log-damaged");
    expect(readFileSync(pathOf("session-1")).equals(bytes)).toBe(true);
    expect(catalogue.get("session-1")).toMatchObject({ isLocal: true, archivedAs: null });
    await archiver.run();
    expect(problems).toHaveLength(index + 1);
    now += afterMs;
  }
  spoil = (whole) => whole;
  await archiver.run();
  expect(existsSync(pathOf("session-1"))).toBe(false);
  // And later, when only the archive has it.
  spoil = (whole) => whole.subarray(1);
  await expect(access.hold(reference("session-1"))).rejects.toMatchObject({ code: "archive-log-damaged" });
  await expect(access.restore("session-1")).rejects.toMatchObject({ code: "archive-log-damaged" });
  expect(existsSync(pathOf("session-1"))).toBe(false);
  expect(readdirSync(join(folder, "cache"))).toEqual([]);
  expect(catalogue.get("session-1")?.isLocal).toBe(false);
  spoil = (whole) => whole;
  await access.restore("session-1");
  expect(readFileSync(pathOf("session-1")).equals(bytes)).toBe(true);
});

describe("killed", () => {
  /** What the next process finds: the same disk, and nothing in memory. */
  async function restart(isCatalogueLost = false): Promise<Setting> {
    catalogue.close();
    if (isCatalogueLost)
      for (const end of ["", "-wal", "-shm"])
        rmSync(join(folder, "logs", `finished.sqlite${end}`), { force: true });
    const setting = set(kept());
    const index = await openLogIndex(join(folder, "logs"), { archive: setting.archive });
    ({ catalogue } = index);
    expect(index.problems).toEqual([]);
    expect(index.unfinished).toEqual([]);
    return set(kept());
  }

  const steps: readonly [string, (kill: () => never) => Partial<ArchiveStorage>][] = [
    ["before the upload", (kill) => ({ put: async () => kill() })],
    [
      "after the upload",
      (kill) => ({
        async put(name, upload) {
          await kept().put(name, upload);
          kill();
        },
      }),
    ],
    ["before it was read back", (kill) => ({ get: async () => kill() })],
  ];

  test.each(steps)("%s, it archives again what it had not finished", async (_step, meddle) => {
    const bytes = finish("session-1");
    const { archiver } = set(
      meddling(
        meddle(() => {
          throw new Error("killed");
        }),
      ),
    );
    await archiver.run();
    expect(readFileSync(pathOf("session-1")).equals(bytes)).toBe(true);
    const next = await restart();
    now += afterMs;
    await next.archiver.run();
    expect(existsSync(pathOf("session-1"))).toBe(false);
    expect(await namesIn(kept())).toHaveLength(1);
    const held = await next.access.hold(reference("session-1"));
    expect(readFileSync(held.log.path).equals(bytes)).toBe(true);
    held.release();
  });

  test("between the catalogue and the removal of the file, the file is there and is archived again", async () => {
    const bytes = finish("session-1");
    await set(kept()).archiver.run();
    const [name = ""] = await namesIn(kept());
    mkdirSync(dirname(pathOf("session-1")), { recursive: true });
    writeFileSync(pathOf("session-1"), bytes);
    expect(catalogue.get("session-1")).toMatchObject({ isLocal: false, archivedAs: name });
    const next = await restart();
    expect(catalogue.get("session-1")).toMatchObject({ isLocal: true, archivedAs: name });
    await next.archiver.run();
    expect(existsSync(pathOf("session-1"))).toBe(false);
    expect(await namesIn(kept())).toEqual([name]);
  });

  test("before the older copy was removed, the newer one counts, and the next end removes both", async () => {
    finish("session-1", 2);
    await set(kept()).archiver.run();
    await (set(kept()).access.restore("session-1") ?? expect.fail());
    finish("session-1", 4);
    await set(
      meddling({
        remove: async () => {
          throw new Error("killed");
        },
      }),
    ).archiver.run();
    expect(await namesIn(kept())).toHaveLength(2);
    const next = await restart(true);
    await (next.access.restore("session-1") ?? expect.fail());
    expect(readFileSync(pathOf("session-1")).equals(logBytes("session-1", 4))).toBe(true);
    finish("session-1", 6);
    now += afterMs;
    await next.archiver.run();
    expect(await namesIn(kept())).toHaveLength(1);
  });
});

describe("a session that", () => {
  /** Something happens while the log is on its way. */
  function during(happens: () => void): Setting {
    const inner = kept();
    return set(
      meddling({
        async put(name, upload) {
          await inner.put(name, upload);
          happens();
        },
      }),
    );
  }

  test("comes back while it is archived keeps its file, and its end leaves one copy", async () => {
    const { archiver } = during(() => busy.add("session-1"));
    finish("session-1");
    await archiver.run();
    expect(existsSync(pathOf("session-1"))).toBe(true);
    expect(catalogue.get("session-1")?.isLocal).toBe(true);
    finish("session-1", 8);
    busy.clear();
    const next = set(kept());
    await next.archiver.run();
    expect(existsSync(pathOf("session-1"))).toBe(false);
    expect(await namesIn(kept())).toEqual([expect.stringMatching(/session-1\.\d+\.\d+\.7\./)]);
  });

  test("is erased while it is archived is nowhere", async () => {
    let erased: Promise<number> = Promise.resolve(-1);
    const setting = during(() => {
      const log = catalogue.get("session-1") ?? expect.fail();
      setting.access.removeLocal(log);
      erased = setting.access.removeArchived(log);
    });
    finish("session-1");
    await setting.archiver.run();
    expect(await erased).toBeGreaterThanOrEqual(0);
    expect(await namesIn(kept())).toEqual([]);
    expect(existsSync(pathOf("session-1"))).toBe(false);
    expect(catalogue.get("session-1")).toBeNull();
  });

  test("is read while it is due stays until that is over", async () => {
    const { archiver, access } = set(kept());
    finish("session-1");
    const held = await access.hold(reference("session-1"));
    await archiver.run();
    expect(existsSync(held.log.path)).toBe(true);
    held.release();
    await archiver.run();
    expect(existsSync(held.log.path)).toBe(false);
  });
});

test("copies out of the archive are shared, and kept as far as there is room", async () => {
  let fetched = 0;
  const inner = kept();
  const one = finish("session-1", 200).length;
  const { archiver } = set(inner);
  for (const id of ["session-2", "session-3"]) finish(id, 200);
  await archiver.run();
  const { access } = set(
    meddling({
      get(name) {
        fetched += 1;
        return inner.get(name);
      },
    }),
    one * 2.5,
  );
  const [first, again] = await Promise.all([
    access.hold(reference("session-1")),
    access.hold(reference("session-1")),
  ]);
  expect(first.log.path).toBe(again.log.path);
  expect(fetched).toBe(1);
  again.release();
  again.release();
  for (const id of ["session-2", "session-3"]) (await access.hold(reference(id))).release();
  // The one that is held is the oldest, and stays.
  expect(existsSync(first.log.path)).toBe(true);
  await expect.poll(() => readdirSync(join(folder, "cache")).length).toBe(2);
  first.release();
  (await access.hold(reference("session-3"))).release();
  expect(fetched).toBe(3);
  (await access.hold(reference("session-2"))).release();
  expect(fetched).toBe(4);
});

test("a folder that is not there is not made: nothing is put where a drive should be", async () => {
  rmSync(join(folder, "kept"), { recursive: true });
  const { archiver } = set(kept());
  finish("session-1");
  await archiver.run();
  expect(archiver.state).toMatchObject({ status: "down", waiting: 1 });
  expect(existsSync(join(folder, "kept"))).toBe(false);
});
