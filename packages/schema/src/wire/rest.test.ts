import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SessionRecord } from "../records.ts";
import { createFrameDecoder } from "./decoder.ts";
import { createFrameEncoder } from "./encoder.ts";
import { arbitraryRecord } from "./testing/arbitrary.ts";
import { corpusNames, readCorpus } from "./testing/corpus.ts";

const start = 1_800_000_000_000;

/** A report whose counters grow, stand, jump and come and go with the round. */
const report = (round: number): SessionRecord => ({
  kind: "sample",
  at: start + round * 1000,
  connectionId: `pc-${round % 2}`,
  stats: Array.from({ length: 6 + (round % 3) }, (_, index) => ({
    id: `stat-${index}`,
    type: "inbound-rtp",
    timestamp: start + round * 1000 + index / 8,
    packetsReceived: 50 * round + index,
    bytesReceived: 2 ** 33 + 5000 * round,
    sent: 50 * round + index,
    jitter: (round % 5) / 1000,
    share: 1 / (round + 3),
    ...(round % 4 === index && { frameRate: 30, ["name of no dictionary ".repeat(20)]: round }),
    quality: ["none", "cpu", "bandwidth"][(round >> 2) % 3] ?? "",
    timing: `${round},${round + 20},${round * 3}`,
    layers: [{ active: round % 5 > 2, rate: round }, { rate: 7 }],
    empty: round % 7 === 0 ? null : -0,
  })),
});

describe("a decoder that rests between frames", () => {
  it("gives the same records of reports whose members come, go and change", () => {
    const encoder = createFrameEncoder({ isExact: true });
    const decoder = createFrameDecoder();
    for (let round = 0; round < 200; round++) {
      const records = [report(round)];
      const keyframe = round === 90;
      const result = decoder.decode(encoder.encode(records, { keyframe }));
      expect(result).toEqual({
        ok: true,
        frame: { sequence: round, keyframe: keyframe || round === 0, records },
      });
      if (round % 3 > 0) decoder.rest();
      if (round % 5 === 0) decoder.rest();
    }
  });

  it("gives the same records, whatever they are and whenever it rests", () => {
    const frame = fc.tuple(fc.array(arbitraryRecord, { maxLength: 4 }), fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 10 }), (frames) => {
        const encoder = createFrameEncoder({ isExact: true });
        const decoder = createFrameDecoder();
        // Each twice: what is coded from what was before counts most.
        for (const [records, keyframe, rests] of [...frames, ...frames]) {
          const result = decoder.decode(encoder.encode(records, { keyframe: keyframe && rests }));
          expect(result).toMatchObject({ ok: true, frame: { records } });
          expect(result.ok && result.frame.records).toEqual(records);
          if (rests) decoder.rest();
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each(corpusNames())("gives the records of the corpus: %s", (name) => {
    const decoder = createFrameDecoder();
    for (const { records, hex } of readCorpus(name).frames) {
      const result = decoder.decode(Uint8Array.from(Buffer.from(hex, "hex")));
      expect(result.ok && result.frame.records).toEqual(records);
      decoder.rest();
    }
  });

  it("refuses what is damaged and goes on as if nothing had been", () => {
    const encoder = createFrameEncoder({ isExact: true });
    const decoder = createFrameDecoder();
    for (let round = 0; round < 20; round++) {
      const bytes = encoder.encode([report(round)]);
      const damaged = bytes.slice();
      damaged[bytes.length >> 1] = (damaged[bytes.length >> 1] ?? 0) ^ 4;
      expect(decoder.decode(damaged)).toMatchObject({ ok: false });
      expect(decoder.decode(bytes)).toMatchObject({ ok: true, frame: { records: [report(round)] } });
      decoder.rest();
    }
  });

  it("shares no state with other decoders", () => {
    const pairs = [0, 100].map((from) => ({
      from,
      encoder: createFrameEncoder({ isExact: true }),
      decoder: createFrameDecoder(),
    }));
    for (let round = 0; round < 40; round++) {
      for (const { from, encoder, decoder } of pairs) {
        const records = [report(from + round)];
        expect(decoder.decode(encoder.encode(records))).toMatchObject({ ok: true, frame: { records } });
        decoder.rest();
      }
    }
  });

  it("rests before its first frame and after a refused one", () => {
    const decoder = createFrameDecoder();
    decoder.rest();
    expect(decoder.decode(new Uint8Array(20))).toMatchObject({ ok: false });
    decoder.rest();
    expect(decoder.decode(createFrameEncoder().encode([report(0)]))).toMatchObject({ ok: true });
  });
});
