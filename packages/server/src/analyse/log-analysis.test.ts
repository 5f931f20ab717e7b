import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createFrameEncoder, encodeSessionLogEntry, encodeSessionLogHeader } from "@peerscope/schema";
import { generateSession, type SessionKind } from "@peerscope/scenarios";
import type { LogReference } from "../ingest/session-registry.ts";
import { createRestingFile, type RestingFile } from "./resting-file.ts";
import { createLogAnalysis, type LogAnalysis } from "./log-analysis.ts";

const createdAt = Date.UTC(2026, 5, 6);

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A log on disk, and its length after each part of ten records. One part is damaged. */
function writeLog(kind: SessionKind): { readonly log: LogReference; readonly lengths: readonly number[] } {
  const { records } = generateSession({ seed: 5, durationSeconds: 40, kind, startAt: createdAt });
  const sessionId = "session-1";
  const encoder = createFrameEncoder();
  const parts = [encodeSessionLogHeader({ sessionId, projectId: "default", createdAt })];
  for (let from = 0; from < records.length; from += 10) {
    const frame = encoder.encode(records.slice(from, from + 10), { keyframe: from % 100 === 0 });
    if (from === 150) frame[frame.length >> 1] = (frame[frame.length >> 1] ?? 0) ^ 1;
    parts.push(encodeSessionLogEntry(frame));
  }
  const path = join(folder, `${kind}.pslog`);
  writeFileSync(path, Buffer.concat(parts));
  let bytes = 0;
  const lengths = parts.map((part) => (bytes += part.length));
  const log = { sessionId, projectId: "default", path, bytes: 0, createdAt, finished: false, sample: false };
  return { log, lengths: lengths.slice(1) };
}

/** All that can be asked of an analysis. */
function tellAll(analysis: LogAnalysis, version: number): unknown {
  while (analysis.read());
  const { tables, ...rows } = analysis.rows(version);
  const lines = Object.entries(tables).map(([table, { bytes }]) => [
    table,
    Buffer.from(bytes).toString("base64"),
  ]);
  return [analysis.json(), analysis.summary(), lines, rows, analysis.takeRefused(), analysis.unreadBytes];
}

/** Takes and gives bytes, but now and then only one of both. */
function createUnsteadyFile(): RestingFile {
  const file = createRestingFile(folder, "resting");
  let calls = 0;
  return {
    ...file,
    put: (bytes) => ((calls += 1) % 5 === 0 ? null : file.put(bytes)),
    take(place) {
      const bytes = file.take(place);
      return (calls += 1) % 3 === 0 ? null : bytes;
    },
  };
}

const sessions = ["loss", "outage", "ice-failure"] as const;
const places = [
  { where: "in memory", open: () => undefined },
  { where: "in a file", open: () => createRestingFile(folder, "resting") },
];
const cases = sessions.flatMap((kind) => places.map((place) => ({ kind, ...place })));

test.each(cases)("a session ($kind) that rests $where tells the same", ({ kind, open }) => {
  const { log, lengths } = writeLog(kind);
  const restingFile = open();
  const awake = createLogAnalysis(log);
  const resting = createLogAnalysis(log, restingFile && { restingFile });
  resting.rest();
  for (const [index, bytes] of lengths.entries()) {
    const next = { ...log, bytes, finished: index === lengths.length - 1 };
    awake.advance(next);
    resting.advance(next);
    // Of some parts nothing is asked before the next ones are there.
    if (index % 3 === 1 && !next.finished) {
      while (resting.read());
      resting.rest();
      resting.rest();
      continue;
    }
    const told = tellAll(awake, index);
    expect(tellAll(resting, index)).toEqual(told);
    resting.rest();
    expect(resting.json()).toBe(awake.json());
    resting.rest();
  }
  expect(resting.result().ended || kind === "ice-failure").toBe(true);
  resting.rest();
  resting.close();
  expect(resting.json()).toBe(awake.json());
  restingFile?.close();
});

test("a session whose state the disk does not take or give back is read again from its log", () => {
  const { log, lengths } = writeLog("loss");
  const restingFile = createUnsteadyFile();
  const awake = createLogAnalysis(log);
  const resting = createLogAnalysis(log, { restingFile });
  for (const [index, bytes] of lengths.entries()) {
    const next = { ...log, bytes, finished: index === lengths.length - 1 };
    for (const analysis of [awake, resting]) {
      analysis.advance(next);
      while (analysis.read());
    }
    resting.rest();
    expect(resting.json()).toBe(awake.json());
    expect(resting.summary()).toEqual(awake.summary());
    expect(resting.unreadBytes).toBe(0);
    resting.rest();
  }
  restingFile.close();
});
