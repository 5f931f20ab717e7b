import { describe, expect, it } from "vitest";
import type { EventRecord } from "../records.ts";
import { createFrameEncoder } from "../wire/encoder.ts";
import { maxFrameBytes } from "../wire/frame.ts";
import { createRandom, mutate } from "../wire/testing/random.ts";
import { crc32c } from "./crc32c.ts";
import { encodeSessionLogEntry, encodeSessionLogHeader } from "./layout.ts";
import { readSessionLog } from "./read-session-log.ts";
import { createSessionLogReader } from "./reader.ts";
import type { SessionLogErrorCode, SessionLogHeader } from "./session-log.ts";

const header: SessionLogHeader = {
  sessionId: "session-é",
  projectId: "default",
  createdAt: 1_800_000_000_000,
};

const eventAt = (i: number): EventRecord => ({
  kind: "event",
  at: 1_800_000_000_000 + i * 1000,
  name: "app-event",
  data: { name: `event ${i}` },
});

/** A log of `count` frames with one event each; some are keyframes besides the first. */
const createLog = (
  count: number,
  keyframes: readonly number[] = [],
): { pieces: Uint8Array[]; bytes: Uint8Array } => {
  const encoder = createFrameEncoder();
  const pieces = [encodeSessionLogHeader(header)];
  for (let i = 0; i < count; i++) {
    pieces.push(encodeSessionLogEntry(encoder.encode([eventAt(i)], { keyframe: keyframes.includes(i) })));
  }
  return { pieces, bytes: Uint8Array.from(pieces.flatMap((piece) => [...piece])) };
};

/** Where each piece starts; the last is the end. */
const offsetsOf = (pieces: readonly Uint8Array[]): number[] => {
  const offsets = [0];
  for (const piece of pieces) offsets.push((offsets.at(-1) ?? 0) + piece.length);
  return offsets;
};

const codesOf = (errors: readonly { readonly code: string }[]): string[] => errors.map((error) => error.code);

