import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createFrameEncoder,
  encodeSessionLogEntry,
  encodeSessionLogHeader,
  readSessionLog,
} from "@peerscope/schema";
import { logPath, openLogIndex } from "./log-index.ts";
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
  test("logs lie by project and day, samples apart", () => {
    expect(logPath("default", "abc", createdAt)).toBe("default/2026-03-04/abc.pslog");
    expect(logPath("default", "abc", createdAt, true)).toBe("default/samples/abc.pslog");
  });

  test("finished logs are not read again; unfinished ones are, and their tails are cut", async () => {
    const whole = logBytes("session-1", 3);
    write("default/2026-03-04/session-1.pslog", whole.bytes);
    const first = await openLogIndex(folder);
    expect(first.finished).toEqual([]);
    expect(first.unfinished).toMatchObject([
      { sessionId: "session-1", bytes: whole.bytes.length, lastSequence: 2, createdAt },
    ]);
    await first.catalogue.add({
      sessionId: "session-1",
      file: "default/2026-03-04/session-1.pslog",
      bytes: whole.bytes.length,
      lastSequence: 2,
      createdAt,
    });
    await first.catalogue.close();
    // Same length but unreadable: only a start that does not open it can still call it finished.
    write("default/2026-03-04/session-1.pslog", Buffer.alloc(whole.bytes.length));
    write("default/2026-03-04/session-2.pslog", logBytes("session-2", 2).bytes.subarray(0, -1));
    const second = await openLogIndex(folder);
    expect(second.finished).toMatchObject([{ sessionId: "session-1", lastSequence: 2 }]);
    expect(second.unfinished).toMatchObject([{ sessionId: "session-2", lastSequence: 0 }]);
    expect(second.cutBytes).toBeGreaterThan(0);
    await second.catalogue.close();
  });

  test("a finished log that grew since is unfinished again", async () => {
    const { bytes, ends } = logBytes("session-1", 3);
    write("default/2026-03-04/session-1.pslog", bytes);
    const line = {
      sessionId: "session-1",
      file: "default/2026-03-04/session-1.pslog",
      bytes: ends[2],
      lastSequence: 1,
      createdAt,
    };
    write("finished.jsonl", Buffer.from(`{"torn\n${JSON.stringify(line)}\n{"sessionId":`));
    const index = await openLogIndex(folder);
    expect(index.finished).toEqual([]);
    expect(index.unfinished).toMatchObject([{ sessionId: "session-1", lastSequence: 2 }]);
    await index.catalogue.close();
  });

  test("foreign files are left alone and named; a header that was never finished is removed", async () => {
    write("default/2026-03-04/not-a-log.pslog", Buffer.from("something else entirely, and long enough"));
    write("default/2026-03-04/other-name.pslog", logBytes("session-1", 1).bytes);
    write("default/2026-03-04/half-header.pslog", logBytes("half-header", 1).bytes.subarray(0, 3));
    write("default/2026-03-04/notes.txt", Buffer.from("hello"));
    const index = await openLogIndex(folder);
    expect(index.unfinished).toEqual([]);
    expect(index.problems.toSorted((a, b) => (a.file < b.file ? -1 : 1))).toEqual([
      { file: "default/2026-03-04/not-a-log.pslog", code: "log-not-peerscope" },
      { file: "default/2026-03-04/other-name.pslog", code: "log-header-corrupt" },
    ]);
    expect(readdirSync(join(folder, "default/2026-03-04")).toSorted()).toEqual([
      "not-a-log.pslog",
      "notes.txt",
      "other-name.pslog",
    ]);
    await index.catalogue.close();
  });
});
