import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SessionRecord } from "../records.ts";
import { cellMore, cellSameForm, cellUsual } from "./cells.ts";
import { beginWriting, createCoder, finishWriting } from "./coder.ts";
import { createFrameDecoder } from "./decoder.ts";
import { createFrameEncoder } from "./encoder.ts";
import { formInteger } from "./forms.ts";
import type { FrameDecoder } from "./frame.ts";
import { frameOfWritten, hashSeed } from "./header.ts";
import { maxBytesSinceKeyframe } from "./limits.ts";
import { shapeOf } from "./shapes.ts";
import { createState } from "./state.ts";
import { arbitraryRecord } from "./testing/arbitrary.ts";
import { corpusNames, readCorpus } from "./testing/corpus.ts";
import { hashOf, withChecksum } from "./testing/frames.ts";
import { createRandom, mutate } from "./testing/random.ts";

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
    level: [-32_768, 32_767, 32_768, -32_769, 0][round % 5] ?? 0,
    jitter: (round % 5) / 1000,
    share: 1 / (round + 3),
    ...(round % 4 === index && { frameRate: 30, ["name of no dictionary ".repeat(20)]: round }),
    quality: ["none", "cpu", "bandwidth"][(round >> 2) % 3] ?? "",
    timing: `${round},${round + 20},${round * 3}`,
    layers: [{ active: round % 5 > 2, rate: round }, { rate: 7 }],
    empty: round % 7 === 0 ? null : -0,
  })),
});

/** One that goes on where this one stopped. */
const rested = (decoder: FrameDecoder): FrameDecoder => createFrameDecoder(decoder.rest());

const flipped = (bytes: Uint8Array): Uint8Array => {
  const damaged = bytes.slice();
  damaged[bytes.length >> 1] = (damaged[bytes.length >> 1] ?? 0) ^ 4;
  return damaged;
};

