import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSessionLogReader } from "@peerscope/schema";
import { createGroupCommitter } from "./group-commit.ts";
import { replayJournal } from "./journal-replay.ts";
import { openJournal, type Journal } from "./journal.ts";
import { createSessionLogFile, reopenSessionLogFile, type SessionLogFile } from "./session-log-file.ts";

let data = "";
let clock = 0;
let problems: Error[] = [];
const at = (path: string): string => join(data, "logs", path);
const filesOfJournal = (): string[] => readdirSync(join(data, "journal"));
const journals = (): string[] => filesOfJournal().filter((name) => name.endsWith(".journal"));
const spares = (): string[] => filesOfJournal().filter((name) => !name.endsWith(".journal"));
/** Behind its writes a journal is zeros. */
function endOf(journal: Buffer): number {
  let end = 0;
  while (end + 8 <= journal.byteLength && journal.readUInt32LE(end) > 0) end += 8 + journal.readUInt32LE(end);
  return end;
}
const places = (): { folder: string; logsFolder: string } => ({
  folder: join(data, "journal"),
  logsFolder: join(data, "logs"),
});
const start = (maxBytes = 1 << 20): Promise<Journal> =>
  openJournal({
    ...places(),
    maxBytes,
    maxAgeMs: 1_000,
    now: () => clock,
    onProblem: (error) => problems.push(error),
  });

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "peerscope-journal-"));
  mkdirSync(join(data, "logs"));
  clock = 0;
  problems = [];
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

/** Logs that were acknowledged frame by frame, and how they look on disk. */
async function writeLogs(journal: Journal, count: number): Promise<Map<string, Buffer>> {
  const committer = createGroupCommitter({ intervalMs: 0, journal });
  const logs: SessionLogFile[] = Array.from({ length: count }, (_, index) =>
    createSessionLogFile(
      { path: at(`default/2026-11-21/session-${index}.pslog`), committer, onCommit: () => {} },
      { sessionId: `session-${index}`, projectId: "default", createdAt: 0 },
    ),
  );
  for (let sequence = 0; sequence < 5; sequence += 1) {
    for (const [index, log] of logs.entries()) log.append(sequence, Uint8Array.of(index, sequence, 7));
    await committer.flush();
  }
  expect(logs.map(({ durableSequence }) => durableSequence)).toEqual(logs.map(() => 4));
  return new Map(logs.map(({ path }) => [path, readFileSync(path)]));
}

