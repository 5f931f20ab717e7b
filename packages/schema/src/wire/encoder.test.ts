import { describe, expect, it } from "vitest";
import type { EventRecord, SampleRecord, SessionRecord } from "../records.ts";
import { createFrameDecoder } from "./decoder.ts";
import { createFrameEncoder } from "./encoder.ts";
import { maxFrameBytes } from "./frame.ts";
import { createRandom } from "./testing/random.ts";

const at = 1_800_000_000_000;

/** Encodes what an app may hand over, whatever its type, and decodes it; after the records, what was left out of them. */
const through = (records: readonly unknown[]): readonly unknown[] => {
  const left: unknown[] = [];
  const encoder = createFrameEncoder({ onLost: (record) => left.push({ lost: record }) });
  const bytes = encoder.encode(records as SessionRecord[]);
  expect(bytes.length).toBeLessThanOrEqual(maxFrameBytes);
  const result = createFrameDecoder().decode(bytes);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return [...result.frame.records, ...left];
};

const eventWith = (data: unknown): unknown => ({
  kind: "event",
  at,
  name: "app-event",
  data: { name: "x", data },
});

const dataThrough = (data: unknown): unknown => {
  const [record] = through([eventWith(data)]);
  return (record as EventRecord).data?.["data"];
};

describe("the encoder never throws on what is no JSON", () => {
  it.each<[string, unknown, unknown]>([
    ["undefined is left out", { a: undefined, d: 1 }, { d: 1 }],
    [
      "functions, symbols and bigints are null",
      { b: () => 1, c: Symbol("s"), d: 1n },
      { b: null, c: null, d: null },
    ],
    ["in arrays they are null", [undefined, () => 1, Symbol("s"), 1], [null, null, null, 1]],
    [
      "a hostile toJSON is not called",
      { toJSON: "x", other: { toJSON: () => ({}) } },
      { toJSON: "x", other: { toJSON: null } },
    ],
    [
      "maps, sets, dates and errors are empty",
      [new Map([[1, 2]]), new Set([1]), new Date(0), new Error("x")],
      [{}, {}, {}, {}],
    ],
    [
      "numbers that JSON lacks stay",
      [Number.NaN, -0, Number.POSITIVE_INFINITY],
      [Number.NaN, -0, Number.POSITIVE_INFINITY],
    ],
    ["lone surrogates stay", { "\ud800": "\udc00x" }, { "\ud800": "\udc00x" }],
  ])("%s", (_name, data, expected) => {
    expect(dataThrough(data)).toEqual(expected);
  });

  const cyclic: Record<string, unknown> = { name: "loop" };
  cyclic["self"] = cyclic;
  const branching: Record<string, unknown> = {};
  for (let i = 0; i < 50; i++) branching[`m${i}`] = branching;
  const nest = (levels: number): unknown => (levels === 0 ? 1 : { a: nest(levels - 1) });

  it.each<[string, unknown]>([
    [
      "a getter that throws",
      {
        get bad(): never {
          throw new Error("no");
        },
      },
    ],
    [
      "a proxy that throws",
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error("no");
          },
        },
      ),
    ],
    ["a cycle", cyclic],
    ["a cycle that branches", branching],
    ["more levels than a frame has", nest(40)],
    ["more members than a frame may have", Array.from({ length: 600_000 }, (_, i) => i)],
    ["a text that is longer than a frame", "x".repeat(9_000_000)],
  ])("%s costs its record, which is told, and no other", (_name, data) => {
    const started = performance.now();
    const bad = eventWith(data);
    const found = through([eventWith(1), bad, eventWith(2)]);
    expect(found.slice(0, 2)).toEqual([eventWith(1), eventWith(2)]);
    expect((found[2] as { readonly lost: unknown }).lost).toBe(bad);
    expect(performance.now() - started).toBeLessThan(3000);
  });

  it("what is just within the limits is kept", () => {
    for (const data of [nest(13), "x".repeat(200_000), Array.from({ length: 16_000 }, () => 0)])
      expect(dataThrough(data)).toEqual(data);
  });

  const proxy = new Proxy(
    {},
    {
      get: () => {
        throw new Error("no");
      },
    },
  );

  it("what has no kind, time or name is told, and the others arrive", () => {
    const good = eventWith(1);
    const { name, data } = good as EventRecord;
    const bad = [null, undefined, 7, {}, { kind: "event", at }, { kind: "event", at, name: 7 }];
    for (const record of [...bad, { kind: "event", at: Number.NaN, name, data }, proxy]) {
      const [first, left] = through([good, record]);
      expect(first).toEqual(good);
      expect((left as { readonly lost: unknown }).lost).toBe(record);
    }
  });

  it("what lacks the rest is refused by the decoder, alone", () => {
    const good = eventWith(1);
    const bad = [
      { kind: "event", at, name: "app-event", data: [] },
      { kind: "event", at, name: "app-event", connectionId: 7 },
      { kind: "context", at },
      { kind: "sample", at, connectionId: "a", stats: [{ id: "x" }] },
      { kind: "sample", at, connectionId: "a", stats: [null] },
      { kind: "sample", at, connectionId: "a", stats: "none" },
      { kind: "sample", at, connectionId: "a", stats: [], durationMs: "2" },
    ];
    for (const record of bad) {
      const bytes = createFrameEncoder().encode([good, record, good] as SessionRecord[]);
      expect(createFrameDecoder().decode(bytes)).toEqual({
        ok: true,
        frame: { sequence: 0, keyframe: true, records: [good, good], refusedRecords: 1 },
      });
    }
  });
});

