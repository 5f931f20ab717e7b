import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../random.ts";
import { createLink, type LinkSettings } from "./link.ts";

/** Sends `count` packets of `bytes`, one every `everyMs`, and returns when each left. */
function run(
  settings: LinkSettings,
  count: number,
  bytes = 1_000,
  everyMs = 20,
  seed = 42,
): (number | null)[] {
  const link = createLink(createRandom(seed));
  link.set(settings);
  return Array.from({ length: count }, (_, index) => link.pass(bytes, index * everyMs));
}

function lostShare(left: readonly (number | null)[]): number {
  return left.filter((at) => at === null).length / left.length;
}

describe("link", () => {
  it("does nothing without settings", () => {
    expect(run({}, 50)).toEqual(Array.from({ length: 50 }, (_, index) => index * 20));
  });

  it("loses the share it is told to", () => {
    // 20,000 draws: a standard deviation of 0.2 percentage points at 10 %.
    expect(lostShare(run({ lossRatio: 0.1 }, 20_000))).toBeCloseTo(0.1, 2);
    expect(lostShare(run({ lossRatio: 1 }, 100))).toBe(1);
    expect(lostShare(run({ outage: true }, 100))).toBe(1);
  });

  it("loses in bursts of the given mean length, with the same overall share", () => {
    const left = run({ lossRatio: 0.05, burstPackets: 12 }, 200_000);
    expect(lostShare(left)).toBeGreaterThan(0.04);
    expect(lostShare(left)).toBeLessThan(0.06);
    const bursts = left.filter((at, index) => at === null && left[index - 1] !== null).length;
    const mean = left.filter((at) => at === null).length / bursts;
    expect(mean).toBeGreaterThan(10);
    expect(mean).toBeLessThan(14);
  });

  it("delays by the mean and the spread, in order unless told otherwise", () => {
    const settings = { delayMs: 100, jitterMs: 80 };
    const delays = (left: (number | null)[]): number[] => left.map((at, index) => (at ?? 0) - index * 20);
    const unordered = delays(run({ ...settings, reordering: true }, 5_000));
    expect(Math.min(...unordered)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...unordered)).toBeLessThanOrEqual(180);
    expect(unordered.reduce((sum, delay) => sum + delay, 0) / 5_000).toBeCloseTo(100, -1);
    const times = run({ ...settings, reordering: true }, 5_000);
    expect(times.some((at, index) => index > 0 && (at ?? 0) < (times[index - 1] ?? 0))).toBe(true);
    const ordered = run(settings, 5_000);
    expect(ordered.every((at, index) => index === 0 || (at ?? 0) >= (ordered[index - 1] ?? 0))).toBe(true);
  });

  it("carries the rate of its bottleneck and drops what would wait too long", () => {
    // 1000 bytes every 20 ms are 411 kbit/s with headers; 200 kbit/s pass.
    const left = run({ rateKbps: 200, queueMs: 400 }, 5_000);
    const passed = left.filter((at) => at !== null);
    const lastMs = passed.at(-1) ?? 0;
    expect((passed.length * 1_028 * 8) / lastMs).toBeCloseTo(200, -1);
    const waits = left.flatMap((at, index) => (at === null ? [] : [at - index * 20]));
    // The queue, and the packet's own time on the wire.
    expect(Math.max(...waits)).toBeLessThanOrEqual(400 + (1_028 * 8) / 200);
    expect(Math.max(...waits)).toBeGreaterThan(350);
    expect(lostShare(run({ rateKbps: 1_000 }, 1_000))).toBe(0);
  });

  it("forgets its queue and its bursts with new settings", () => {
    const link = createLink(createRandom(1));
    link.set({ rateKbps: 10, queueMs: 10_000 });
    for (let packet = 0; packet < 10; packet += 1) link.pass(1_000, 0);
    link.set({ rateKbps: 1_000, reordering: true });
    expect(link.pass(1_000, 1)).toBeCloseTo(1 + (1_028 * 8) / 1_000, 6);
  });

  it("counts every packet once and repeats itself for the same seed", () => {
    const settings = fc.record(
      {
        lossRatio: fc.double({ min: 0, max: 1, noNaN: true }),
        burstPackets: fc.integer({ min: 1, max: 20 }),
        delayMs: fc.integer({ min: 0, max: 500 }),
        jitterMs: fc.integer({ min: 0, max: 500 }),
        reordering: fc.boolean(),
        rateKbps: fc.integer({ min: 0, max: 1_000 }),
        queueMs: fc.integer({ min: 0, max: 1_000 }),
        outage: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(settings, fc.nat(), (chosen, seed) => {
        const link = createLink(createRandom(seed));
        link.set(chosen);
        const left = Array.from({ length: 100 }, (_, index) => link.pass(500, index * 7));
        const { lost, overflowed, out, bytes } = link.counters;
        expect(lost + overflowed + out).toBe(link.counters.in);
        expect(out).toBe(left.filter((at) => at !== null).length);
        expect(bytes).toBe(out * 500);
        for (const [index, at] of left.entries())
          if (at !== null) expect(at).toBeGreaterThanOrEqual(index * 7);
        expect(run(chosen, 100, 500, 7, seed)).toEqual(left);
      }),
    );
  });
});
