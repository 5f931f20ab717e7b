import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createFrameEncoder,
  encodeSessionLogEntry,
  encodeSessionLogHeader,
  type FrameEncoder,
  type SessionRecord,
} from "@peerscope/schema";
import { generateSession } from "@peerscope/scenarios";
import type { LogReference } from "../ingest/session-registry.ts";
import { createAnalysisEngine, type AnalysisEngine } from "./analysis-engine.ts";
import type { AnalysisLag, SessionRows, WorkerOutput } from "./messages.ts";
import { tableNames } from "./table-columns.ts";
import { readRowBinary } from "./testing/read-row-binary.ts";

const createdAt = Date.UTC(2026, 5, 6);
const { records } = generateSession({ seed: 3, durationSeconds: 40, kind: "loss", startAt: createdAt });

let folder = "";
let clock = 0;
let sent: WorkerOutput[] = [];
let engine: AnalysisEngine;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
  clock = 0;
  sent = [];
  engine = createAnalysisEngine({ send: (message) => sent.push(message), now: () => clock });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Log {
  readonly reference: (changes?: Partial<LogReference>) => LogReference;
  readonly append: (from: number, to: number) => void;
}

function createLog(sessionId: string, content: readonly SessionRecord[] = records): Log {
  const path = join(folder, `${sessionId}.pslog`);
  const encoder: FrameEncoder = createFrameEncoder();
  writeFileSync(path, encodeSessionLogHeader({ sessionId, projectId: "default", createdAt }));
  return {
    reference: (changes) => ({
      sessionId,
      projectId: "default",
      path,
      bytes: statSync(path).size,
      createdAt,
      finished: false,
      sample: false,
      ...changes,
    }),
    append(from, to) {
      writeFileSync(path, encodeSessionLogEntry(encoder.encode(content.slice(from, to))), { flag: "a" });
    },
  };
}

function settle(): void {
  while (engine.work());
  engine.tick();
}

function rows(log: LogReference, complete = false): SessionRows {
  const before = sent.length;
  engine.receive({
    type: "request",
    id: 1,
    request: { kind: "rows", version: clock + 1, sessions: [{ log, complete }] },
  });
  const answer = sent.slice(before).find((message) => message.type === "answer");
  const value = answer?.type === "answer" ? answer.value : [];
  return (typeof value === "string" ? undefined : value[0]) ?? expect.fail();
}

const count = ({ tables }: SessionRows): Record<string, number> =>
  Object.fromEntries(Object.entries(tables).map(([table, { count }]) => [table, count]));
const linesOf = ({ tables }: SessionRows): string[] =>
  tableNames.flatMap((table) => {
    const { count, bytes } = tables[table] ?? { count: 0, bytes: new Uint8Array() };
    const lines = readRowBinary(table, bytes).map((row) => JSON.stringify({ table, ...row }));
    expect(lines).toHaveLength(count);
    return lines;
  });
const deleted = (rows: SessionRows): string[] =>
  linesOf(rows).filter((line) => line.includes('"isDeleted":1'));

