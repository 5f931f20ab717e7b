import {
  existsSync,
  mkdtempSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createFrameEncoder,
  createSessionLogReader,
  encodeSessionLogEntry,
  encodeSessionLogHeader,
  readSessionLog,
} from "@peerscope/schema";
import fc from "fast-check";
import { archiveName } from "../archive/archive-name.ts";
import { createArchive, type Archive } from "../archive/archive.ts";
import { createFolderStorage } from "../archive/folder-storage.ts";
import { catalogueFile, openLogIndex, type LogIndex } from "./log-index.ts";
import { logPath } from "./log-path.ts";
import { recoverLog } from "./recovery.ts";

const createdAt = Date.UTC(2026, 2, 4, 5, 6, 7);
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function frames(count: number): Uint8Array[] {
  const encoder = createFrameEncoder();
  return Array.from({ length: count }, (_, index) =>
    encoder.encode([
      { kind: "event", at: createdAt + index, name: "app-event", data: { name: `event ${index}` } },
    ]),
  );
}

function logBytes(sessionId: string, count: number): { bytes: Buffer; ends: number[] } {
  const header = encodeSessionLogHeader({ sessionId, projectId: "default", createdAt });
  const entries = frames(count).map((frame) => encodeSessionLogEntry(frame));
  let end = header.byteLength;
  const ends = [end, ...entries.map((entry) => (end += entry.byteLength))];
  return { bytes: Buffer.concat([header, ...entries]), ends };
}

function write(file: string, bytes: Uint8Array): string {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

describe("recovery", () => {
  test("a bit that flipped anywhere costs no entry before it, is never read as another frame, and throws nothing away", async () => {
    const { bytes, ends } = logBytes("session-1", 6);
    const sent = frames(6).map((frame) => Buffer.from(frame).toString("hex"));
    const path = join(folder, "flipped.pslog");
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length * 8 - 1 }), async (bit) => {
        const flipped = Buffer.from(bytes);
        const at = bit >> 3;
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit & 7));
        write("flipped.pslog", flipped);
        const found = await recoverLog(path);
        const before = ends.filter((end) => end <= at).length;
        if (before === 0) {
          expect(found.bytes).toBe(0);
          expect(readFileSync(path).equals(flipped)).toBe(true);
          return;
        }
        expect(found.bytes).toBe(ends[before - 1]);
        expect(found.lastSequence).toBe(before - 2);
        const chunk = createSessionLogReader().push(new Uint8Array(readFileSync(path)));
        expect(chunk.frames.map((frame) => Buffer.from(frame).toString("hex"))).toEqual(
          sent.slice(0, before - 1),
        );
        // A length that became longer than what is left looks like a torn tail, which holds no more than that frame and what was behind it.
        if (found.error !== null) {
          const aside = readFileSync(`${path}.damaged-${found.bytes}`);
          expect(Buffer.concat([readFileSync(path), aside]).equals(flipped)).toBe(true);
        } else expect(found.cutBytes).toBe(flipped.length - found.bytes);
      }),
      { numRuns: 300 },
    );
  });

  test("a log torn at any byte keeps every whole entry, loses nothing else, and can be appended to", async () => {
    const { bytes, ends } = logBytes("session-1", 4);
    const path = join(folder, "torn.pslog");
    const next = encodeSessionLogEntry(frames(5)[4] ?? new Uint8Array());
    for (let length = 0; length <= bytes.length; length += 1) {
      writeFileSync(path, bytes.subarray(0, length));
      const found = await recoverLog(path);
      const whole = ends.filter((end) => end <= length);
      if (whole.length === 0) {
        expect(found.header, `cut at ${length}`).toBeNull();
        continue;
      }
      expect(found, `cut at ${length}`).toMatchObject({
        bytes: whole.at(-1),
        lastSequence: whole.length - 2,
        cutBytes: length - (whole.at(-1) ?? 0),
        error: null,
      });
      expect(statSync(path).size).toBe(found.bytes);
      const read = readSessionLog(new Uint8Array(readFileSync(path)));
      expect(read.records).toHaveLength(whole.length - 1);
      expect(read.errors).toEqual([]);
      if (whole.length === 5) {
        writeFileSync(path, next, { flag: "a" });
        expect(readSessionLog(new Uint8Array(readFileSync(path))).records).toHaveLength(5);
      }
    }
  });

  test("a tail that became zeros with the power is torn, not damaged: cut, and nothing is set aside", async () => {
    const { bytes, ends } = logBytes("session-zeros", 3);
    const whole = ends[2] ?? 0;
    for (const [written, zeros] of [
      [whole, 500],
      [whole + 5, 4_096],
      [whole + 20, 100],
      [(ends[3] ?? 0) - 1, 100],
    ] as const) {
      const path = write("zeros.pslog", Buffer.concat([bytes.subarray(0, written), Buffer.alloc(zeros)]));
      const found = await recoverLog(path);
      expect(found).toMatchObject({ bytes: whole, lastSequence: 1, error: null });
      expect(readFileSync(path)).toEqual(bytes.subarray(0, whole));
      expect(readdirSync(folder)).toEqual(["zeros.pslog"]);
    }
  });

  test("bytes behind damage in the middle are set aside, not thrown away", async () => {
    const { bytes, ends } = logBytes("session-1", 4);
    const damageAt = (ends[2] ?? 0) + 12;
    const damaged = Buffer.from(bytes);
    damaged[damageAt] = (damaged[damageAt] ?? 0) ^ 0xff;
    const path = write("damaged.pslog", damaged);
    const found = await recoverLog(path);
    expect(found).toMatchObject({ bytes: ends[2], lastSequence: 1, error: { code: "log-entry-corrupt" } });
    expect(readFileSync(`${path}.damaged-${ends[2]}`).equals(damaged.subarray(ends[2]))).toBe(true);
    expect(readFileSync(path).equals(bytes.subarray(0, ends[2]))).toBe(true);
  });
});

