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
import type { SessionRows, WorkerOutput } from "./messages.ts";

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

const count = ({ lines }: SessionRows): Record<string, number> =>
  Object.fromEntries(Object.entries(lines).map(([table, list]) => [table, list.length]));
const deleted = ({ lines }: SessionRows): string[] =>
  Object.values(lines)
    .flat()
    .filter((line) => line.includes('"isDeleted":1'));

describe("analysis engine", () => {
  test("reports a session at once, then at most once a second, and its end at once", () => {
    const log = createLog("session-1");
    const summaries = (): number => sent.filter(({ type }) => type === "summary").length;
    log.append(0, 10);
    engine.receive({ type: "log", log: log.reference() });
    settle();
    expect(summaries()).toBe(1);
    log.append(10, 20);
    engine.receive({ type: "log", log: log.reference() });
    clock = 999;
    settle();
    expect(summaries()).toBe(1);
    clock = 1_000;
    settle();
    expect(summaries()).toBe(2);
    clock = 1_001;
    settle();
    expect(summaries()).toBe(2);
    engine.receive({ type: "log", log: log.reference({ finished: true }) });
    settle();
    expect(summaries()).toBe(3);
    expect(sent.at(-1)).toMatchObject({
      type: "summary",
      finished: true,
      summary: { sessionId: "session-1" },
    });
  });

  test("reads only what is said to be on disk", () => {
    const log = createLog("session-1");
    log.append(0, 10);
    const promised = log.reference();
    log.append(10, 20);
    engine.receive({ type: "log", log: promised });
    settle();
    expect(sent.at(-1)).toMatchObject({ summary: { lastAt: Math.round(records[9]?.at ?? 0) } });
  });

  test("gives out only rows that changed", () => {
    const log = createLog("session-1");
    log.append(0, 45);
    const first = rows(log.reference());
    expect(first.complete).toBe(true);
    expect(count(first)).toMatchObject({ legs: 1, tracks: 2 });
    expect(count(rows(log.reference()))).toEqual({});
    log.append(45, records.length);
    const second = rows(log.reference());
    expect(second.complete).toBe(false);
    expect(count(second)["legs"]).toBe(1);
    expect(count(second)["windows"]).toBeLessThan(count(rows(log.reference(), true))["windows"] ?? 0);
  });

  test("gives everything again when it is told that rows were lost", () => {
    const log = createLog("session-1");
    log.append(0, records.length);
    const first = rows(log.reference());
    expect(count(rows(log.reference()))).toEqual({});
    const again = rows(log.reference(), true);
    expect(again.complete).toBe(true);
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
      for (const line of Object.values(rows(slow.reference()).lines).flat()) keep(last, line);
    }
    for (const line of Object.values(rows(slow.reference({ finished: true })).lines).flat()) keep(last, line);
    const expected = new Map<string, string>();
    for (const line of Object.values(atOnce.lines).flat()) keep(expected, line);
    expect([...last.values()].toSorted()).toEqual([...expected.values()].toSorted());
  });

  test("a session that came back after its end is analysed from its start", () => {
    const log = createLog("session-1");
    log.append(0, 20);
    engine.receive({ type: "log", log: log.reference({ finished: true }) });
    settle();
    log.append(20, 40);
    engine.receive({ type: "log", log: log.reference() });
    clock += 5_000;
    settle();
    const reopened = sent.at(-1);
    engine.receive({ type: "forget", sessionId: "session-1" });
    engine.receive({ type: "log", log: log.reference() });
    settle();
    expect(sent.at(-1)).toEqual(reopened);
  });

  test("a session that cannot be analysed does not stop the others", () => {
    const log = createLog("session-1");
    log.append(0, 10);
    const missing = createLog("session-2").reference({ path: join(folder, "gone.pslog"), bytes: 100 });
    engine.receive({ type: "log", log: missing });
    engine.receive({ type: "log", log: log.reference() });
    settle();
    expect(sent.map(({ type }) => type)).toEqual(["analysis-failed", "summary"]);
    engine.receive({ type: "request", id: 4, request: { kind: "analysis", log: missing } });
    expect(sent.at(-1)).toMatchObject({ type: "failure", id: 4 });
    engine.receive({ type: "request", id: 5, request: { kind: "analysis", log: log.reference() } });
    expect(sent.at(-1)).toMatchObject({ type: "answer", id: 5 });
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
  const { version: _version, sessionId: _sessionId, ...values } = row;
  table.set(key, JSON.stringify(values).replaceAll("session-2", "session-1"));
}