describe("analysis engine", () => {
  const summaries = (): number => sent.filter(({ type }) => type === "summary").length;
  const lag = (): AnalysisLag => {
    const last = sent.findLast((message) => message.type === "lag");
    return last?.type === "lag" ? last.lag : expect.fail();
  };

  test("reports a session at once, then at most once a second while somebody looks, and its end at once", () => {
    engine.receive({ type: "attention" });
    const log = createLog("session-1");
    log.append(0, 10);
    engine.receive({ type: "log", handle: 1, log: log.reference() });
    settle();
    expect(summaries()).toBe(1);
    log.append(10, 20);
    engine.receive({ type: "grown", sizes: Float64Array.of(1, log.reference().bytes) });
    clock = 999;
    settle();
    expect(summaries()).toBe(1);
    clock = 1_000;
    settle();
    expect(summaries()).toBe(2);
    clock = 1_001;
    settle();
    expect(summaries()).toBe(2);
    engine.receive({ type: "log", handle: 1, log: log.reference({ finished: true }) });
    settle();
    expect(summaries()).toBe(3);
    expect(sent.findLast(({ type }) => type === "summary")).toMatchObject({
      finished: true,
      summary: { sessionId: "session-1" },
    });
  });

  test("reads a session in slices, says how far it is behind, and takes an end at once", () => {
    engine.receive({ type: "attention" });
    const log = createLog("session-1");
    log.append(0, 10);
    engine.receive({ type: "log", handle: 7, log: log.reference() });
    settle();
    expect(lag()).toEqual({ bytes: 0, ageMs: 0, sessions: 1 });
    const before = log.reference().bytes;
    log.append(10, 11);
    log.append(11, 12);
    clock = 100;
    engine.receive({ type: "grown", sizes: Float64Array.of(7, log.reference().bytes, 8, 1_000) });
    expect(sent.at(-1)).toEqual({ type: "taken" });
    clock = 150;
    settle();
    expect(lag()).toEqual({ bytes: log.reference().bytes - before, ageMs: 0, sessions: 1 });
    clock = 300;
    engine.tick();
    // Its turn was 260 ms after it was read.
    expect(lag()).toEqual({ bytes: log.reference().bytes - before, ageMs: 40, sessions: 1 });
    settle();
    expect(lag()).toEqual({ bytes: 0, ageMs: 0, sessions: 1 });
    log.append(12, records.length);
    engine.receive({ type: "log", handle: 7, log: log.reference({ finished: true }) });
    settle();
    expect(lag().bytes).toBe(0);
    expect(sent.findLast(({ type }) => type === "summary")).toMatchObject({
      finished: true,
      summary: { lastAt: Math.round(records.at(-1)?.at ?? 0) },
    });
  });

  test("judges the open sessions of a project by its thresholds, anew when they change", () => {
    const log = createLog("session-1");
    log.append(0, records.length - 2);
    engine.receive({ type: "log", handle: 1, log: log.reference() });
    settle();
    const ids = (): string[] => {
      const last = sent.findLast((message) => message.type === "summary");
      return last?.type === "summary" ? [...last.summary.observationIds] : [];
    };
    const [id] = ids();
    if (id === undefined) throw new Error("the session shows nothing");
    expect(rows(log.reference()).complete).toHaveLength(tableNames.length);
    expect(rows(log.reference()).complete).toEqual([]);
    engine.receive({ type: "thresholds", projectId: "another", thresholds: { [id]: { off: true } } });
    engine.receive({ type: "thresholds", projectId: "default", thresholds: { [id]: { off: true } } });
    clock += 10_000;
    settle();
    expect(ids()).not.toContain(id);
    const again = rows(log.reference());
    expect(again.complete).toHaveLength(tableNames.length);
    expect(linesOf(again).join()).not.toContain(`"id":"${id}"`);
    engine.receive({ type: "thresholds", projectId: "default", thresholds: { nonsense: {} } });
    expect(sent.findLast(({ type }) => type === "thresholds-refused")).toMatchObject({
      projectId: "default",
      message: expect.stringContaining("nonsense"),
    });
    clock += 10_000;
    settle();
    expect(ids()).toContain(id);
  });

  test("reads only what is said to be on disk", () => {
    const log = createLog("session-1");
    log.append(0, 10);
    const promised = log.reference();
    log.append(10, 20);
    engine.receive({ type: "log", handle: 1, log: promised });
    settle();
    expect(sent.findLast(({ type }) => type === "summary")).toMatchObject({
      summary: { lastAt: Math.round(records[9]?.at ?? 0) },
    });
  });

  test("gives out only rows that changed", () => {
    const log = createLog("session-1");
    log.append(0, 45);
    const first = rows(log.reference());
    expect(first.complete).toHaveLength(tableNames.length);
    expect(count(first)).toMatchObject({ legs: 1, tracks: 2 });
    expect(count(rows(log.reference()))).toEqual({});
    log.append(45, records.length);
    const second = rows(log.reference());
    expect(second.complete).toEqual([]);
    expect(count(second)["legs"]).toBe(1);
    expect(count(second)["windows"]).toBeLessThan(count(rows(log.reference(), true))["windows"] ?? 0);
  });

  test("gives everything again when it is told that rows were lost", () => {
    const log = createLog("session-1");
    log.append(0, records.length);
    const first = rows(log.reference());
    expect(count(rows(log.reference()))).toEqual({});
    const again = rows(log.reference(), true);
    expect(again.complete).toHaveLength(tableNames.length);
    expect(count(again)).toEqual(count(first));
    expect(deleted(again)).toEqual([]);
  });

  const kinds = ["good", "loss", "jitter", "bandwidth", "outage", "ice-failure", "muted"] as const;
  test.each(kinds)("the same log (%s) gives the same rows, in one piece or frame by frame", (kind) => {
    const { records } = generateSession({ seed: 4, durationSeconds: 55, kind, startAt: createdAt });
    const whole = createLog("session-1", records);
    whole.append(0, records.length);
    const atOnce = rows(whole.reference({ finished: true }));
    const slow = createLog("session-2", records);
    const last = new Map<string, string>();
    for (let at = 0; at < records.length; at += 2) {
      slow.append(at, Math.min(records.length, at + 2));
      clock += 1_000;
      for (const line of linesOf(rows(slow.reference()))) keep(last, line);
    }
    for (const line of linesOf(rows(slow.reference({ finished: true })))) keep(last, line);
    const expected = new Map<string, string>();
    for (const line of linesOf(atOnce)) keep(expected, line);
    expect([...last.values()].toSorted()).toEqual([...expected.values()].toSorted());
  });

  test("sessions that came together are not read together any more", () => {
    const sessions = Array.from({ length: 24 }, (_, index) => createLog(`session-${index}`));
    const send = (): void => {
      for (const [index, log] of sessions.entries()) {
        log.append(0, 1);
        const { bytes } = log.reference();
        if (clock === 0) engine.receive({ type: "log", handle: index + 1, log: log.reference() });
        else engine.receive({ type: "grown", sizes: Float64Array.of(index + 1, bytes) });
      }
    };
    send();
    settle();
    // Each is reported when it is read.
    const read: number[] = [];
    for (clock = 10_000; clock <= 360_000; clock += 10_000) {
      const before = summaries();
      send();
      settle();
      read.push(summaries() - before);
    }
    expect(Math.min(...read)).toBeGreaterThan(0);
    expect(Math.max(...read)).toBeLessThan(5);
    for (const round of [0, 12, 24]) {
      const ofRound = read.slice(round, round + 12).reduce((sum, count) => sum + count, 0);
      expect(ofRound).toBeGreaterThan(21);
      expect(ofRound).toBeLessThan(27);
    }
  });

  test("while nobody looks a session is read and reported about every second minute, and at once when somebody does or its client goes", () => {
    const log = createLog("session-1");
    const bytes = (): number => lag().bytes;
    const grow = (from: number): void => {
      log.append(from, from + 5);
      engine.receive({ type: "grown", sizes: Float64Array.of(1, log.reference().bytes) });
      settle();
    };
    log.append(0, 5);
    engine.receive({ type: "log", handle: 1, log: log.reference() });
    settle();
    grow(5);
    clock = 74_000;
    settle();
    expect(bytes()).toBeGreaterThan(0);
    expect(summaries()).toBe(1);
    // It is not late: it was not its turn.
    expect(lag().ageMs).toBe(0);
    clock = 75_000;
    settle();
    expect(bytes()).toBe(0);
    expect(summaries()).toBe(2);
    grow(10);
    clock += 119_000;
    settle();
    expect(bytes()).toBeGreaterThan(0);
    clock += 1_000;
    settle();
    expect(bytes()).toBe(0);
    expect(summaries()).toBe(3);
    grow(15);
    engine.receive({ type: "attention" });
    settle();
    expect(bytes()).toBe(0);
    expect(summaries()).toBe(4);
    clock += 1_000;
    grow(25);
    expect(bytes()).toBe(0);
    expect(summaries()).toBe(5);
    clock += 60_000;
    grow(30);
    grow(35);
    expect(bytes()).toBeGreaterThan(0);
    engine.receive({ type: "hurry", handles: [1, 2] });
    // Before, it was not their turn.
    clock += 40;
    engine.tick();
    expect(lag().ageMs).toBe(40);
    settle();
    expect(bytes()).toBe(0);
    expect(summaries()).toBe(7);
  });

  test("a session that came back after its end is analysed from its start", () => {
    const log = createLog("session-1");
    log.append(0, 20);
    engine.receive({ type: "log", handle: 1, log: log.reference({ finished: true }) });
    settle();
    log.append(20, 40);
    engine.receive({ type: "log", handle: 1, log: log.reference() });
    clock += 5_000;
    settle();
    const reopened = sent.findLast(({ type }) => type === "summary");
    engine.receive({ type: "forget", sessionId: "session-1" });
    engine.receive({ type: "log", handle: 1, log: log.reference() });
    settle();
    expect(sent.findLast(({ type }) => type === "summary")).toEqual(reopened);
  });

  test("an end is read before it is reported, while the clock goes on", () => {
    engine = createAnalysisEngine({ send: (message) => sent.push(message), now: () => (clock += 0.01) });
    const log = createLog("session-1");
    log.append(0, 20);
    engine.receive({ type: "log", handle: 1, log: log.reference() });
    settle();
    log.append(20, 40);
    engine.receive({ type: "grown", sizes: Float64Array.of(1, log.reference().bytes) });
    engine.receive({ type: "log", handle: 1, log: log.reference({ finished: true }) });
    engine.tick();
    expect(summaries()).toBe(1);
    settle();
    expect(sent.findLast(({ type }) => type === "summary")).toMatchObject({
      finished: true,
      summary: { lastAt: Math.round(records[39]?.at ?? 0) },
    });
  });

  test("who asks for rows and knows less than the worker does not set it back", () => {
    const log = createLog("a");
    log.append(0, 20);
    const before = log.reference({ finished: true });
    engine.receive({ type: "log", handle: 1, log: before });
    settle();
    log.append(20, 40);
    const after = log.reference();
    engine.receive({ type: "log", handle: 1, log: after });
    settle();
    expect(rows(before)).toMatchObject({ finished: false, bytes: after.bytes });
    expect(rows(before, true)).toMatchObject({ finished: false, bytes: after.bytes });
    log.append(40, 60);
    const grown = log.reference().bytes;
    engine.receive({ type: "grown", sizes: Float64Array.of(1, grown) });
    settle();
    expect(rows(after)).toMatchObject({ finished: false, bytes: grown });
  });

  test("sessions that end together wait for their rows as they are, and no more of them than were there", () => {
    const end = (index: number): void => {
      const log = createLog(`session-${index}`);
      log.append(0, 5);
      engine.receive({ type: "log", handle: index, log: log.reference() });
      if (index <= 150) settle();
      ending.push(log.reference({ finished: true }));
    };
    const ending: LogReference[] = [];
    for (let index = 1; index <= 150; index += 1) end(index);
    for (const [index, log] of ending.splice(0).entries())
      engine.receive({ type: "log", handle: index + 1, log });
    settle();
    settle();
    expect(lag().sessions).toBe(150);
    for (let index = 151; index <= 210; index += 1) end(index);
    for (const [index, log] of ending.entries()) engine.receive({ type: "log", handle: index + 151, log });
    settle();
    settle();
    expect(lag().sessions).toBe(150);
  });

  test("of sessions that ended the last hundred wait for their rows without being put to rest", () => {
    let puts = 0;
    const put = (): null => {
      puts += 1;
      return null;
    };
    const restingFile = { put, take: () => null, free: () => {}, close: () => {} };
    engine = createAnalysisEngine({ send: (message) => sent.push(message), now: () => clock, restingFile });
    const logs = Array.from({ length: 130 }, (_, index) => createLog(`session-${index}`));
    for (const log of logs) log.append(0, 5);
    const end = (until: number): void => {
      for (const [index, log] of logs.slice(0, until).entries())
        engine.receive({ type: "log", handle: index, log: log.reference({ finished: true }) });
      settle();
      settle();
    };
    for (const [index, log] of logs.entries())
      engine.receive({ type: "log", handle: index, log: log.reference() });
    settle();
    const open = puts;
    end(100);
    expect(puts).toBe(open);
    end(130);
    expect(puts).toBe(open + 30);
    const whole = rows(logs[0]?.reference({ finished: true }) ?? expect.fail());
    expect(count(whole)["legs"]).toBe(1);
    engine.tick();
    expect(lag().sessions).toBe(129);
  });

  test("a session that cannot be analysed does not stop the others", () => {
    const log = createLog("session-1");
    log.append(0, 10);
    const missing = createLog("session-2").reference({ path: join(folder, "gone.pslog"), bytes: 100 });
    engine.receive({ type: "log", handle: 2, log: missing });
    engine.receive({ type: "log", handle: 1, log: log.reference() });
    settle();
    expect(sent.map(({ type }) => type).filter((type) => type !== "lag")).toEqual([
      "analysis-failed",
      "summary",
    ]);
    engine.receive({ type: "request", id: 4, request: { kind: "analysis", log: missing } });
    expect(sent.at(-1)).toMatchObject({ type: "failure", id: 4 });
    engine.receive({ type: "request", id: 5, request: { kind: "analysis", log: log.reference() } });
    expect(sent.at(-1)).toMatchObject({ type: "answer", id: 5 });
  });

  test("which session is worked on is marked meanwhile, and no longer", () => {
    const marks: (string | null)[] = [];
    engine = createAnalysisEngine({
      send: (message) => sent.push(message),
      now: () => clock,
      mark: { set: (sessionId) => marks.push(sessionId) },
    });
    const took = (): (string | null)[] => marks.splice(0);
    const first = createLog("session-1");
    first.append(0, 10);
    const log = first.reference();
    const missing = createLog("session-2").reference({ path: join(folder, "gone.pslog"), bytes: 100 });
    engine.receive({ type: "log", handle: 1, log });
    expect(took()).toEqual([]);
    while (engine.work());
    expect(took()).toEqual(["session-1", null]);
    clock += 120_000;
    first.append(10, 20);
    rows(first.reference({ finished: true }));
    expect(took()).toEqual(["session-1", null]);
    engine.receive({ type: "request", id: 2, request: { kind: "analysis", log } });
    expect(took()).toEqual(["session-1", null]);
    const request = { kind: "call", callId: "call", logs: [log, missing], members: [] } as const;
    engine.receive({ type: "request", id: 3, request });
    expect(took()).toEqual(["session-1", null, "session-2", null]);
  });
});

const keyColumns = ["sessionId", "leg", "scope", "pcId", "trackId", "kind", "key", "position"];

/** What a ReplacingMergeTree(version, isDeleted) keeps. */
function keep(table: Map<string, string>, line: string): void {
  const row = JSON.parse(line) as Record<string, unknown>;
  const kind = ["scope", "key", "position", "mosMean", "observationIds"].find((column) => column in row);
  const key = JSON.stringify([
    kind,
    ...keyColumns.filter((column) => column !== "sessionId").map((column) => row[column]),
    kind === "scope" ? row["startedAt"] : null,
  ]);
  if (row["isDeleted"] === 1) {
    table.delete(key);
    return;
  }
  // The two logs hold the same records in frames of different lengths.
  const { version: _version, sessionId: _sessionId, logBytes: _logBytes, ...values } = row;
  table.set(key, JSON.stringify(values).replaceAll("session-2", "session-1"));
}