describe("log index", () => {
  const dayFolder = "default/2026-03-04";
  const past = { projectId: "default", sample: false, createdAt, endedAt: createdAt + 5_000 };
  let index: LogIndex | null = null;
  async function open(archive: Archive | null = null, finishedBefore = 0): Promise<LogIndex> {
    index?.catalogue.close();
    index = await openLogIndex(folder, { archive, finishedBefore });
    return index;
  }
  afterEach(() => {
    index?.catalogue.close();
    index = null;
  });
  const listed = (): string[] => [...(index?.catalogue.list() ?? [])].map(({ sessionId }) => sessionId);

  test("logs lie by project and day, samples apart", () => {
    expect(logPath("default", "abc", createdAt)).toBe("default/2026-03-04/abc.pslog");
    expect(logPath("default", "abc", createdAt, true)).toBe("default/samples/abc.pslog");
  });

  test("finished logs are not read again; unfinished ones are, and their tails are cut", async () => {
    const whole = logBytes("session-1", 3);
    write(`${dayFolder}/session-1.pslog`, whole.bytes);
    const first = await open();
    expect(listed()).toEqual([]);
    expect(first.unfinished).toMatchObject([
      { sessionId: "session-1", projectId: "default", bytes: whole.bytes.length, lastSequence: 2, createdAt },
    ]);
    first.catalogue.add({ ...past, sessionId: "session-1", bytes: whole.bytes.length, lastSequence: 2 });
    // Same length but unreadable: only a start that does not open it can still call it finished.
    write(`${dayFolder}/session-1.pslog`, Buffer.alloc(whole.bytes.length));
    write(`${dayFolder}/session-2.pslog`, logBytes("session-2", 2).bytes.subarray(0, -1));
    const second = await open();
    expect(second.catalogue.get("session-1")).toMatchObject({ lastSequence: 2, isLocal: true });
    expect(second.unfinished).toMatchObject([{ sessionId: "session-2", lastSequence: 0 }]);
    expect(second.cutBytes).toBeGreaterThan(0);
  });

  test("times with fractions of milliseconds are whole ones in the catalogue", async () => {
    const { catalogue } = await open();
    catalogue.add({
      ...past,
      sessionId: "session-1",
      createdAt: createdAt + 0.7,
      endedAt: 7.9,
      bytes: 1,
      lastSequence: 0,
    });
    expect(catalogue.get("session-1")).toMatchObject({ createdAt, endedAt: 7 });
  });

  test("a finished log that grew since is unfinished again", async () => {
    const { bytes, ends } = logBytes("session-1", 3);
    write(`${dayFolder}/session-1.pslog`, bytes);
    (await open()).catalogue.add({ ...past, sessionId: "session-1", bytes: ends[2] ?? 0, lastSequence: 1 });
    expect((await open()).unfinished).toMatchObject([{ sessionId: "session-1", lastSequence: 2 }]);
  });

  test("a log that is nothing but zeros is removed, so that its client can begin it again", async () => {
    const file = logPath("default", "session-nothing", createdAt);
    const path = write(file, Buffer.alloc(4_096));
    const index = await openLogIndex(folder);
    index.catalogue.close();
    expect(index).toMatchObject({ unfinished: [], problems: [] });
    expect(existsSync(path)).toBe(false);
  });

  test("foreign files are left alone and named; a header that was never finished is removed", async () => {
    write(`${dayFolder}/not-a-log.pslog`, Buffer.from("something else entirely, and long enough"));
    write(`${dayFolder}/other-name.pslog`, logBytes("session-1", 1).bytes);
    write(`${dayFolder}/half-header.pslog`, logBytes("half-header", 1).bytes.subarray(0, 3));
    write("default/2026-03-05/other-day-1.pslog", logBytes("other-day-1", 1).bytes);
    write(`${dayFolder}/notes.txt`, Buffer.from("hello"));
    const { unfinished, problems } = await open();
    expect(unfinished).toEqual([]);
    expect(problems.toSorted((a, b) => (a.file < b.file ? -1 : 1))).toEqual([
      { file: `${dayFolder}/not-a-log.pslog`, code: "log-not-peerscope" },
      { file: `${dayFolder}/other-name.pslog`, code: "log-header-corrupt" },
      { file: "default/2026-03-05/other-day-1.pslog", code: "log-header-corrupt" },
    ]);
    expect(readdirSync(join(folder, dayFolder)).toSorted()).toEqual([
      "not-a-log.pslog",
      "notes.txt",
      "other-name.pslog",
    ]);
  });

  describe("without its catalogue", () => {
    const storageFolder = (): string => join(folder, "the-archive");
    const archive = (): Archive =>
      createArchive({ storage: createFolderStorage(storageFolder()), now: () => 0, random: () => 0 });
    const lose = (): void => {
      index?.catalogue.close();
      index = null;
      for (const end of ["", "-wal", "-shm"]) rmSync(join(folder, catalogueFile + end), { force: true });
    };

    beforeEach(() => mkdirSync(storageFolder()));

    test("is the same list from logs and archive, and logs that were just written may go on", async () => {
      const kept = logBytes("session-kept", 3).bytes;
      write(`${dayFolder}/session-kept.pslog`, kept);
      utimesSync(join(folder, dayFolder, "session-kept.pslog"), 1, 1);
      write(`${dayFolder}/session-late.pslog`, logBytes("session-late", 1).bytes);
      const { catalogue } = await open();
      const moved = logBytes("session-moved", 4).bytes;
      const movedPath = write(`${dayFolder}/session-moved.pslog`, moved);
      const log = { ...past, sessionId: "session-moved", bytes: moved.length, lastSequence: 3 };
      catalogue.add(log);
      const name = await archive().store({ ...log, isLocal: true, archivedAs: null }, movedPath);
      catalogue.place("session-moved", { isLocal: false, archivedAs: name });
      rmSync(movedPath);
      catalogue.add({
        ...past,
        sessionId: "session-kept",
        endedAt: 1_000,
        bytes: kept.length,
        lastSequence: 2,
      });
      const before = [...catalogue.list()];

      lose();
      const again = await open(archive(), createdAt);
      expect([...again.catalogue.list()]).toEqual(before);
      expect(again.unfinished.map(({ sessionId }) => sessionId)).toEqual(["session-late"]);
      expect(again.problems).toEqual([]);
    });

    test("damaged in any way it is made anew, and what it was is set aside", async () => {
      write(`${dayFolder}/session-1.pslog`, logBytes("session-1", 2).bytes);
      for (const content of [
        "",
        "not a database at all",
        "SQLite format 3\0 and then nothing",
        "{}\n".repeat(9_000),
      ]) {
        lose();
        write(catalogueFile, Buffer.from(content));
        const { unfinished } = await open();
        expect(
          unfinished.map(({ sessionId }) => sessionId),
          JSON.stringify(content.slice(0, 20)),
        ).toEqual(["session-1"]);
        if (content !== "")
          expect(readFileSync(join(folder, `${catalogueFile}.damaged`), "utf8")).toBe(content);
      }
    });

    test("names in the archive that are not of logs are no sessions", async () => {
      const good = { ...past, sessionId: "session-good", bytes: 0, lastSequence: -1, sha256: "a".repeat(64) };
      const hostile = [
        "default/2026-03-04/session-good.pslog",
        archiveName({ ...good, sessionId: "session good" }),
        archiveName({ ...good, sessionId: "short" }),
        archiveName({ ...good, createdAt: 9e14, sessionId: "session-far" }).replace(
          "900000000000000",
          "900000000000001000",
        ),
        archiveName({ ...good, projectId: "DROP-TABLE" }),
        archiveName({ ...good, sessionId: "session-long", bytes: 5 }),
        `${archiveName(good)}.part`,
      ];
      for (const name of [...hostile, archiveName(good)]) {
        mkdirSync(dirname(join(storageFolder(), name)), { recursive: true });
        writeFileSync(join(storageFolder(), name), "");
      }
      await open(archive());
      expect(listed()).toEqual(["session-good"]);
    });

    test("nothing is begun while the archive does not answer, and the next start tries again", async () => {
      rmSync(storageFolder(), { recursive: true });
      await expect(open(archive())).rejects.toMatchObject({ code: "archive-unavailable" });
      mkdirSync(storageFolder());
      expect((await open(archive())).catalogue.isNew).toBe(true);
    });
  });

  test("a log that is gone is named, and its older copy in the archive is what counts", async () => {
    const { catalogue } = await open();
    const copy = { ...past, sessionId: "session-copied", bytes: 50, lastSequence: 2, sha256: "b".repeat(64) };
    catalogue.add({ ...copy, bytes: 80, lastSequence: 9 });
    catalogue.place(copy.sessionId, { isLocal: true, archivedAs: archiveName(copy) });
    catalogue.add({ ...past, sessionId: "session-gone", bytes: 7, lastSequence: 0 });
    const { problems } = await open();
    expect(problems).toEqual([
      { file: "session-copied", code: "log-missing" },
      { file: "session-gone", code: "log-missing" },
    ]);
    expect([...(index?.catalogue.list() ?? [])]).toMatchObject([
      { sessionId: "session-copied", bytes: 50, lastSequence: 2, isLocal: false },
    ]);
  });
});
