import { createGzip, gzipSync } from "node:zlib";
import { writeRtcstatsDump, writeWebrtcInternals } from "@peerscope/interop";
import { generateSession, readCaptureGetStats } from "@peerscope/scenarios";
import { createFrameEncoder, encodeSessionLogEntry, encodeSessionLogHeader } from "@peerscope/schema";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWriteStream, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CliError } from "../errors.ts";
import { readInput, readInputFile } from "./read-input.ts";

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
      expect(sessions).toMatchObject([{ sessionId: "generated-9", peer: null }]);
      expect(sessions[0]?.records).toEqual(records);
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
    const { skipped, sessions } = readInput(Buffer.from(damaged), "x");
    expect(skipped.total).toBe(2);
    expect(skipped.examples.map(({ line }) => line)).toEqual([1, lines.toString().split("\n").length + 1]);
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

describe("readInputFile", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "peerscope-input-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  function written(name: string, bytes: Uint8Array | string): string {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  }
  const codeOfFile = (path: string): Promise<string> =>
    readInputFile(path, "x").then(
      ({ format }) => format,
      (error: unknown) => (error instanceof CliError ? error.code : String(error)),
    );

  it.each([
    ["session-log", log],
    ["getstats-lines", lines],
    ["rtcstats", Buffer.from([...writeRtcstatsDump(records)].join("\n"))],
    ["webrtc-internals", Buffer.from([...writeWebrtcInternals(records)].join(""))],
  ])("reads %s in pieces as it does at once, packed or not", async (format, bytes) => {
    const atOnce = readInput(bytes, "x");
    expect(atOnce.format).toBe(format);
    expect(atOnce.sessions[0]?.records.some(({ kind }) => kind === "sample")).toBe(true);
    expect(await readInputFile(written("plain", bytes), "x")).toEqual(atOnce);
    expect(await readInputFile(written("packed", gzipSync(bytes)), "x")).toEqual(atOnce);
  });

  it("reads the beginning of a packed file that ends early or is damaged, and says so", async () => {
    const packed = gzipSync(lines, { level: 0 });
    const cut = await readInputFile(written("cut", packed.subarray(0, packed.byteLength / 2)), "x");
    expect(cut.warnings.map(({ code }) => code)).toEqual(["gzip-truncated"]);
    expect(cut.sessions[0]?.records.length).toBeGreaterThan(10);
    const broken = Buffer.from(packed);
    broken.fill(0xff, packed.byteLength - 12, packed.byteLength - 4);
    const damaged = await readInputFile(written("broken", broken), "x");
    expect(damaged.warnings.map(({ code }) => code)).toEqual(["gzip-corrupt"]);
    expect(await codeOfFile(written("junk", Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3])))).toBe("file-empty");
  });

  it("stops at a gzip bomb and before a file that is too large, with little memory", async () => {
    const bomb = join(folder, "bomb.gz");
    const block = Buffer.alloc(1 << 20, "a");
    const many = Readable.from([lines, ...Array.from({ length: 520 }, () => block)]);
    await pipeline(many, createGzip({ level: 1 }), createWriteStream(bomb));
    expect(await codeOfFile(bomb)).toBe("file-too-large");
    const sparse = written("sparse", "");
    truncateSync(sparse, 600 * 1024 * 1024);
    expect(await codeOfFile(sparse)).toBe("file-too-large");
  });

  it("skips a line of hundreds of megabytes whole and reads what follows", async () => {
    const path = join(folder, "long-line.gz");
    const block = Buffer.alloc(1 << 20, "a");
    const parts = [Buffer.from(`${lines.toString()}{"x":"`), ...Array.from({ length: 200 }, () => block)];
    await pipeline(
      Readable.from([...parts, Buffer.from(`"}\n`), lines]),
      createGzip({ level: 1 }),
      createWriteStream(path),
    );
    const before = process.memoryUsage().arrayBuffers;
    const { sessions, skipped } = await readInputFile(path, "x");
    expect(sessions.flatMap((session) => session.records)).toHaveLength(184);
    expect(skipped.kinds.map(({ code, count }) => [code, count])).toEqual([["limit-exceeded", 1]]);
    // What is held of the line is bounded by 16 MiB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(120e6);
  });

  it("has a code for what is no file", async () => {
    expect(await codeOfFile(join(folder, "missing"))).toBe("file-not-found");
    expect(await codeOfFile(folder)).toBe("file-unreadable");
    expect(await codeOfFile(written("empty", ""))).toBe("file-empty");
  });
});
