import { describe, expect, it } from "vitest";
import type { SessionRecord } from "../records.ts";
import {
  writeByte,
  writeSigned,
  writeText,
  writeVarint,
  createByteWriter,
  type ByteWriter,
} from "./bytes.ts";
import { createFrameDecoder, readFrameHeader } from "./decoder.ts";
import { createFrameEncoder } from "./encoder.ts";
import { formArray, formInteger, formList, formNull, formObject, formString } from "./forms.ts";
import { type FrameErrorCode, type FrameResult, maxFrameBytes } from "./frame.ts";
import { maxSlotsPerFrame } from "./limits.ts";
import { corpusNames, readCorpus } from "./testing/corpus.ts";
import { createRandom, mutate } from "./testing/random.ts";

const declared: readonly FrameErrorCode[] = [
  "frame-too-short",
  "frame-not-peerscope",
  "frame-version-unsupported",
  "frame-too-large",
  "frame-corrupt",
  "frame-limit-exceeded",
  "frame-gap",
];

const sizeOf = (value: unknown): number => {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce<number>((sum, member) => sum + sizeOf(member), 1);
};

const codeOf = (result: FrameResult): string => (result.ok ? "ok" : result.error.code);

/** A frame written by hand, valid up to the body. */
const frameOf = (body: (writer: ByteWriter) => void, recordCount = 1): Uint8Array => {
  const writer = createByteWriter();
  for (const byte of [0x50, 0x53, 1, 1, 0, 0]) writeByte(writer, byte);
  writeVarint(writer, recordCount);
  body(writer);
  return writer.bytes.slice(0, writer.length);
};

/** Kind, time and the name of an event, before `members` more members. */
const startEvent = (writer: ByteWriter, members: number): void => {
  writeVarint(writer, 0);
  writeByte(writer, formInteger);
  writeSigned(writer, 1000);
  writeVarint(writer, (1 + members) * 8 + 1);
  for (const text of ["name", "app-event"]) {
    if (text !== "name") writeByte(writer, formString);
    writeByte(writer, 1);
    writeText(writer, text);
  }
};

const writeName = (writer: ByteWriter, name: string): void => {
  writeByte(writer, 1);
  writeText(writer, name);
};

const decode = (bytes: Uint8Array): FrameResult => createFrameDecoder().decode(bytes);

describe("the decoder on bytes that are not frames", () => {
  it.each<[FrameErrorCode, Uint8Array]>([
    ["frame-too-short", new Uint8Array(0)],
    ["frame-too-short", Uint8Array.of(0x50, 0x53, 1, 1, 0, 0)],
    ["frame-not-peerscope", new TextEncoder().encode('{"type":"hello"}')],
    ["frame-version-unsupported", Uint8Array.of(0x50, 0x53, 2, 1, 0, 0, 0)],
    ["frame-corrupt", Uint8Array.of(0x50, 0x53, 1, 2, 0, 0, 0)],
    ["frame-too-large", new Uint8Array(maxFrameBytes + 1)],
    ["frame-gap", Uint8Array.of(0x50, 0x53, 1, 0, 0, 0, 0)],
    ["frame-limit-exceeded", Uint8Array.of(0x50, 0x53, 1, 1, 0, 0, 0xff, 0xff, 0x7f)],
    ["frame-corrupt", Uint8Array.of(0x50, 0x53, 1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)],
    ["frame-corrupt", Uint8Array.of(0x50, 0x53, 1, 1, 0x80, 0x00, 0, 0)],
  ])("%s", (code, bytes) => {
    expect(codeOf(decode(bytes))).toBe(code);
    const header = readFrameHeader(bytes);
    if (code !== "frame-gap") expect(header.ok ? "ok" : header.error.code).toBe(code);
  });

  it("accepts the smallest frame", () => {
    expect(decode(Uint8Array.of(0x50, 0x53, 1, 1, 7, 0, 0))).toEqual({
      ok: true,
      frame: { sequence: 7, keyframe: true, records: [] },
    });
  });
});

