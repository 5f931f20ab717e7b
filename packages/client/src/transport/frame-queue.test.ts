import { describe, expect, it } from "vitest";
import type { SessionRecord } from "@peerscope/schema";
import { decodeAll, eventAt, sampleAt } from "../testing/records.ts";
import { createVirtualPlatform } from "../testing/virtual-platform.ts";
import { createFrameQueue, type FrameQueue } from "./frame-queue.ts";

const bytesOf = (queue: FrameQueue): number => queue.frames.reduce((sum, { bytes }) => sum + bytes.length, 0);

/** What the stream itself says was lost. */
function toldLosses(records: readonly SessionRecord[]): Record<string, { samples: number; events: number }> {
  const told: Record<string, { samples: number; events: number }> = {};
  for (const record of records) {
    if (record.kind !== "event" || record.name !== "sdk-records-lost") continue;
    const { reason, samples, events } = record.data ?? {};
    const sum = (told[typeof reason === "string" ? reason : "?"] ??= { samples: 0, events: 0 });
    sum.samples += Number(samples);
    sum.events += Number(events);
  }
  return told;
}

const isLossNotice = (record: SessionRecord): boolean =>
  record.kind === "event" && record.name === "sdk-records-lost";

describe("frame queue", () => {
  it("makes one frame of what was pushed, none of nothing, and a keyframe each sixty", () => {
    const platform = createVirtualPlatform();
    const queue = createFrameQueue(platform.now, 4_000_000, 1_000);
    queue.flush();
    expect(queue.frames).toHaveLength(0);
    for (let second = 0; second < 130; second++) {
      queue.push(sampleAt(platform.now()));
      queue.push(eventAt(platform.now()));
      queue.flush();
      platform.advance(1_000);
    }
    const { records, sequences } = decodeAll(queue.frames.map(({ bytes }) => bytes));
    expect(records).toHaveLength(260);
    expect(sequences).toEqual(Array.from({ length: 130 }, (_, index) => index));
    // Readers can start at each of them and at none of the others.
    for (const start of [60, 120]) decodeAll(queue.frames.slice(start).map(({ bytes }) => bytes));
    expect(() => decodeAll(queue.frames.slice(61).map(({ bytes }) => bytes))).toThrow("frame-gap");
  });

  it("covers an outage that is far too long at a falling resolution, within its memory, each loss counted", () => {
    const platform = createVirtualPlatform();
    const maxBytes = 30_000;
    const queue = createFrameQueue(platform.now, maxBytes, 1_000);
    let samples = 0;
    let events = 0;
    for (let second = 0; second < 2_000; second++) {
      queue.push(sampleAt(platform.now()));
      samples++;
      if (second % 10 === 0) {
        queue.push(eventAt(platform.now(), `tick ${second}`));
        events++;
      }
      queue.flush();
      platform.advance(1_000);
    }
    expect(bytesOf(queue)).toBeLessThanOrEqual(1.25 * maxBytes + 1_000);
    const { lost, recordsQueued } = queue.status();
    // The server is back and takes everything.
    const frames = queue.frames.map(({ bytes }) => bytes);
    queue.acknowledge(frames.length - 1);
    queue.flush(true);
    const { records } = decodeAll([...frames, ...queue.frames.map(({ bytes }) => bytes)]);
    const kept = records.filter((record) => !isLossNotice(record));
    expect(kept.length).toBe(recordsQueued);
    expect(kept.length + lost).toBe(samples + events);
    const told = toldLosses(records);
    expect(Object.keys(told).sort()).toEqual(["buffer-full", "thinned"]);
    const toldSamples = (told["thinned"]?.samples ?? 0) + (told["buffer-full"]?.samples ?? 0);
    expect(toldSamples).toBe(samples - kept.filter(({ kind }) => kind === "sample").length);
    expect(told["thinned"]?.events).toBe(0);
    // Whole rounds are left out, so what is kept is regular: every second, each fifth, each fifteenth.
    const gaps = new Set<number>();
    const times = kept.filter(({ kind }) => kind === "sample").map(({ at }) => at);
    for (const [index, at] of times.entries())
      if (index > 0) gaps.add((at - (times[index - 1] ?? 0)) / 1_000);
    expect([...gaps].every((gap) => gap <= 15)).toBe(true);
    expect(gaps.has(1) && gaps.has(5) && gaps.has(15)).toBe(true);
  });

  it("gives events more room than samples", () => {
    const platform = createVirtualPlatform();
    const queue = createFrameQueue(platform.now, 2_000, 1_000);
    let at = platform.now();
    while (bytesOf(queue) < 2_000) {
      queue.push(eventAt(at++, "fills the buffer"));
      queue.flush();
    }
    const before = queue.status();
    queue.push(sampleAt(at));
    queue.push(eventAt(at));
    queue.flush();
    expect(queue.status().lost - before.lost).toBe(1);
    expect(queue.status().recordsQueued - before.recordsQueued).toBe(1);
  });

  it("bounds what waits to be encoded", () => {
    const platform = createVirtualPlatform();
    const queue = createFrameQueue(platform.now, 4_000_000, 1_000);
    for (let index = 0; index < 5_000; index++) queue.push(eventAt(platform.now()));
    expect(queue.status()).toEqual({ framesAcknowledged: 0, recordsQueued: 2_000, lost: 3_000 });
    queue.flush();
    const told = toldLosses(decodeAll(queue.frames.map(({ bytes }) => bytes)).records);
    expect(told).toEqual({ "buffer-full": { samples: 0, events: 3_000 } });
  });

  it("tells a loss that goes on each ten seconds, and the rest at the end", () => {
    const platform = createVirtualPlatform();
    const queue = createFrameQueue(platform.now, 4_000_000, 1_000);
    for (let second = 0; second < 25; second++) {
      queue.lose("getstats-failed", "sample");
      queue.flush();
      platform.advance(1_000);
    }
    queue.flush(true);
    const { records } = decodeAll(queue.frames.map(({ bytes }) => bytes));
    expect(records.map((record) => (record.kind === "event" ? record.data?.["samples"] : null))).toEqual([
      1, 10, 10, 4,
    ]);
    expect(queue.status().lost).toBe(25);
  });
});