describe("crc32c", () => {
  // RFC 3720 appendix B.4, and the check value of the CRC catalogue.
  it.each<[string, Uint8Array, number]>([
    ["123456789", new TextEncoder().encode("123456789"), 0xe3069283],
    ["nothing", new Uint8Array(0), 0],
    ["32 zeros", new Uint8Array(32), 0x8a9136aa],
    ["32 ones", new Uint8Array(32).fill(255), 0x62a8ab43],
    ["0 to 31", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ["31 to 0", Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  ])("of %s", (_name, bytes, sum) => {
    expect(crc32c(bytes)).toBe(sum);
  });
});

describe("the session log", () => {
  it("has the bytes that the specification says", () => {
    const small: SessionLogHeader = { sessionId: "s", projectId: "p", createdAt: 1 };
    const json = '{"sessionId":"s","projectId":"p","createdAt":1}';
    const bytes = Buffer.from(encodeSessionLogHeader(small));
    expect(bytes.subarray(0, 5).toString("hex")).toBe("50534c4701");
    expect(bytes.readUInt32LE(5)).toBe(json.length);
    expect(bytes.readUInt32LE(9)).toBe(crc32c(Buffer.from(json)));
    expect(bytes.subarray(13).toString()).toBe(json);
    const entry = Buffer.from(encodeSessionLogEntry(new TextEncoder().encode("123456789")));
    expect(entry.toString("hex")).toBe(`09000000839206e3${Buffer.from("123456789").toString("hex")}`);
  });

  it("is read in pieces of any size, to the same frames", () => {
    const { bytes, pieces } = createLog(20);
    for (const size of [1, 2, 7, 13, 64, bytes.length]) {
      const reader = createSessionLogReader();
      const frames: Uint8Array[] = [];
      let validBytes = 0;
      for (let at = 0; at < bytes.length; at += size) {
        const chunk = reader.push(bytes.slice(at, at + size));
        expect(chunk.error).toBeNull();
        expect(chunk.validBytes + reader.pendingBytes).toBe(Math.min(bytes.length, at + size));
        frames.push(...chunk.frames);
        ({ validBytes } = chunk);
      }
      expect(reader.header).toEqual(header);
      expect(reader.pendingBytes).toBe(0);
      expect(validBytes).toBe(bytes.length);
      expect(frames.map((frame) => encodeSessionLogEntry(frame))).toEqual(pieces.slice(1));
    }
  });

  it("says where a torn tail is to be cut, wherever it was torn", () => {
    const { bytes, pieces } = createLog(4);
    const offsets = offsetsOf(pieces);
    for (let length = 0; length < bytes.length; length++) {
      const reader = createSessionLogReader();
      const chunk = reader.push(bytes.subarray(0, length));
      const whole = offsets.findLast((offset) => offset <= length) ?? 0;
      expect(chunk).toMatchObject({ validBytes: whole, error: null });
      expect(reader.pendingBytes).toBe(length - whole);
      const content = readSessionLog(bytes.subarray(0, length));
      const frames = Math.max(0, offsets.indexOf(whole) - 1);
      expect(content.records).toHaveLength(frames);
      expect(content.lastSequence).toBe(frames - 1);
      expect(content.errors).toEqual(
        length === whole && whole > 0
          ? []
          : [{ code: "log-truncated", message: expect.any(String), offset: whole }],
      );
    }
  });

  it("stays where it is after a wrong checksum when it is streamed", () => {
    const { bytes, pieces } = createLog(5);
    const offsets = offsetsOf(pieces);
    const damaged = bytes.slice();
    damaged[(offsets[3] ?? 0) + 12] = 0xee;
    const reader = createSessionLogReader();
    const chunk = reader.push(damaged);
    expect(chunk).toMatchObject({
      validBytes: offsets[3],
      error: { code: "log-entry-corrupt", offset: offsets[3] },
    });
    expect(chunk.frames).toHaveLength(2);
    expect(reader.push(bytes)).toMatchObject({ frames: [], error: { code: "log-entry-corrupt" } });
  });

  it("loses only what is damaged, up to the next keyframe, and says so", () => {
    const { bytes, pieces } = createLog(10, [6]);
    const offsets = offsetsOf(pieces);
    const damaged = bytes.slice();
    damaged[(offsets[4] ?? 0) + 12] = 0xee;
    const content = readSessionLog(damaged);
    expect(content.header).toEqual(header);
    expect(content.records).toEqual([0, 1, 2, 6, 7, 8, 9].map(eventAt));
    expect(codesOf(content.errors)).toEqual(["log-entry-corrupt", "frame-gap", "frame-gap", "frame-gap"]);
    expect(content.errors[0]).toMatchObject({ offset: offsets[4] });
    expect(content.errors[1]).toMatchObject({ frameIndex: 4 });
    expect(content.errors[3]).toMatchObject({ frameIndex: 6 });
    expect(content.lastSequence).toBe(9);
  });

  it("reports frames that are missing before a keyframe", () => {
    const { pieces } = createLog(6, [4]);
    const bytes = Uint8Array.from([0, 1, 2, 5, 6].flatMap((i) => [...(pieces[i] ?? [])]));
    const content = readSessionLog(bytes);
    expect(content.records).toEqual([0, 1, 4, 5].map(eventAt));
    expect(content.errors).toEqual([
      { code: "frame-gap", message: expect.stringContaining("2 frames"), frameIndex: 2 },
    ]);
  });

  it("reads a frame that is stored twice once", () => {
    const { pieces } = createLog(6, [3]);
    const bytes = Uint8Array.from([0, 1, 2, 2, 3, 4, 5, 4, 3, 6].flatMap((i) => [...(pieces[i] ?? [])]));
    const content = readSessionLog(bytes);
    expect(content.records).toEqual([0, 1, 2, 3, 4, 5].map(eventAt));
    expect(content.errors).toEqual([]);
  });

  it("reports an entry that is intact but no frame, and goes on", () => {
    const { pieces } = createLog(2);
    const junk = encodeSessionLogEntry(new TextEncoder().encode("not a frame"));
    const bytes = Uint8Array.from(
      [pieces[0], pieces[1], junk, pieces[2]].flatMap((piece) => [...(piece ?? [])]),
    );
    const content = readSessionLog(bytes);
    expect(content.records).toEqual([0, 1].map(eventAt));
    expect(content.errors).toMatchObject([{ code: "frame-not-peerscope", frameIndex: 1 }]);
  });

  it("refuses what is not a log, with a code", () => {
    const { bytes } = createLog(1);
    const with_ = (change: (copy: Uint8Array) => void): Uint8Array => {
      const copy = bytes.slice();
      change(copy);
      return copy;
    };
    const cases: [SessionLogErrorCode, Uint8Array][] = [
      ["log-not-peerscope", new TextEncoder().encode('{"type":"log"}')],
      ["log-not-peerscope", Uint8Array.of(0x50, 0x53, 1, 1)],
      ["log-version-unsupported", with_((copy) => copy.set([9], 4))],
      ["log-header-corrupt", with_((copy) => copy.set([255, 255, 255, 255], 5))],
      ["log-header-corrupt", with_((copy) => copy.set([1], 20))],
      ["log-header-corrupt", encodeSessionLogHeader({ sessionId: "only" } as SessionLogHeader)],
    ];
    for (const [code, log] of cases) {
      expect(createSessionLogReader().push(log)).toMatchObject({
        frames: [],
        validBytes: 0,
        error: { code },
      });
      expect(readSessionLog(log)).toMatchObject({
        header: null,
        records: [],
        errors: [{ code }],
        lastSequence: -1,
      });
    }
  });

  it("does not wait for an entry that is longer than any frame", () => {
    const { bytes } = createLog(1);
    const entry = new Uint8Array(8);
    new DataView(entry.buffer).setUint32(0, maxFrameBytes + 1, true);
    const log = Uint8Array.of(...bytes, ...entry);
    expect(createSessionLogReader().push(log)).toMatchObject({
      error: { code: "log-entry-corrupt", offset: bytes.length },
    });
    expect(codesOf(readSessionLog(log).errors)).toEqual(["log-entry-corrupt"]);
  });

  it("never throws on changed logs, and what it reads of them were records", () => {
    const random = createRandom(31_071);
    const { bytes } = createLog(12, [5, 9]);
    const known = new Set(Array.from({ length: 12 }, (_, i) => JSON.stringify(eventAt(i))));
    for (let round = 0; round < 3000; round++) {
      const content = readSessionLog(mutate(random, bytes));
      const about = `seed ${random.seed}, round ${round}`;
      for (const record of content.records) expect(known.has(JSON.stringify(record)), about).toBe(true);
      // Without an error nothing is missing in between: at most the log was cut between two entries.
      if (content.errors.length === 0) {
        expect(content.records, about).toEqual(content.records.map((_, i) => eventAt(i)));
      }
    }
  });
});