describe("the encoder keeps to the limits of the decoder", () => {
  const big = (count: number, text: string): SampleRecord => ({
    kind: "sample",
    at,
    connectionId: "pc",
    stats: Array.from({ length: count }, (_, i) => ({
      id: `s${i}`,
      type: "t",
      timestamp: at,
      text: `${text}${i}`,
    })),
  });

  it("leaves out a record that does not fit, tells it, and the rest arrives", () => {
    const lost: unknown[] = [];
    const encoder = createFrameEncoder({ onLost: (record) => lost.push(record) });
    const decoder = createFrameDecoder();
    const event: EventRecord = { kind: "event", at, name: "negotiation-needed" };
    const random = createRandom(7);
    const noise = (count: number): SampleRecord => ({
      kind: "sample",
      at,
      connectionId: "pc",
      stats: Array.from({ length: count }, (_, i) => {
        const units = Array.from({ length: 1000 }, () => 0x4e00 + random.below(0x4000));
        return { id: `s${i}`, type: "t", timestamp: at, text: String.fromCharCode(...units) };
      }),
    });
    const [fits, more] = [noise(300), noise(300)];
    const first = encoder.encode([event, fits, more, event, big(1, "c")]);
    expect(first.length).toBeLessThanOrEqual(maxFrameBytes);
    const result = decoder.decode(first);
    expect(result).toMatchObject({ ok: true, frame: { records: [event, fits, event, big(1, "c")] } });
    expect(lost).toEqual([more]);
    const next = encoder.encode([big(2, "d")]);
    expect(decoder.decode(next)).toEqual({
      ok: true,
      frame: { sequence: 1, keyframe: false, records: [big(2, "d")] },
    });
  });

  it("leaves out a report that is cut, instead of saying that the rest vanished", () => {
    expect(through([big(200_000, "")])).toEqual([{ lost: big(200_000, "") }]);
  });

  it("does not write more records than a frame may have", () => {
    const records = Array.from({ length: 5000 }, () => ({ kind: "event", at, name: "negotiation-needed" }));
    const decoded = through(records);
    expect(decoded.filter((record) => Object.hasOwn(record as object, "lost"))).toHaveLength(5000 - 4096);
  });

  it("does not write more values than a frame may have, even when each is a bit", () => {
    const decoded = through(Array.from({ length: 100 }, () => big(3000, "")));
    const lost = decoded.filter((record) => Object.hasOwn(record as object, "lost")).length;
    expect(decoded).toHaveLength(100);
    expect(100 - lost).toBeGreaterThan(30);
    expect(lost).toBeGreaterThan(10);
  });

  it("starts a keyframe by itself before state outgrows its limits", () => {
    const encoder = createFrameEncoder();
    const decoder = createFrameDecoder();
    let keyframes = 0;
    for (let i = 0; i < 60; i++) {
      const record = big(300, `${i}${"y".repeat(1000)}`);
      const result = decoder.decode(encoder.encode([record]));
      if (!result.ok) throw new Error(result.error.message);
      expect(result.frame.records).toEqual([record]);
      if (result.frame.keyframe) keyframes++;
    }
    expect(keyframes).toBeGreaterThan(2);
  });

  it("writes strings in place when the dictionary is full", () => {
    const encoder = createFrameEncoder();
    const decoder = createFrameDecoder();
    for (let i = 0; i < 20; i++) {
      const record: SessionRecord = {
        kind: "event",
        at,
        name: "app-event",
        data: { name: "x", data: Array.from({ length: 1000 }, (_, k) => `text ${i} ${k}`) },
      };
      expect(decoder.decode(encoder.encode([record]))).toMatchObject({
        ok: true,
        frame: { records: [record] },
      });
    }
  });
});
