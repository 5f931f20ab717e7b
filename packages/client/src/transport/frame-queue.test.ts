import { describe, expect, it } from "vitest";
import type { SessionRecord } from "@peerscope/schema";
import { decodeAll, eventAt, sampleAt } from "../testing/records.ts";
import { createVirtualPlatform } from "../testing/virtual-platform.ts";
import { giveUpSamples } from "./give-up-samples.ts";
import { createFrameQueue, type FrameQueue, type SavedFrames } from "./frame-queue.ts";

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
  it("makes one frame of what was pushed, none of nothing, and a keyframe each six hundred", () => {
    const platform = createVirtualPlatform();
    const queue = createFrameQueue(platform.now, 4_000_000);
    queue.flush();
    expect(queue.frames).toHaveLength(0);
    for (let second = 0; second < 1_210; second++) {
      queue.push(sampleAt(platform.now()));
      queue.push(eventAt(platform.now()));
      queue.flush();
      platform.advance(1_000);
    }
    const { records, sequences } = decodeAll(queue.frames.map(({ bytes }) => bytes));
    expect(records).toHaveLength(2_420);
    expect(sequences).toEqual(Array.from({ length: 1_210 }, (_, index) => index));
    // Readers can start at each of them and at none of the others.
    for (const start of [600, 1_200]) decodeAll(queue.frames.slice(start).map(({ bytes }) => bytes));
    expect(() => decodeAll(queue.frames.slice(601).map(({ bytes }) => bytes))).toThrow("frame-gap");
  });

  /** An outage: a sample a second, an event every tenth. */
  function outage(
    maxBytes: number,
    seconds: number,
    sent = 0,
  ): { queue: FrameQueue; samples: number; events: number } {
    const platform = createVirtualPlatform();
    const queue = createFrameQueue(platform.now, maxBytes);
    let samples = 0;
    let events = 0;
    for (let second = 0; second < seconds; second++) {
      queue.push(sampleAt(platform.now()));
      samples++;
      if (second % 10 === 0) {
        queue.push(eventAt(platform.now(), `tick ${second}`));
        events++;
      }
      queue.flush();
      const last = queue.frames.at(-1);
      if (second < sent && last) last.sent = true;
      platform.advance(1_000);
    }
    return { queue, samples, events };
  }

  const samplesIn = (records: readonly SessionRecord[]): number[] =>
    records.flatMap((record) => (record.kind === "sample" ? [record.at] : []));
  const ticksIn = (records: readonly SessionRecord[]): unknown[] =>
    records.flatMap((record) =>
      record.kind === "event" && record.name === "app-event" ? [record.data?.["name"]] : [],
    );

  it("gives up the oldest samples of an outage that is too long, and no event; each loss is counted and told", () => {
    const maxBytes = 25_000;
    const { queue, samples, events } = outage(maxBytes, 2_000);
    expect(bytesOf(queue)).toBeLessThanOrEqual(maxBytes + 3_000);
    const { lost, recordsQueued } = queue.status();
    queue.flush(true);
    // The server is back and takes everything: no number is missing.
    const { records, sequences } = decodeAll(queue.frames.map(({ bytes }) => bytes));
    expect(sequences).toEqual(Array.from(sequences, (_, index) => index));
    expect(ticksIn(records)).toEqual(Array.from({ length: events }, (_, index) => `tick ${index * 10}`));
    const kept = samplesIn(records);
    expect(kept.length).toBeGreaterThan(60);
    expect(kept.length + lost).toBe(samples);
    expect(records.filter((record) => !isLossNotice(record))).toHaveLength(recordsQueued);
    expect(toldLosses(records)).toEqual({ "buffer-full": { samples: samples - kept.length, events: 0 } });
    // What is kept is the end of it, without a hole.
    for (const [index, at] of kept.entries()) if (index > 0) expect(at - (kept[index - 1] ?? 0)).toBe(1_000);
    expect(kept.at(-1)).toBe(createVirtualPlatform().now() + 1_999_000);
  });

  it("changes no frame that the server may have", () => {
    const { queue } = outage(4_000, 300, 30);
    const { records } = decodeAll(queue.frames.map(({ bytes }) => bytes));
    const kept = samplesIn(records);
    const start = createVirtualPlatform().now();
    expect(kept.slice(0, 30)).toEqual(Array.from({ length: 30 }, (_, second) => start + second * 1_000));
    expect(kept[30]).toBeGreaterThan(start + 60_000);
  });

  it("goes on where it stopped after the samples were given up", () => {
    const { queue } = outage(20_000, 100);
    giveUpSamples(queue, 0);
    const platform = createVirtualPlatform();
    queue.push(sampleAt(platform.now()));
    queue.flush();
    const { records } = decodeAll(queue.frames.map(({ bytes }) => bytes));
    expect(samplesIn(records)).toHaveLength(1);
    expect(ticksIn(records)).toHaveLength(10);
  });

  it("refuses samples before events when there is nothing left to give up", () => {
    const platform = createVirtualPlatform();
    const queue = createFrameQueue(platform.now, 2_000);
    let at = platform.now();
    while (bytesOf(queue) <= 2_000) {
      queue.push(eventAt(at++, "fills the buffer"));
      queue.flush();
    }
    queue.push(sampleAt(at));
    queue.push(eventAt(at, "gets in"));
    queue.flush();
    expect(queue.status().lost).toBe(1);
    while (bytesOf(queue) <= 1_002_000) {
      queue.push(eventAt(at++, Array.from({ length: 10_000 }, (_, index) => at ^ (index * 7_919)).join()));
      queue.flush();
    }
    queue.push(eventAt(at));
    expect(queue.status().lost).toBe(2);
  });

  it("goes on with the frames that the page before left", () => {
    const { queue: before } = outage(4_000_000, 10);
    before.acknowledge(5);
    const platform = createVirtualPlatform();
    const saved = JSON.parse(
      JSON.stringify({
        next: before.next,
        frames: before.frames.map((frame) => ({ ...frame, bytes: [...frame.bytes] })),
      }),
    ) as SavedFrames;
    const after = createFrameQueue(platform.now, 4_000_000, saved);
    expect(after.status().recordsQueued).toBe(4);
    after.push(eventAt(platform.now(), "back"));
    after.flush();
    expect(after.frames.map(({ sequence }) => sequence)).toEqual([6, 7, 8, 9, 10]);
    expect(after.frames.slice(0, 4).map(({ bytes }) => bytes)).toEqual(
      before.frames.map(({ bytes }) => bytes),
    );
    expect(after.resume(7)).toBe(true);
    expect(after.frames.map(({ sequence }) => sequence)).toEqual([8, 9, 10]);
    decodeAll(after.frames.slice(2).map(({ bytes }) => bytes));
  });

  it("bounds what waits to be encoded", () => {
    const platform = createVirtualPlatform();
    const queue = createFrameQueue(platform.now, 4_000_000);
    for (let index = 0; index < 5_000; index++) queue.push(eventAt(platform.now()));
    expect(queue.status()).toEqual({ framesAcknowledged: 0, recordsQueued: 2_000, lost: 3_000 });
    queue.flush();
    const told = toldLosses(decodeAll(queue.frames.map(({ bytes }) => bytes)).records);
    expect(told).toEqual({ "buffer-full": { samples: 0, events: 3_000 } });
  });

  it("tells a loss that goes on each ten seconds, and the rest at the end", () => {
    const platform = createVirtualPlatform();
    const queue = createFrameQueue(platform.now, 4_000_000);
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
