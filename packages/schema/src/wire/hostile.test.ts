import { describe, expect, it } from "vitest";
import type { SessionRecord } from "../records.ts";
import { createFrameDecoder, readFrameHeader } from "./decoder.ts";
import { createFrameEncoder } from "./encoder.ts";
import { type FrameErrorCode, type FrameResult, maxFrameBytes } from "./frame.ts";
import {
  cellMore,
  cellNewMember,
  cellSameForm,
  cellSameMembers,
  cellSameText,
  cellKnownText,
  cellUsual,
  cellWoken,
} from "./cells.ts";
import { formArray, formInteger, formList, formNull, formObject, formText, formTrue } from "./forms.ts";
import { hashSeed } from "./header.ts";
import { maxDictionaryEntries, maxFrameWeight, maxRecordsPerFrame } from "./limits.ts";
import { createTendency } from "./model.ts";
import { createNode } from "./slots.ts";
import type { State } from "./state.ts";
import { wireVersion } from "./version.ts";
import { corpusNames, readCorpus } from "./testing/corpus.ts";
import { frameOf, hashOf, withChecksum } from "./testing/frames.ts";
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

const decode = (bytes: Uint8Array): FrameResult => createFrameDecoder().decode(bytes);

describe("the decoder on bytes that are not frames", () => {
  it.each<[FrameErrorCode, Uint8Array]>([
    ["frame-too-short", new Uint8Array(0)],
    ["frame-too-short", Uint8Array.of(0xb7, 0, 0, 0)],
    ["frame-not-peerscope", new TextEncoder().encode('{"type":"hello"}')],
    ["frame-version-unsupported", Uint8Array.of(0x50, 0x53, 1, 1, 0, 0, 0)],
    ["frame-version-unsupported", Uint8Array.of(0xb9, 0, 0, 0, 0)],
    ["frame-too-large", new Uint8Array(maxFrameBytes + 1)],
    ["frame-gap", Uint8Array.of(0xb6, 0, 0, 0, 0)],
    ["frame-corrupt", Uint8Array.of(0xb7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)],
    ["frame-corrupt", Uint8Array.of(0xb7, 0x80, 0x00, 0, 0)],
    ["frame-corrupt", Uint8Array.of(0xb7, 0xff, 0xff, 0xff, 0xff)],
    // Decisions that go beyond the frame.
    ["frame-corrupt", Uint8Array.of(0xb7, 0, 1, 0, 0)],
  ])("%s", (code, bytes) => {
    expect(codeOf(decode(bytes))).toBe(code);
    const header = readFrameHeader(bytes);
    if (code !== "frame-gap") expect(header.ok ? "ok" : header.error.code).toBe(code);
  });

  it("says its version in its first byte", () => {
    const [first = 0] = createFrameEncoder().encode([]);
    expect((first >> 1) & 7).toBe(wireVersion);
  });

  it("accepts the smallest frame", () => {
    const bytes = createFrameEncoder({ firstSequence: 7 }).encode([]);
    expect(bytes.length).toBeLessThan(7);
    expect(decode(bytes)).toEqual({ ok: true, frame: { sequence: 7, keyframe: true, records: [] } });
  });

  it("refuses every frame of which a byte is another, and reads it when it comes again, intact", () => {
    const session = readCorpus("chromium-call.json");
    const decoder = createFrameDecoder();
    for (const { hex } of session.frames.slice(0, 2)) {
      const frame = Uint8Array.from(Buffer.from(hex, "hex"));
      for (let at = 1; at < frame.length; at++) {
        const broken = Uint8Array.from(frame);
        broken[at] = (broken[at] ?? 0) ^ 0x10;
        expect(codeOf(decoder.decode(broken)), `byte ${at}`).toMatch(/^frame-(corrupt|gap)$/);
      }
      expect(codeOf(decoder.decode(frame))).toBe("ok");
    }
  });

  it("refuses a frame that was made to follow another one than came before it", () => {
    const event = (step: number): SessionRecord => ({
      kind: "event",
      at: step,
      name: "app-event",
      data: { step },
    });
    const [one, other] = [createFrameEncoder(), createFrameEncoder()];
    const decoder = createFrameDecoder();
    decoder.decode(one.encode([event(1)]));
    other.encode([event(2)]);
    expect(codeOf(decoder.decode(other.encode([event(3)])))).toBe("frame-corrupt");
  });
});