describe("the decoder on frames that want too much", () => {
  it("accepts the hand-written event that the others are made of", () => {
    const bytes = frameOf((writer) => startEvent(writer, 0));
    expect(decode(bytes)).toMatchObject({
      ok: true,
      frame: { records: [{ kind: "event", at: 1000, name: "app-event" }] },
    });
  });

  const nested = (levels: number): Uint8Array =>
    frameOf((writer) => {
      startEvent(writer, 1);
      writeName(writer, "data");
      writeByte(writer, formObject);
      writeVarint(writer, 1 * 8 + 1);
      writeName(writer, "a");
      for (let i = 0; i < levels; i++) {
        writeByte(writer, formArray);
        writeVarint(writer, 1 * 8 + 1);
      }
      writeByte(writer, formNull);
    });

  it("refuses depth beyond the limit, however deep", () => {
    expect(codeOf(decode(nested(15)))).toBe("ok");
    expect(codeOf(decode(nested(16)))).toBe("frame-limit-exceeded");
    expect(codeOf(decode(nested(300_000)))).toBe("frame-limit-exceeded");
  });

  it.each<[string, (writer: ByteWriter) => void]>([
    ["members", (writer) => writeVarint(writer, 2 ** 40)],
    [
      "list",
      (writer) => {
        writeVarint(writer, 8 + 1);
        writeName(writer, "l");
        writeByte(writer, formList);
        writeVarint(writer, 2 ** 40);
      },
    ],
    [
      "text",
      (writer) => {
        writeVarint(writer, 8 + 1);
        writeName(writer, "l");
        writeByte(writer, formString);
        writeByte(writer, 1);
        writeVarint(writer, 2 ** 40);
      },
    ],
  ])("refuses a count of %s that is not there, without room for it", (_name, write) => {
    const before = performance.now();
    const bytes = frameOf((writer) => {
      startEvent(writer, 1);
      writeName(writer, "data");
      writeByte(writer, formObject);
      write(writer);
    });
    expect(["frame-corrupt", "frame-limit-exceeded"]).toContain(codeOf(decode(bytes)));
    expect(performance.now() - before).toBeLessThan(100);
  });

  it("bounds what a few bytes can make of a large state", () => {
    const encoder = createFrameEncoder();
    const stats = Array.from({ length: 4000 }, (_, i) => ({
      id: `${i}`,
      type: "t",
      timestamp: 1,
      a: 1,
      b: 2,
      c: 3,
    }));
    const record: SessionRecord = { kind: "sample", at: 1, connectionId: "c", stats };
    const decoder = createFrameDecoder();
    const first = encoder.encode([record]);
    expect(codeOf(decoder.decode(first))).toBe("ok");
    const again = encoder.encode([record]);
    expect(codeOf(decoder.decode(again))).toBe("ok");
    // The record of the second frame, repeated: some ten bytes for 28 000 values each time.
    const bomb = (sequence: number, count: number): Uint8Array => {
      const writer = createByteWriter();
      for (const byte of [0x50, 0x53, 1, 0, sequence, 1]) writeByte(writer, byte);
      writeVarint(writer, count);
      for (let i = 0; i < count; i++) for (const byte of again.subarray(7)) writeByte(writer, byte);
      return writer.bytes.slice(0, writer.length);
    };
    const repeats = Math.floor(maxSlotsPerFrame / 28_001);
    const fits = decoder.decode(bomb(2, repeats));
    expect(codeOf(fits)).toBe("ok");
    const before = performance.now();
    expect(codeOf(decoder.decode(bomb(3, repeats + 1)))).toBe("frame-limit-exceeded");
    expect(codeOf(decoder.decode(bomb(3, 4096)))).toBe("frame-limit-exceeded");
    expect(performance.now() - before).toBeLessThan(5000);
    // And the state is as it was.
    expect(codeOf(decoder.decode(bomb(3, 1)))).toBe("ok");
  });

  it("refuses the dictionary and the bytes that outgrow their limits, until a keyframe", () => {
    const decoder = createFrameDecoder();
    const text = "z".repeat(900_000);
    const grow = (sequence: number, keyframe: number): Uint8Array => {
      const writer = createByteWriter();
      for (const byte of [0x50, 0x53, 1, keyframe, sequence, 0, 1]) writeByte(writer, byte);
      startEvent(writer, 1);
      writeName(writer, "data");
      writeByte(writer, formObject);
      writeVarint(writer, 8 + 1);
      writeName(writer, "a");
      writeByte(writer, formString);
      writeName(writer, text);
      return writer.bytes.slice(0, writer.length);
    };
    const codes = Array.from({ length: 11 }, (_, i) => codeOf(decoder.decode(grow(i, i === 0 ? 1 : 0))));
    expect(codes.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => "ok"));
    expect(codes.slice(9)).toEqual(["frame-limit-exceeded", "frame-gap"]);
    expect(codeOf(decoder.decode(grow(20, 1)))).toBe("ok");
    const entries = frameOf((writer) => {
      startEvent(writer, 1);
      writeName(writer, "data");
      writeByte(writer, formObject);
      writeVarint(writer, 16_000 * 8 + 1);
      for (let i = 0; i < 16_000; i++) {
        for (const text of [`k${i}`, `v${i}`]) {
          if (text.startsWith("v")) writeByte(writer, formString);
          writeByte(writer, 2);
          writeText(writer, text);
        }
      }
    });
    expect(codeOf(decode(entries))).toBe("frame-limit-exceeded");
  });
});

