import { describe, expect, it } from "vitest";
import type { EventRecord, SampleRecord, SessionRecord } from "../records.ts";
import { createFrameDecoder } from "./decoder.ts";
import { createFrameEncoder } from "./encoder.ts";
import { maxFrameBytes } from "./frame.ts";

const at = 1_800_000_000_000;

/** Encodes what an app may hand over, whatever its type, and decodes it. */
const through = (records: readonly unknown[]): readonly SessionRecord[] => {
  const bytes = createFrameEncoder().encode(records as SessionRecord[]);
  expect(bytes.length).toBeLessThanOrEqual(maxFrameBytes);
  const result = createFrameDecoder().decode(bytes);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.frame.records;
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

const lost = (samples: number, events: number): unknown => ({
  kind: "event",
  at,
  name: "sdk-records-lost",
  data: { reason: "not-encodable", samples, events },
});

describe("the encoder never throws on what an app hands over", () => {
  const throwing = {
    fine: 1,
    get bad(): never {
      throw new Error("no");
    },
  };
  const hostile = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error("no");
      },
    },
  );
  const cyclic: Record<string, unknown> = { name: "loop" };
  cyclic["self"] = cyclic;

  it.each<[string, unknown, unknown]>([
    ["undefined and functions", { a: undefined, b: () => 1, c: Symbol("s"), d: 1 }, { d: 1 }],
    ["in arrays", [undefined, () => 1, Symbol("s"), 1], [null, null, null, 1]],
    ["bigint", { big: 12345678901234567890n }, { big: "12345678901234567890" }],
    [
      "dates",
      { day: new Date(0), never: new Date(Number.NaN) },
      { day: "1970-01-01T00:00:00.000Z", never: null },
    ],
    [
      "binary",
      { bytes: new Uint8Array(1e6), view: new DataView(new ArrayBuffer(1)) },
      { bytes: "[binary]", view: "[binary]" },
    ],
    ["getters that throw", throwing, { fine: 1, bad: "[unreadable]" }],
    ["proxies that throw", { proxy: hostile }, { proxy: "[unreadable]" }],
    ["a hostile toJSON", { toJSON: "x", other: { toJSON: () => cyclic } }, { toJSON: "x", other: {} }],
    [
      "maps, sets and errors",
      { map: new Map([[1, 2]]), set: new Set([1]), error: new Error("x") },
      { map: {}, set: {}, error: {} },
    ],
    [
      "numbers that JSON lacks",
      [Number.NaN, -0, Number.POSITIVE_INFINITY],
      [Number.NaN, -0, Number.POSITIVE_INFINITY],
    ],
    ["lone surrogates", { "\ud800": "\udc00x" }, { "\ud800": "\udc00x" }],
  ])("%s", (_name, data, expected) => {
    expect(dataThrough(data)).toEqual(expected);
  });

  it("cycles end, with a word", () => {
    const text = JSON.stringify(dataThrough(cyclic));
    expect(text).toContain("[too deep]");
    expect(text.length).toBeLessThan(1000);
  });

  it("cycles that branch stay bounded", () => {
    const branching: Record<string, unknown> = {};
    for (let i = 0; i < 50; i++) branching[`m${i}`] = branching;
    const started = performance.now();
    expect(JSON.stringify(dataThrough(branching)).length).toBeLessThan(3e6);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it("depth beyond the limit is replaced, and what is just within is kept", () => {
    const nest = (levels: number): unknown => (levels === 0 ? 1 : { a: nest(levels - 1) });
    expect(JSON.stringify(dataThrough(nest(14)))).not.toContain("[too deep]");
    expect(JSON.stringify(dataThrough(nest(40)))).toContain("[too deep]");
  });

  it("long strings are cut and say so; many members end", () => {
    expect(dataThrough("x".repeat(70_000))).toBe(`${"x".repeat(65_536)}…`);
    expect(
      Object.keys(
        dataThrough(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, i]))) as object,
      ),
    ).toHaveLength(4096);
    expect(dataThrough(Array.from({ length: 5000 }, () => 0))).toHaveLength(4096);
  });

  const proxy = new Proxy(
    {},
    {
      get: () => {
        throw new Error("no");
      },
    },
  );

  it("what has no kind or no time is counted, and the others arrive", () => {
    const good = eventWith(1);
    const { name, data } = good as EventRecord;
    for (const record of [null, undefined, 7, {}, { kind: "event", at: Number.NaN, name, data }, proxy]) {
      const [first, notice] = through([good, record]);
      expect(first).toEqual(good);
      expect(notice).toMatchObject({ name: "sdk-records-lost", data: { reason: "not-encodable" } });
    }
  });

  it("what lacks the rest is refused by the decoder, alone", () => {
    const good = eventWith(1);
    const bad = [
      { kind: "event", at },
      { kind: "event", at, name: 7 },
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

  it("leaves out a record that does not fit, says so, and starts anew", () => {
    const encoder = createFrameEncoder();
    const decoder = createFrameDecoder();
    const event: EventRecord = { kind: "event", at, name: "negotiation-needed" };
    const wide = "日".repeat(1000);
    const first = encoder.encode([event, big(200, wide), big(200, `${wide}b`), event, big(1, "c")]);
    expect(first.length).toBeLessThanOrEqual(maxFrameBytes);
    const result = decoder.decode(first);
    expect(result).toMatchObject({ ok: true, frame: { records: [event, big(200, wide), lost(2, 1)] } });
    const next = encoder.encode([big(2, "d")]);
    expect(decoder.decode(next)).toEqual({
      ok: true,
      frame: { sequence: 1, keyframe: true, records: [big(2, "d")] },
    });
  });

  it("leaves out a report that is cut, instead of saying that the rest vanished", () => {
    expect(through([big(40_000, "")])).toEqual([lost(1, 0)]);
  });

  it("does not write more records than a frame may have", () => {
    const records = Array.from({ length: 5000 }, () => ({ kind: "event", at, name: "negotiation-needed" }));
    const decoded = through(records);
    expect(decoded).toHaveLength(4096);
    expect(decoded.at(-1)).toEqual(lost(0, 5000 - 4095));
  });

  it("does not write more values than a frame may have, even when each is a bit", () => {
    const decoded = through(Array.from({ length: 100 }, () => big(3000, "")));
    expect(decoded.at(-1)).toMatchObject({ name: "sdk-records-lost" });
    expect(decoded.length).toBeGreaterThan(30);
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
