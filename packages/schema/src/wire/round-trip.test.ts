import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SampleRecord, SessionRecord, StatsObject } from "../records.ts";
import { createFrameDecoder, readFrameHeader } from "./decoder.ts";
import { createFrameEncoder } from "./encoder.ts";
import type { DecodedFrame, FrameDecoder } from "./frame.ts";
import { arbitraryRecord } from "./testing/arbitrary.ts";

const decodeOk = (decoder: FrameDecoder, bytes: Uint8Array): DecodedFrame => {
  const result = decoder.decode(bytes);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.frame;
};

const sample = (at: number, stats: readonly StatsObject[], connectionId = "pc-1"): SampleRecord => ({
  kind: "sample",
  at,
  connectionId,
  stats,
});

const start = 1_800_000_000_000;
const stats = (i: number): StatsObject[] => [
  { id: "T", type: "transport", timestamp: start + i * 1000, bytesSent: 5000 * i, state: "connected" },
];

describe("frames", () => {
  it("keep every integer, and reals to 2^-24 of their value", () => {
    const near = (found: unknown, given: unknown): void => {
      if (
        typeof given === "number" &&
        typeof found === "number" &&
        Number.isFinite(given) &&
        !Number.isInteger(given)
      ) {
        expect(Math.abs(found - given)).toBeLessThanOrEqual(Math.abs(given) * 2 ** -24);
        // Times of day: microseconds matter.
        if (Math.abs(given) > 2 ** 40) expect(Math.abs(found - given)).toBeLessThanOrEqual(1e-7);
      } else if (typeof given === "object" && given !== null) {
        expect(Object.keys(found as object)).toEqual(Object.keys(given));
        for (const [name, value] of Object.entries(given)) near(Reflect.get(found as object, name), value);
      } else expect(found).toEqual(given);
    };
    fc.assert(
      fc.property(fc.array(arbitraryRecord, { minLength: 1, maxLength: 8 }), (records) => {
        const encoder = createFrameEncoder();
        const decoder = createFrameDecoder();
        for (const record of records) near(decodeOk(decoder, encoder.encode([record])).records[0], record);
      }),
      { numRuns: 1500 },
    );
  });

  it("decode to what was encoded, whatever the records are and however they are batched", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.array(arbitraryRecord, { maxLength: 4 }), fc.boolean()), { maxLength: 8 }),
        fc.nat({ max: 2 ** 40 }),
        (frames, firstSequence) => {
          const encoder = createFrameEncoder({ firstSequence, isExact: true });
          const decoder = createFrameDecoder();
          for (const [i, [records, keyframe]] of frames.entries()) {
            const bytes = encoder.encode(records, { keyframe });
            const frame = { sequence: firstSequence + i, keyframe: keyframe || i === 0, records };
            expect(decodeOk(decoder, bytes)).toEqual(frame);
            expect(readFrameHeader(bytes)).toEqual({
              ok: true,
              header: { sequence: frame.sequence, keyframe: frame.keyframe },
            });
          }
        },
      ),
      { numRuns: 800 },
    );
  });

  it("follow counters that grow, stand, jump, overflow, vanish and change their kind, bit by bit", () => {
    const step = fc.oneof(
      fc.integer({ min: -3, max: 5 }),
      fc.integer({ min: -3, max: 3 }).map((n) => n * 1e-6),
      fc.integer({ min: 0, max: 50 }).map((n) => n * 0.01),
      fc.constantFrom(
        2 ** 52,
        Number.MAX_SAFE_INTEGER,
        Number.MIN_SAFE_INTEGER,
        1e300,
        Infinity,
        NaN,
        -0,
        1 / 32767,
      ),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), step, step, fc.nat({ max: 3 })), { minLength: 2, maxLength: 25 }),
        (steps) => {
          const encoder = createFrameEncoder({ isExact: true });
          const decoder = createFrameDecoder();
          let [count, level] = [0, 0];
          for (const [i, [adds, x, y, kind]] of steps.entries()) {
            count = adds ? count + x : x;
            level = adds ? level + y : y;
            const timestamp = kind === 1 ? level : start + i * 1000;
            const third = [{ third: x }, {}, { third: "text" }, { third: [x, y] }][kind];
            const record = sample(start, [
              { id: "1", type: "t", timestamp, count, level, ...third },
              { id: "2", type: "t", timestamp: kind === 3 ? count : timestamp, count: level },
            ]);
            expect(decodeOk(decoder, encoder.encode([record])).records).toEqual([record]);
          }
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("keep the order of members and of stats objects", () => {
    fc.assert(
      fc.property(fc.array(arbitraryRecord, { minLength: 1, maxLength: 8 }), (records) => {
        const encoder = createFrameEncoder({ isExact: true });
        const decoder = createFrameDecoder();
        const members = (value: unknown): string => JSON.stringify(value);
        for (const record of records) {
          const { kind, at, ...rest } = record;
          const expected =
            kind === "sample"
              ? { kind, at, connectionId: record.connectionId, ...rest }
              : { kind, at, ...rest };
          expect(members(decodeOk(decoder, encoder.encode([record])).records[0])).toBe(members(expected));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("can be read from any keyframe on", () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryRecord, { minLength: 2, maxLength: 10 }),
        fc.nat({ max: 9 }),
        (records, n) => {
          const at = n % records.length;
          const encoder = createFrameEncoder({ isExact: true });
          const frames = records.map((record, i) => encoder.encode([record], { keyframe: i === at }));
          const decoder = createFrameDecoder();
          expect(frames.slice(at).map((frame) => decodeOk(decoder, frame).records[0])).toEqual(
            records.slice(at),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("say that one is missing, never guess, and go on at the next keyframe", () => {
    const encoder = createFrameEncoder({ isExact: true });
    const frames = [0, 1, 2, 3, 4, 5].map((i) =>
      encoder.encode([sample(start + i * 1000, stats(i))], { keyframe: i === 4 }),
    );
    const decoder = createFrameDecoder();
    const outcomes = [0, 2, 3, 1, 4, 5].map((i) => {
      const result = decoder.decode(frames[i] ?? new Uint8Array());
      return result.ok ? result.frame.sequence : result.error.code;
    });
    // Frame 1 comes late, but nothing was applied in between: it still follows frame 0.
    expect(outcomes).toEqual([0, "frame-gap", "frame-gap", 1, 4, 5]);
  });

  it("need a keyframe at the start", () => {
    const encoder = createFrameEncoder({ isExact: true });
    encoder.encode([]);
    const result = createFrameDecoder().decode(encoder.encode([sample(start, stats(1))]));
    expect(result).toMatchObject({ ok: false, error: { code: "frame-gap" } });
  });

  it("leave the decoder as it was when they are refused", () => {
    const encoder = createFrameEncoder({ isExact: true });
    const decoder = createFrameDecoder();
    const reference = createFrameDecoder();
    for (let i = 0; i < 20; i++) {
      const records = [sample(start + i * 1000, [...stats(i), ...(i % 2 ? stats(i * 2) : [])])];
      const bytes = encoder.encode(records, { keyframe: i % 7 === 6 });
      for (let length = 0; length < bytes.length; length++) {
        expect(decoder.decode(bytes.subarray(0, length))).toMatchObject({ ok: false });
      }
      expect(decoder.decode(Uint8Array.of(...bytes, 0))).toMatchObject({ error: { code: "frame-corrupt" } });
      expect(decodeOk(decoder, bytes)).toEqual(decodeOk(reference, bytes));
    }
  });

  it("never repeat the value of a member that vanished", () => {
    const encoder = createFrameEncoder({ isExact: true });
    const decoder = createFrameDecoder();
    const base = { id: "R", type: "remote-inbound-rtp", timestamp: start };
    const reports: StatsObject[][] = [
      [{ ...base, roundTripTime: 0.01, packetsLost: 3 }],
      [{ ...base, packetsLost: 4 }],
      [{ ...base, packetsLost: 5 }],
      [],
      [base],
      [{ ...base, roundTripTime: 0.02 }],
    ];
    for (const report of reports) {
      const record = sample(start, report);
      expect(decodeOk(decoder, encoder.encode([record])).records).toEqual([record]);
    }
  });

  it("cost nothing for a report that goes on as before, and little for one that hardly differs", () => {
    const encoder = createFrameEncoder({ isExact: true });
    const sizes = Array.from({ length: 10 }, (_, i) =>
      encoder.encode([
        sample(start + i * 1000, [
          ...stats(i),
          { id: "C", type: "codec", timestamp: start + i * 1000, clockRate: 90000 },
        ]),
      ]),
    ).map((frame) => frame.length);
    expect(sizes.at(-1)).toBeLessThan(8);
  });

  it("carry a member named __proto__ as a member", () => {
    const data = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as Record<string, never>;
    const record: SessionRecord = { kind: "event", at: start, name: "app-event", data: { name: "x", data } };
    const [event] = decodeOk(
      createFrameDecoder(),
      createFrameEncoder({ isExact: true }).encode([record]),
    ).records;
    expect(JSON.stringify(event)).toBe(JSON.stringify(record));
    expect(Object.getOwnPropertyNames({})).toEqual([]);
    expect("polluted" in {}).toBe(false);
  });

  it("keep bytes bounded in a session where every report has other objects", () => {
    const encoder = createFrameEncoder({ isExact: true });
    const decoder = createFrameDecoder();
    const sizes: number[] = [];
    for (let i = 0; i < 400; i++) {
      const record = sample(
        start + i,
        [0, 1, 2].map((k) => ({ id: `${i}-${k}`, type: "candidate-pair", timestamp: start + i })),
      );
      const bytes = encoder.encode([record]);
      sizes.push(bytes.length);
      expect(decodeOk(decoder, bytes).records).toEqual([record]);
    }
    expect(Math.max(...sizes.slice(10))).toBeLessThan(120);
  });
});