describe("a decoder made of what another one knew", () => {
  it("gives the same records of reports whose members come, go and change", () => {
    const encoder = createFrameEncoder({ isExact: true });
    let decoder = createFrameDecoder();
    for (let round = 0; round < 200; round++) {
      const records = [report(round)];
      const keyframe = round === 90;
      const result = decoder.decode(encoder.encode(records, { keyframe }));
      expect(result).toEqual({
        ok: true,
        frame: { sequence: round, keyframe: keyframe || round === 0, records },
      });
      if (round % 3 > 0) decoder = rested(decoder);
      if (round % 5 === 0) decoder = rested(decoder);
    }
  });

  it("gives the same records, whatever they are and whenever it rests", () => {
    const frame = fc.tuple(fc.array(arbitraryRecord, { maxLength: 4 }), fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 10 }), (frames) => {
        const encoder = createFrameEncoder({ isExact: true });
        let decoder = createFrameDecoder();
        // Each twice: what is coded from what was before counts most.
        for (const [records, keyframe, rests] of [...frames, ...frames]) {
          const result = decoder.decode(encoder.encode(records, { keyframe: keyframe && rests }));
          expect(result).toMatchObject({ ok: true, frame: { records } });
          expect(result.ok && result.frame.records).toEqual(records);
          if (rests) decoder = rested(decoder);
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each(corpusNames())("gives the records of the corpus: %s", (name) => {
    let decoder = createFrameDecoder();
    for (const { records, hex } of readCorpus(name).frames) {
      const result = decoder.decode(Uint8Array.from(Buffer.from(hex, "hex")));
      expect(result.ok && result.frame.records).toEqual(records);
      decoder = rested(decoder);
    }
  });

  it("refuses what is damaged, repeated or behind a gap, and goes on as if nothing had been", () => {
    const encoder = createFrameEncoder({ isExact: true });
    let decoder = createFrameDecoder();
    const frames = Array.from({ length: 20 }, (_, round) => encoder.encode([report(round)]));
    for (const [round, bytes] of frames.entries()) {
      expect(decoder.decode(flipped(bytes))).toMatchObject({ ok: false });
      decoder = rested(decoder);
      for (const other of [round - 1, round + 1]) {
        const wrong = frames[other];
        // The first is a keyframe, which is read whenever it comes.
        if (wrong === undefined || other === 0) continue;
        expect(decoder.decode(wrong)).toMatchObject({ ok: false, error: { code: "frame-gap" } });
      }
      decoder = rested(decoder);
      expect(decoder.decode(bytes)).toMatchObject({
        ok: true,
        frame: { sequence: round, records: [report(round)] },
      });
      decoder = rested(decoder);
    }
  });

  it("refuses what any damaged frame makes another refuse, and reads what that reads", () => {
    const encoder = createFrameEncoder({ isExact: true });
    const frames = Array.from({ length: 6 }, (_, round) => encoder.encode([report(round)]));
    const damage = fc.record({
      frame: fc.nat(5),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      bit: fc.nat(7),
    });
    fc.assert(
      fc.property(fc.array(damage, { maxLength: 8 }), (damages) => {
        const awake = createFrameDecoder();
        let decoder = createFrameDecoder();
        for (const { frame, at, bit } of damages) {
          const bytes = Uint8Array.from(frames[frame] ?? []);
          const place = Math.min(bytes.length - 1, Math.floor(at * bytes.length));
          bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
          expect(decoder.decode(bytes)).toEqual(awake.decode(bytes));
          decoder = rested(decoder);
        }
        for (const bytes of frames) {
          expect(decoder.decode(bytes)).toEqual(awake.decode(bytes));
          decoder = rested(decoder);
        }
      }),
    );
  });

  it("shares no state with others, nor with those made of the same bytes", () => {
    const encoder = createFrameEncoder({ isExact: true });
    const decoder = createFrameDecoder();
    for (let round = 0; round < 20; round++) decoder.decode(encoder.encode([report(round)]));
    const frames = Array.from({ length: 20 }, (_, index) => encoder.encode([report(20 + index)]));
    const bytes = decoder.rest();
    const before = bytes.slice();
    const [first, second] = [createFrameDecoder(bytes), createFrameDecoder(bytes)];
    for (const [index, frame] of frames.entries()) {
      expect(first.decode(frame)).toMatchObject({ ok: true, frame: { records: [report(20 + index)] } });
      if (index % 2 === 0) continue;
      // The other one stays behind by one.
      for (const of of [index - 1, index]) {
        expect(second.decode(frames[of] ?? bytes)).toMatchObject({
          ok: true,
          frame: { records: [report(20 + of)] },
        });
      }
    }
    expect(bytes).toEqual(before);
  });

  it("rests before its first frame, and where only a keyframe can go on", () => {
    const encoder = createFrameEncoder();
    const first = encoder.encode([report(0)]);
    const second = encoder.encode([report(1)]);
    let decoder = rested(createFrameDecoder());
    expect(decoder.decode(new Uint8Array(20))).toMatchObject({ ok: false });
    decoder = rested(decoder);
    expect(decoder.decode(second)).toMatchObject({ ok: false, error: { code: "frame-gap" } });
    expect(decoder.decode(first)).toMatchObject({ ok: true });
    // Made wrongly, not damaged on its way: what was known is lost on it.
    const wrong = withChecksum(flipped(second), hashOf(first, hashSeed));
    expect(decoder.decode(wrong)).toMatchObject({ ok: false });
    decoder = rested(decoder);
    expect(decoder.decode(second)).toEqual({
      ok: false,
      error: { code: "frame-gap", message: "frame 1 needs a keyframe before it" },
    });
    decoder = rested(decoder);
    expect(decoder.decode(encoder.encode([report(2)], { keyframe: true }))).toMatchObject({
      ok: true,
      frame: { sequence: 2, records: [report(2)] },
    });
  });

  it("reads what frames that were made wrongly leave, as one does that never rested", () => {
    const random = createRandom(20_261_122);
    const sessions = corpusNames().map((name) =>
      readCorpus(name).frames.map(({ hex }) => Uint8Array.from(Buffer.from(hex, "hex"))),
    );
    let read = 0;
    for (let round = 0; round < 2_000; round++) {
      const frames = sessions[random.below(sessions.length)] ?? [];
      const awake = createFrameDecoder();
      let decoder = createFrameDecoder();
      let hash = hashSeed;
      for (const frame of frames) {
        const bytes = withChecksum(random.below(4) === 0 ? mutate(random, frame) : frame, hash);
        const expected = awake.decode(bytes);
        expect(decoder.decode(bytes), `seed ${random.seed}, round ${round}`).toEqual(expected);
        decoder = rested(decoder);
        if (!expected.ok) break;
        hash = hashOf(bytes, hash);
        read++;
      }
    }
    expect(read).toBeGreaterThan(1_000);
  });

  it("counts bytes since the keyframe on", () => {
    const random = createRandom(7);
    const coder = createCoder();
    const state = createState(coder);
    const { model } = state;
    const awake = createFrameDecoder();
    let decoder = createFrameDecoder();
    let hash = hashSeed;
    let bytes = 0;
    for (let sequence = 0; bytes <= maxBytesSinceKeyframe; sequence++) {
      beginWriting(coder);
      model.begin();
      model.bit(cellMore, 1);
      const { clock } = state.stream(
        0,
        String.fromCharCode(...Array.from({ length: 60_000 }, () => random.below(65_536))),
      );
      model.hit(clock, 0);
      model.bit(cellSameForm, 0);
      model.form(0, formInteger);
      model.integer(clock, 1000);
      model.bit(cellUsual, 1);
      model.bit(cellMore, 0);
      finishWriting(coder);
      const frame = withChecksum(frameOfWritten(coder, sequence, sequence === 0), hash);
      hash = hashOf(frame, hash);
      bytes += frame.length;
      const expected = awake.decode(frame);
      expect(expected.ok ? "ok" : expected.error.code).toBe(
        bytes > maxBytesSinceKeyframe ? "frame-limit-exceeded" : "ok",
      );
      expect(decoder.decode(frame)).toEqual(expected);
      if (sequence % 10 === 0 || bytes > maxBytesSinceKeyframe - 400_000) decoder = rested(decoder);
    }
  });

  it("keeps nothing of members that are gone, however often one led the next", () => {
    const encoder = createFrameEncoder();
    let decoder = createFrameDecoder();
    const lengths: number[] = [];
    for (let round = 0; round < 600; round++) {
      // Each object lives for six reports. Its counters grow by as much as those of the one before it, which goes first.
      const stats = Array.from({ length: 6 }, (_, age) => ({
        id: `stat-${(round + age) % 7}`,
        type: "inbound-rtp",
        timestamp: start,
        packetsReceived: (round + age) * 1_000 + ((round * round) % 97),
        bytesReceived: round * 50_000 + ((round * round * round) % 971),
      }));
      const record: SessionRecord = { kind: "sample", at: start + round, connectionId: "pc", stats };
      expect(decoder.decode(encoder.encode([record]))).toMatchObject({
        ok: true,
        frame: { records: [record] },
      });
      const bytes = decoder.rest();
      decoder = createFrameDecoder(bytes);
      lengths.push(bytes.length);
    }
    expect(Math.max(...lengths.slice(100))).toBeLessThan(1.1 * Math.max(...lengths.slice(20, 40)));
  });

  it("finds out what objects have in common when it was forgotten meanwhile", () => {
    const encoder = createFrameEncoder({ isExact: true });
    let decoder = createFrameDecoder();
    for (let round = 0; round < 30; round++) {
      expect(decoder.decode(encoder.encode([report(round)]))).toMatchObject({
        ok: true,
        frame: { records: [report(round)] },
      });
      const bytes = decoder.rest();
      for (let other = 0; other < 1_000; other++) shapeOf([`member ${round}`, `${other}`]);
      decoder = createFrameDecoder(bytes);
    }
  });

  it("rests as it did when nothing came in between", () => {
    const encoder = createFrameEncoder();
    const decoder = createFrameDecoder();
    for (let round = 0; round < 20; round++) decoder.decode(encoder.encode([report(round)]));
    const bytes = decoder.rest();
    expect(createFrameDecoder(bytes).rest()).toEqual(bytes);
  });
});