describe("the decoder on changed frames", () => {
  it("answers every one with a frame or a declared error, in bounded time and size", () => {
    const random = createRandom(20_261_121);
    const sessions = corpusNames().map((name) => ({
      name,
      frames: readCorpus(name).frames.map(({ hex }) => Uint8Array.from(Buffer.from(hex, "hex"))),
    }));
    const outcomes = new Map<string, number>();
    let slowest = 0;
    for (let round = 0; round < 20_000;) {
      const session = sessions[random.below(sessions.length)];
      if (session === undefined) continue;
      const decoder = createFrameDecoder();
      const untouched = createFrameDecoder();
      const target = random.below(session.frames.length);
      for (const frame of session.frames.slice(0, target)) {
        decoder.decode(frame);
        untouched.decode(frame);
      }
      const original = session.frames[target] ?? new Uint8Array();
      for (let i = 0; i < 40; i++, round++) {
        let bytes = mutate(random, original);
        while (random.below(3) === 0 && bytes.length > 0) bytes = mutate(random, bytes);
        const about = `seed ${random.seed}, round ${round}, ${session.name}`;
        const started = performance.now();
        const result = decoder.decode(bytes);
        slowest = Math.max(slowest, performance.now() - started);
        outcomes.set(codeOf(result), (outcomes.get(codeOf(result)) ?? 0) + 1);
        if (!result.ok) {
          expect(declared, about).toContain(result.error.code);
          expect(result.error.message.length, about).toBeLessThan(200);
          continue;
        }
        expect(sizeOf(result.frame), about).toBeLessThan(maxSlotsPerFrame);
        // It was taken as a frame: start over for the next one.
        break;
      }
      if (round % 400 < 40) {
        const refused = createFrameDecoder();
        for (const frame of session.frames.slice(0, target)) refused.decode(frame);
        const broken = original.slice(0, -1);
        refused.decode(broken);
        expect(refused.decode(original)).toEqual(untouched.decode(original));
      }
    }
    expect(slowest, `seed ${random.seed}`).toBeLessThan(1000);
    for (const code of ["ok", "frame-corrupt", "frame-limit-exceeded", "frame-too-short", "frame-gap"]) {
      expect(outcomes.get(code) ?? 0, `${code} of ${JSON.stringify([...outcomes])}`).toBeGreaterThan(0);
    }
  });
});
