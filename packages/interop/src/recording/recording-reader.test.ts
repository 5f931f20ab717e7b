import { generateSession } from "@peerscope/scenarios";
import { createFrameEncoder, encodeSessionLogEntry, encodeSessionLogHeader } from "@peerscope/schema";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeGetStatsLines } from "../getstats-lines/write-getstats-lines.ts";
import { writeRtcstatsDump } from "../rtcstats/write-dump.ts";
import { writeWebrtcInternals } from "../webrtc-internals/write-dump.ts";
import { createRecordingReader, type Recording } from "./recording-reader.ts";

const { records } = generateSession({ seed: 4, durationSeconds: 6, kind: "loss", startAt: 1.79e12 });
const log = Buffer.concat([
  encodeSessionLogHeader({ sessionId: "generated-4", projectId: "default", createdAt: 1.79e12 }),
  encodeSessionLogEntry(createFrameEncoder({ isExact: true }).encode(records)),
]);
const lines = Buffer.from([...writeGetStatsLines(records, "kim")].join("\n"));
const sources: readonly (readonly [string, Uint8Array])[] = [
  ["session-log", log],
  ["getstats-lines", lines],
  ["rtcstats", Buffer.from([...writeRtcstatsDump(records)].join("\n"))],
  ["webrtc-internals", Buffer.from([...writeWebrtcInternals(records)].join(""))],
];

function read(bytes: Uint8Array, cuts: readonly number[] = []): Recording {
  const reader = createRecordingReader("x");
  let start = 0;
  for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    // The caller may write over its bytes afterwards.
    const piece = Uint8Array.from(bytes.subarray(start, cut));
    reader.push(piece);
    piece.fill(0);
    start = cut;
  }
  return reader.end();
}

describe("a recording", () => {
  it.each(sources)("of %s is told by its content, and the same in any pieces", (format, bytes) => {
    const whole = read(bytes);
    expect(whole.format).toBe(format);
    expect(whole.sessions[0]?.records.filter(({ kind }) => kind === "sample").length).toBeGreaterThan(4);
    for (const { records: all } of whole.sessions) {
      const times = all.map(({ at }) => at);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 5 }), (cuts) => {
        expect(read(bytes, cuts)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it("whose first lines are damaged is known by the next ones", () => {
    const { format, skipped, sessions } = read(Buffer.concat([Buffer.from("rubbish\n{{{\n"), lines]));
    expect(format).toBe("getstats-lines");
    expect(skipped.kinds).toMatchObject([{ code: "unreadable", count: 2, first: { line: 1 } }]);
    expect(sessions[0]?.peer).toBe("kim");
  });

  it.each([
    "",
    "x",
    "buy milk and something else\n",
    "YWJjZGVmZ2hpamtsbW5vcA==\n",
    "[]",
    "{}",
    "[1,2]\n",
    "\u0000\u0001",
  ])("is none: %j", (text) => expect(read(Buffer.from(text)).format).toBeNull());

  it("with a line of a gigabyte is read around it, without keeping it", () => {
    const reader = createRecordingReader("x");
    reader.push(lines);
    reader.push(Buffer.from('\n{"pc":"'));
    const block = new Uint8Array(1 << 20).fill(0x61);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for (let piece = 0; piece < 1_024; piece++) {
      reader.push(block);
      if (piece % 64 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    reader.push(Buffer.from('"}\n'));
    reader.push(lines);
    const { sessions, skipped } = reader.end();
    expect(skipped.kinds).toMatchObject([{ code: "limit-exceeded", count: 1 }]);
    expect(sessions[0]?.records).toHaveLength(2 * records.filter(({ kind }) => kind === "sample").length);
    expect(most).toBeLessThan(64 << 20);
  });
});
