import { generateSession } from "@peerscope/scenarios";
import {
  createFrameEncoder,
  encodeSessionLogEntry,
  encodeSessionLogHeader,
  readSessionLog,
} from "@peerscope/schema";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readLogFrames } from "./log-frames.ts";

const { records } = generateSession({ seed: 5, durationSeconds: 12, kind: "loss", startAt: 1.79e12 });

/** A log of keyframes every third frame, with where its entries begin. */
function makeLog(): { readonly bytes: Uint8Array; readonly offsets: readonly number[] } {
  const encoder = createFrameEncoder({ isExact: true });
  const parts = [
    encodeSessionLogHeader({ sessionId: "generated-5", projectId: "default", createdAt: 1.79e12 }),
  ];
  const offsets: number[] = [];
  for (let index = 0; index < records.length; index += 4) {
    const frame = encoder.encode(records.slice(index, index + 4), { keyframe: (index / 4) % 3 === 0 });
    offsets.push(Buffer.concat(parts).byteLength);
    parts.push(encodeSessionLogEntry(frame));
  }
  return { bytes: Buffer.concat(parts), offsets };
}

const log = makeLog();

describe("readLogFrames", () => {
  it("gives every frame with its place and all records", () => {
    const { header, frames, damage } = readLogFrames(log.bytes);
    expect(header?.sessionId).toBe("generated-5");
    expect(damage).toEqual([]);
    expect(frames.map(({ offset }) => offset)).toEqual(log.offsets);
    expect(frames.map(({ sequence }) => sequence)).toEqual(frames.map((_, index) => index));
    expect(frames.flatMap((frame) => frame.records)).toEqual(records);
  });

  it("goes on behind a damaged entry, with the right places before and after", () => {
    const bytes = Uint8Array.from(log.bytes);
    const broken = log.offsets[1] ?? 0;
    bytes[broken + 20] = (bytes[broken + 20] ?? 0) ^ 0xff;
    const { frames, damage } = readLogFrames(bytes);
    expect(damage[0]?.code).toBe("log-entry-corrupt");
    expect(damage[0]?.message).toContain(`at byte ${broken}:`);
    expect(frames.map(({ offset }) => offset)).toEqual(log.offsets.filter((offset) => offset !== broken));
    // Frame 2 needs the lost one; frame 3 is a keyframe.
    expect(frames[1]?.sequence).toBeNull();
    expect(frames[2]).toMatchObject({ sequence: 3, keyframe: true });
    expect(frames.at(-1)?.records.length).toBeGreaterThan(0);
  });

  it("reads a frame that was stored twice once", () => {
    const second = log.bytes.subarray(log.offsets[1], log.offsets[2]);
    const doubled = Buffer.concat([
      log.bytes.subarray(0, log.offsets[2]),
      second,
      log.bytes.subarray(log.offsets[2]),
    ]);
    const { frames, damage } = readLogFrames(doubled);
    expect(damage).toEqual([]);
    expect(frames).toHaveLength(log.offsets.length + 1);
    expect(frames.flatMap((frame) => frame.records)).toEqual(records);
  });

  it("says where a log ends early, and that other bytes are no log", () => {
    const cut = (log.offsets.at(-1) ?? 0) + 5;
    const { damage, frames } = readLogFrames(log.bytes.subarray(0, cut));
    expect(damage.map(({ code }) => code)).toEqual(["log-truncated"]);
    expect(damage[0]?.message).toContain(`at byte ${log.offsets.at(-1)}:`);
    expect(frames).toHaveLength(log.offsets.length - 1);
    expect(readLogFrames(Buffer.from("hello"))).toMatchObject({ header: null, frames: [] });
    expect(readLogFrames(new Uint8Array(0)).header).toBeNull();
  });

  it("agrees with the session log reader on any damage, and ends", () => {
    const damages = fc.array(fc.record({ at: fc.nat(log.bytes.byteLength - 1), to: fc.nat(255) }), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(damages, fc.nat(log.bytes.byteLength), (changes, end) => {
        const bytes = Uint8Array.from(log.bytes.subarray(0, end));
        for (const { at, to } of changes) if (at < end) bytes[at] = to;
        const taken = readLogFrames(bytes);
        const read = readSessionLog(bytes);
        expect(taken.header).toEqual(read.header);
        expect(taken.frames.flatMap((frame) => frame.records)).toEqual(read.records);
      }),
      { numRuns: 200 },
    );
  });
});
