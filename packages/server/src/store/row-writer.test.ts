import { Readable } from "node:stream";
import { beforeEach, describe, expect, test } from "vitest";
import type { Analyser } from "../analyse/analyser.ts";
import { emptySummary } from "../analyse/session-summary.ts";
import type { SessionEntry } from "../ingest/session-entry.ts";
import type { SessionRegistry } from "../ingest/session-registry.ts";
import { createRowWriter, type RowWriter } from "./row-writer.ts";
import type { Store } from "./store.ts";

let clock = 0;
let entries: Map<string, SessionEntry>;
/** Sessions whose rows were asked for, one list for each question. */
let asked: string[][];
let inserts = 0;
/** Happens while rows are written. */
let meanwhile: () => void;
let writer: RowWriter;

function addSession(sessionId: string): SessionEntry {
  const entry: SessionEntry = {
    sessionId,
    projectId: "default",
    createdAt: clock,
    file: "",
    sample: false,
    country: null,
    finished: false,
    log: null,
    bytes: 1,
    lastSequence: 0,
    lastHeardAt: clock,
    owner: null,
    summary: null,
    stored: false,
  };
  entries.set(sessionId, entry);
  return entry;
}

beforeEach(() => {
  clock = 1_000_000;
  entries = new Map();
  asked = [];
  inserts = 0;
  meanwhile = () => {};
  const reference: SessionRegistry["reference"] = (entry) => ({ ...entry, path: "" });
  const ask = async (request: Parameters<Analyser["ask"]>[0]): Promise<unknown> => {
    if (request.kind !== "rows") return expect.fail();
    asked.push(request.sessions.map(({ log }) => log.sessionId));
    return request.sessions.map(({ log }) => ({
      sessionId: log.sessionId,
      summary: emptySummary(log, 0),
      catalogVersion: "1",
      scoreVersion: "1",
      complete: [],
      finished: log.finished,
      bytes: log.bytes,
      tables: { legs: { count: 1, bytes: new Uint8Array(1) } },
    }));
  };
  const exec = async (): Promise<unknown> => {
    inserts += 1;
    meanwhile();
    return { stream: Readable.from([]) };
  };
  writer = createRowWriter({
    store: { client: { exec } } as unknown as Store,
    analyser: { ask } as unknown as Analyser,
    registry: {
      get: (id: string) => entries.get(id),
      open: entries,
      reference,
    } as unknown as SessionRegistry,
    now: () => clock,
    keepsRows: () => true,
    onWritten: () => {},
    onMissing: () => {},
    onProblem: (message) => expect.fail(message),
  });
});

/** Flushes once a second, while each session changes all the time, and says after how many seconds rows were asked for. */
async function run(seconds: number): Promise<number[]> {
  const at: number[] = [];
  for (let second = 1; second <= seconds; second += 1) {
    clock += 1_000;
    for (const sessionId of entries.keys()) writer.mark(sessionId, false);
    const before = asked.length;
    await writer.flush();
    if (asked.length > before) at.push(second);
  }
  return at;
}

describe("the row writer", () => {
  test("writes a session that goes on every half hour, and one that ended at once", async () => {
    const entry = addSession("a");
    const [first = 0, second = 0, ...more] = await run(3_700);
    expect(first).toBeGreaterThanOrEqual(1_800);
    expect(first).toBeLessThanOrEqual(1_831);
    expect(second - first).toBe(1_800);
    expect(more).toEqual([]);
    entry.finished = true;
    writer.mark("a", false);
    await writer.flush();
    expect(asked).toHaveLength(3);
    expect(writer.waiting).toBe(0);
  });

  test("a report that comes while its session is written is of what is written, unless more came or rows may be wrong", async () => {
    const entry = addSession("a");
    entry.finished = true;
    meanwhile = () => writer.mark("a", false);
    writer.mark("a", false);
    await writer.flush();
    expect(writer.waiting).toBe(0);

    meanwhile = () => writer.mark("a", true);
    writer.mark("a", false);
    await writer.flush();
    expect(writer.waiting).toBe(1);

    meanwhile = () => {
      entry.bytes += 1;
      writer.mark("a", false);
    };
    await writer.flush();
    expect(writer.waiting).toBe(1);
  });

  test("a page that asks waits for the rows of one long session, or of some short ones", async () => {
    for (const [index, megabytes] of [0.2, 0.2, 0.2, 5, 5, 0, 0].entries()) {
      const entry = addSession(`s-${index}`);
      entry.finished = true;
      entry.bytes = megabytes * 1e6 + 1;
      writer.mark(entry.sessionId, true);
    }
    await writer.flush();
    expect(asked).toEqual([["s-0", "s-1", "s-2"], ["s-3"], ["s-4"], ["s-5", "s-6"]]);
    expect(inserts).toBe(1);
  });

  test("many that began together are written a part at a time, each within an hour, and in few inserts", async () => {
    for (let index = 0; index < 600; index += 1) addSession(`s-${index}`);
    await run(3_600);
    const counts = new Map<string, number>();
    for (const sessionId of asked.flat()) counts.set(sessionId, (counts.get(sessionId) ?? 0) + 1);
    expect(counts.size).toBe(600);
    expect(Math.max(...counts.values())).toBe(1);
    expect(Math.max(...asked.map(({ length }) => length))).toBeLessThanOrEqual(25);
    expect(inserts).toBe(60);
  });

  test("nothing is begun after it was closed, however much waits", async () => {
    for (let session = 0; session < 1_000; session += 1) {
      addSession(`s${session}`).finished = true;
      writer.mark(`s${session}`, false);
    }
    meanwhile = () => writer.close();
    await writer.flush();
    expect(asked.flat()).toHaveLength(200);
    expect(inserts).toBe(1);
    await writer.flush({ all: true });
    expect(asked.flat()).toHaveLength(200);
    expect(writer.waiting).toBe(800);
  });

  test("at a stop all that waits is written", async () => {
    for (let index = 0; index < 300; index += 1) addSession(`s-${index}`);
    for (const sessionId of entries.keys()) writer.mark(sessionId, false);
    const flushed = writer.flush({ all: true });
    // What is on its way is not there.
    expect(writer.waiting).toBe(300);
    await flushed;
    expect(new Set(asked.flat()).size).toBe(300);
    expect(writer.waiting).toBe(0);
  });
});