describe("the decoder on frames that want too much", () => {
  const form = (state: State, value: number): void => void state.model.form(0, value);

  /** An event with one member "data" that is an object with one member "a"; `write` says its form and value. */
  const eventOf = (write: (state: State) => void): Uint8Array =>
    frameOf((state) => {
      const { model } = state;
      model.bit(cellMore, 1);
      const { clock } = state.stream(0, "app-event");
      model.hit(clock, 0);
      model.bit(cellSameForm, 0);
      form(state, formInteger);
      model.integer(clock, 1000);
      for (const name of ["data", "a"]) {
        model.bit(cellUsual, 0);
        model.bit(cellSameMembers, 0);
        state.layOut(createNode(false), [name]);
        model.bit(cellWoken, 0);
        if (name === "data") form(state, formObject);
      }
      write(state);
    });

  const end = ({ model }: State): void => void model.bit(cellMore, 0);

  it("reads the hand-written event that the others are made of", () => {
    const bytes = eventOf((state) => {
      form(state, formTrue);
      end(state);
    });
    expect(decode(bytes)).toMatchObject({
      ok: true,
      frame: { records: [{ kind: "event", at: 1000, name: "app-event", data: { a: true } }] },
    });
  });

  const nested = (levels: number): Uint8Array =>
    eventOf((state) => {
      for (let i = 0; i < levels; i++) {
        form(state, formArray);
        state.model.bit(cellUsual, 0);
        state.model.bit(cellSameMembers, 0);
        state.layOut(createNode(true), ["0"]);
        state.model.bit(cellWoken, 0);
      }
      form(state, formNull);
      end(state);
    });

  it("refuses depth beyond the limit, however deep", () => {
    expect(codeOf(decode(nested(14)))).toBe("ok");
    expect(codeOf(decode(nested(16)))).toBe("frame-limit-exceeded");
    expect(codeOf(decode(nested(10_000)))).toBe("frame-limit-exceeded");
  });

  it.each<[string, (state: State) => void]>([
    [
      "members",
      (state) => {
        form(state, formObject);
        state.model.bit(cellUsual, 0);
        state.model.bit(cellSameMembers, 0);
        for (let i = 0; i < 600_000; i++) state.model.bit(cellNewMember, 1);
      },
    ],
    [
      "integers of a list",
      (state) => [form(state, formList), state.model.integer(createTendency(), 2 ** 40)],
    ],
    [
      "units of a text",
      (state) => {
        form(state, formText);
        state.model.bit(cellSameText, 0);
        state.model.bit(cellKnownText, 0);
        state.model.integer(createTendency(), 2 ** 40);
      },
    ],
  ])("refuses too many %s, without room for them", (_name, write) => {
    const bytes = eventOf(write);
    const before = performance.now();
    expect(["frame-corrupt", "frame-limit-exceeded"]).toContain(codeOf(decode(bytes)));
    expect(performance.now() - before).toBeLessThan(3000);
  });

  it("refuses a frame that goes on behind its end, at once", () => {
    // Zeros behind the bytes say "another record" for ever.
    for (const fill of [0, 0x55, 0xff]) {
      for (const decisions of [0, 4, 6]) {
        const bytes = Uint8Array.of(0xb7, 0, decisions, fill, fill, 0, fill, fill, fill, 0, 0);
        const before = performance.now();
        expect(codeOf(decode(withChecksum(bytes, hashSeed)))).toMatch(/^frame-(corrupt|limit-exceeded)$/);
        expect(performance.now() - before).toBeLessThan(2000);
      }
    }
  });

  it("bounds what a few bytes can make of a large state", () => {
    const encoder = createFrameEncoder();
    const decoder = createFrameDecoder();
    const stats = Array.from({ length: 2000 }, (_, i) => ({
      id: `${i}`,
      type: "t",
      timestamp: 1,
      a: 1,
      b: 2,
      c: 3,
    }));
    const record: SessionRecord = { kind: "sample", at: 1, connectionId: "c", stats };
    expect(codeOf(decoder.decode(encoder.encode([record])))).toBe("ok");
    // The encoder keeps to the limit itself.
    const many = encoder.encode(Array.from({ length: 200 }, () => record));
    const result = decoder.decode(many);
    if (!result.ok) throw new Error(result.error.message);
    const fits = Math.floor(maxFrameWeight / 14_000);
    expect(result.frame.records.length).toBeGreaterThan(fits - 3);
    expect(result.frame.records.length).toBeLessThan(fits + 3);
  });

  it("refuses more records than a frame may have, though each is less than a bit", () => {
    const encoder = createFrameEncoder();
    const event: SessionRecord = { kind: "event", at: 1, name: "negotiation-needed" };
    const frame = encoder.encode(Array.from({ length: 5000 }, () => event));
    const result = decode(frame);
    if (!result.ok) throw new Error(result.error.message);
    expect(result.frame.records).toHaveLength(maxRecordsPerFrame);
  });

  it("reads strings in place when the dictionary is full", () => {
    const encoder = createFrameEncoder();
    const decoder = createFrameDecoder();
    for (let i = 0; i * 1000 < maxDictionaryEntries + 2000; i++) {
      const data = { name: "x", data: Array.from({ length: 1000 }, (_, k) => `text ${i} ${k}`) };
      const record: SessionRecord = { kind: "event", at: 1, name: "app-event", data };
      expect(decoder.decode(encoder.encode([record]))).toMatchObject({
        ok: true,
        frame: { records: [record] },
      });
    }
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
    for (let round = 0; round < 6_000; round++) {
      const session = sessions[random.below(sessions.length)];
      if (session === undefined) continue;
      const decoder = createFrameDecoder();
      const target = random.below(session.frames.length);
      let hash = hashSeed;
      for (const frame of session.frames.slice(0, target)) {
        decoder.decode(frame);
        hash = hashOf(frame, hash);
      }
      let bytes = mutate(random, session.frames[target] ?? new Uint8Array());
      while (random.below(3) === 0 && bytes.length > 0) bytes = mutate(random, bytes);
      // Nine in ten have a checksum that fits, as a hostile client would make it.
      if (random.below(10) > 0) bytes = withChecksum(bytes, hash);
      const about = `seed ${random.seed}, round ${round}, ${session.name}`;
      const started = performance.now();
      const result = decoder.decode(bytes);
      slowest = Math.max(slowest, performance.now() - started);
      outcomes.set(codeOf(result), (outcomes.get(codeOf(result)) ?? 0) + 1);
      if (result.ok) expect(sizeOf(result.frame), about).toBeLessThan(2 * maxFrameWeight);
      else {
        expect(declared, about).toContain(result.error.code);
        expect(result.error.message.length, about).toBeLessThan(200);
      }
    }
    expect(slowest, `seed ${random.seed}`).toBeLessThan(2000);
    for (const code of ["ok", "frame-corrupt", "frame-gap", "frame-too-short"]) {
      expect(outcomes.get(code) ?? 0, `${code} of ${JSON.stringify([...outcomes])}`).toBeGreaterThan(0);
    }
  });
});