describe("the journal", () => {
  test("brings back what logs lost with the power: tails, holes and whole files", async () => {
    const whole = await writeLogs(await start(), 4);
    const [cut = "", zeroed = "", gone = "", intact = ""] = whole.keys();
    writeFileSync(cut, readFileSync(cut).subarray(0, 20));
    writeFileSync(zeroed, Buffer.alloc(readFileSync(zeroed).byteLength));
    rmSync(gone);
    const { logs } = await replayJournal(places());
    expect(logs).toBe(4);
    for (const path of [cut, zeroed, gone, intact]) expect(readFileSync(path)).toEqual(whole.get(path));
    expect(journals()).toEqual([]);
    expect(await replayJournal(places())).toEqual({ logs: 0, bytes: 0, unreadableBytes: 0 });
  });

  test("leaves a log alone that lost nothing: the time of its last write tells when its client was heard", async () => {
    const whole = await writeLogs(await start(), 1);
    const [path = ""] = whole.keys();
    utimesSync(path, 1_000, 1_000);
    expect(await replayJournal(places())).toEqual({ logs: 1, bytes: 0, unreadableBytes: 0 });
    expect(statSync(path).mtimeMs).toBe(1_000_000);
  });

  test("what was written in part is passed over, and what came before it counts", async () => {
    const whole = await writeLogs(await start(), 2);
    const file = join(data, "journal", journals()[0] ?? "");
    const journal = readFileSync(file);
    journal.set([200, 0, 0, 0, 1, 2, 3, 4, 5], endOf(journal));
    writeFileSync(file, journal);
    for (const path of whole.keys()) rmSync(path);
    expect(await replayJournal(places())).toMatchObject({ unreadableBytes: 0 });
    for (const [path, bytes] of whole) expect(readFileSync(path)).toEqual(bytes);
  });

  test("a damaged part in the middle is told of and passed over; behind it counts what the log goes on with", async () => {
    const whole = await writeLogs(await start(), 2);
    const file = join(data, "journal", journals()[0] ?? "");
    const journal = readFileSync(file);
    const writes: number[] = [];
    for (let from = 0; from < endOf(journal); from += 8 + journal.readUInt32LE(from)) writes.push(from);
    // The third of five frames of both logs.
    const [from = 0, to = 0] = writes.slice(2);
    journal[to - 1] = ~(journal[to - 1] ?? 0) & 255;
    writeFileSync(file, journal);
    const [gone = "", cut = ""] = whole.keys();
    const framesOf = (path: string): number =>
      createSessionLogReader().push(readFileSync(path)).frames.length;
    const size = whole.get(cut)?.byteLength ?? 0;
    let kept = size;
    for (; framesOf(cut) > 3; kept -= 1) writeFileSync(cut, readFileSync(cut).subarray(0, kept));
    rmSync(gone);
    expect(await replayJournal(places())).toMatchObject({ logs: 2, unreadableBytes: to - from });
    expect(framesOf(gone)).toBe(2);
    expect(readFileSync(cut)).toEqual(whole.get(cut));
  });

  test("a log that was finished a moment before the power went is as whole as any other", async () => {
    const journal = await start();
    const committer = createGroupCommitter({ intervalMs: 0, journal });
    const path = at("default/2026-11-21/session.pslog");
    const log = createSessionLogFile(
      { path, committer, onCommit: () => {} },
      { sessionId: "session", projectId: "default", createdAt: 0 },
    );
    log.append(0, Uint8Array.of(1, 2, 3));
    await committer.flush();
    await log.close();
    await committer.flush();
    const whole = readFileSync(path);
    for (const lose of [() => rmSync(path), () => writeFileSync(path, "")]) {
      const copy = readFileSync(join(data, "journal", journals()[0] ?? ""));
      lose();
      await replayJournal(places());
      expect(readFileSync(path)).toEqual(whole);
      writeFileSync(join(data, "journal", "00000001.journal"), copy);
    }
  });

  test("what a power cut left under the name of a log that was never acknowledged keeps no client out", async () => {
    const garbage = Buffer.alloc(600, 0xa5);
    mkdirSync(at("default/2026-11-21"), { recursive: true });
    writeFileSync(at("default/2026-11-21/session-0.pslog"), garbage);
    const [path = ""] = (await writeLogs(await start(), 1)).keys();
    expect(createSessionLogReader().push(readFileSync(path)).frames).toHaveLength(5);
    expect(readFileSync(`${path}.damaged-0`)).toEqual(garbage);
  });

  test("a log that is removed after a checkpoint stays removed", async () => {
    const journal = await start();
    const [path = ""] = (await writeLogs(journal, 1)).keys();
    await journal.checkpoint();
    rmSync(path);
    await replayJournal(places());
    expect(existsSync(path)).toBe(false);
  });

  test("a log that went on after it was closed has what came after; what a log that is gone lacks is not invented", async () => {
    const first = await start();
    const whole = await writeLogs(first, 1);
    const [path = ""] = whole.keys();
    await first.checkpoint();
    const committer = createGroupCommitter({ intervalMs: 0, journal: first });
    const log = reopenSessionLogFile(
      { path, committer, onCommit: () => {} },
      whole.get(path)?.byteLength ?? 0,
      4,
    );
    log.append(5, Uint8Array.of(9));
    await committer.flush();
    const longer = readFileSync(path);
    expect(longer.byteLength).toBeGreaterThan(whole.get(path)?.byteLength ?? 0);
    writeFileSync(path, longer.subarray(0, whole.get(path)?.byteLength));
    await replayJournal(places());
    expect(readFileSync(path)).toEqual(longer);
    const second = await start();
    const again = createGroupCommitter({ intervalMs: 0, journal: second });
    const more = reopenSessionLogFile({ path, committer: again, onCommit: () => {} }, longer.byteLength, 5);
    more.append(6, Uint8Array.of(9));
    await again.flush();
    rmSync(path);
    await replayJournal(places());
    expect(existsSync(path)).toBe(false);
  });

  test("begins anew when it is large or old, and is empty after a clean end", async () => {
    const journal = await start(100);
    await writeLogs(journal, 3);
    await journal.checkpoint();
    expect(journals()).toEqual([]);
    clock = 0;
    await journal.write([{ path: at("a"), position: 0, chunks: [Uint8Array.of(1)] }]);
    expect(journals()).toHaveLength(1);
    clock = 1_001;
    // Nothing is written any more, and what is removed from now on stays removed.
    journal.sweep();
    await expect.poll(journals).toEqual([]);
    await journal.write([{ path: at("a"), position: 2, chunks: [Uint8Array.of(3)] }]);
    await journal.close();
    expect(filesOfJournal()).toEqual([]);
    expect(problems).toEqual([]);
  });

  test("is written in the place of the one before, in which nothing is left of it", async () => {
    const journal = await start();
    const whole = await writeLogs(journal, 20);
    const before = statSync(join(data, "journal", journals()[0] ?? ""));
    await journal.checkpoint();
    const [spare = ""] = spares();
    const cleared = readFileSync(join(data, "journal", spare));
    expect(cleared.equals(Buffer.alloc(cleared.byteLength))).toBe(true);
    await journal.write([{ path: at("a"), position: 0, chunks: [Uint8Array.of(1, 2, 3)] }]);
    const after = statSync(join(data, "journal", journals()[0] ?? ""));
    // The same blocks of the disk: a sync has nothing to tell but these bytes.
    expect([after.ino, after.size, after.blocks]).toEqual([before.ino, before.size, before.blocks]);
    expect(spares()).toEqual([]);
    for (const path of whole.keys()) rmSync(path);
    expect(await replayJournal(places())).toMatchObject({ logs: 1, bytes: 3 });
    expect([...whole.keys()].filter(existsSync)).toEqual([]);
    await journal.close();
  });

  test("has room before it is written, and grows beyond it", async () => {
    const journal = await start(1 << 30);
    const chunks = [Buffer.alloc(300_000, 7)];
    for (let index = 0; index < 30; index += 1)
      await journal.write([{ path: at("large"), position: index * 300_000, chunks }]);
    await journal.write([{ path: at("large"), position: 9_000_000, chunks: [Buffer.alloc(5_000_000, 8)] }]);
    await journal.write([{ path: at("large"), position: 14_000_000, chunks }]);
    await expect
      .poll(() => statSync(join(data, "journal", journals()[0] ?? "")).size)
      .toBeGreaterThan(14_300_000 + 500_000);
    expect(await replayJournal(places())).toEqual({ logs: 1, bytes: 14_300_000, unreadableBytes: 0 });
    const expected = Buffer.concat([Buffer.alloc(9_000_000, 7), Buffer.alloc(5_000_000, 8), ...chunks]);
    expect(readFileSync(at("large")).equals(expected)).toBe(true);
  });

  test("keeps no spare file that has grown far beyond its measure, nor one of the last run", async () => {
    const journal = await start(100);
    await journal.write([{ path: at("a"), position: 0, chunks: [Buffer.alloc(3 << 20, 1)] }]);
    await journal.checkpoint();
    expect(filesOfJournal()).toEqual([]);
    writeFileSync(join(data, "journal", "00000007.journal.spare"), "of the last run");
    await start();
    expect(filesOfJournal()).toEqual([]);
  });

  test("keeps everything when the logs cannot be synced", async () => {
    const journal = await start();
    // A log that is a folder can be opened by nobody.
    mkdirSync(at("stubborn"));
    await journal.write([{ path: at("stubborn"), position: 0, chunks: [Uint8Array.of(1)] }]);
    await expect(journal.checkpoint()).rejects.toThrow("EISDIR");
    expect(journals()).toHaveLength(1);
    rmSync(at("stubborn"), { recursive: true });
    await journal.checkpoint();
    expect(journals()).toEqual([]);
  });
});
