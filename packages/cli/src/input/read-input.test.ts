import { gzipSync } from "node:zlib";
import { generateSession, readCaptureGetStats } from "@peerscope/scenarios";
import { createFrameEncoder, encodeSessionLogEntry, encodeSessionLogHeader } from "@peerscope/schema";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CliError } from "../errors.ts";
import { readInput } from "./read-input.ts";

const { records } = generateSession({ seed: 9, durationSeconds: 5, kind: "good", startAt: 1.79e12 });
const log = Buffer.concat([
  encodeSessionLogHeader({ sessionId: "generated-9", projectId: "default", createdAt: 1.79e12 }),
  encodeSessionLogEntry(createFrameEncoder({ isExact: true }).encode(records, { keyframe: true })),
]);
const lines = Buffer.from(readCaptureGetStats("good-call"));

function codeOf(bytes: Uint8Array): string | null {
  try {
    readInput(bytes, "x");
    return null;
  } catch (error) {
    if (error instanceof CliError) return error.code;
    throw error;
  }
}

describe("readInput", () => {
  it("tells formats and packing by content", () => {
    for (const bytes of [log, gzipSync(log)]) {
      const { format, sessions, warnings } = readInput(bytes, "anything.txt");
      expect(format).toBe("session-log");
      expect(sessions).toEqual([{ sessionId: "generated-9", peer: null, records }]);
      expect(warnings).toEqual([]);
    }
    for (const bytes of [lines, gzipSync(lines)]) {
      const { format, sessions } = readInput(bytes, "call.bin");
      expect(format).toBe("getstats-lines");
      expect(sessions.map(({ sessionId, peer }) => [sessionId, peer])).toEqual([
        ["call.bin#a", "a"],
        ["call.bin#b", "b"],
      ]);
    }
  });

  it("reads what is there of a file that was cut off, and says so", () => {
    const packed = gzipSync(lines);
    const half = readInput(packed.subarray(0, packed.byteLength / 2), "x");
    expect(half.warnings[0]?.code).toBe("gzip-truncated");
    const samples = half.sessions.flatMap((session) => session.records);
    expect(samples.length).toBeGreaterThan(20);
    expect(samples.length).toBeLessThan(92);
    const cutLog = readInput(Buffer.concat([log, log.subarray(-30)]), "x");
    expect(cutLog.warnings[0]?.code).toMatch(/^log-/);
    expect(cutLog.sessions[0]?.records).toEqual(records);
  });

  it("reports lines it could not use and keeps the rest", () => {
    const damaged = `garbage\n${lines.toString()}{"pc":\n`;
    const { warnings, sessions } = readInput(Buffer.from(damaged), "x");
    expect(warnings.map(({ code }) => code)).toEqual(["line-skipped", "line-skipped"]);
    expect(warnings[0]?.message).toContain("line 1:");
    expect(sessions.flatMap((session) => session.records)).toHaveLength(92);
  });

  it("has a code for everything it cannot read", () => {
    expect(codeOf(new Uint8Array(0))).toBe("file-empty");
    expect(codeOf(gzipSync(Buffer.alloc(0)))).toBe("file-empty");
    expect(codeOf(Buffer.from("a text\n"))).toBe("format-unknown");
    expect(codeOf(Buffer.from([0xff, 0xd8, 0xff, 0xe0]))).toBe("format-unknown");
    expect(codeOf(Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]))).toMatch(/^(?:gzip-corrupt|file-empty)$/);
    expect(codeOf(log.subarray(0, 20))).toBe("log-no-records");
    const version = Uint8Array.from(log);
    version[4] = 9;
    expect(codeOf(version)).toBe("log-no-records");
  });

  it("throws nothing but coded errors, whatever the bytes", () => {
    const seeds = [log, gzipSync(log), lines.subarray(0, 50_000), gzipSync(lines.subarray(0, 50_000))];
    const damage = fc.array(fc.record({ at: fc.nat(60_000), to: fc.nat(255) }), { maxLength: 4 });
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        damage,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seed, changes, share) => {
          const bytes = Uint8Array.from(seed.subarray(0, Math.ceil(seed.byteLength * share)));
          for (const { at, to } of changes) if (at < bytes.byteLength) bytes[at] = to;
          codeOf(bytes);
        },
      ),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void codeOf(bytes)));
  });
});
