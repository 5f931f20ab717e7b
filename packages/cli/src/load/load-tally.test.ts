import { expect, test } from "vitest";
import { addLatency, createLatencyHistogram, createLoadTally, latencyStretchMs } from "./load-tally.ts";

test("a quantile is the duration that this share does not exceed, in whole milliseconds", () => {
  const latency = createLatencyHistogram();
  expect(latency.quantile(0.5)).toBeNull();
  for (let ms = 100; ms >= 1; ms -= 1) latency.add(ms - 0.5);
  expect([0.01, 0.5, 0.99, 1].map((share) => latency.quantile(share))).toEqual([1, 50, 99, 100]);
  expect(latency.count).toBe(100);
  expect(latency.maxMs).toBe(99.5);
  latency.add(1e9);
  expect(latency.quantile(1)).toBe(120_000);
});

test("latencies are counted in the stretch in which a frame was sent, and only while they are timed", () => {
  const tally = createLoadTally(5_000);
  tally.timedUntil = 5_000 + 3 * latencyStretchMs;
  addLatency(tally, 4_999, 5_500);
  addLatency(tally, 5_000, 5_010);
  addLatency(tally, 4_999 + latencyStretchMs, 5_029 + latencyStretchMs);
  addLatency(tally, 5_000 + 2 * latencyStretchMs, 5_020 + 2 * latencyStretchMs);
  addLatency(tally, 5_000 + 3 * latencyStretchMs, 5_040 + 3 * latencyStretchMs);
  expect(tally.latency.count).toBe(3);
  expect(tally.latency.maxMs).toBe(30);
  expect(tally.latencyStretches.map(({ count, maxMs }) => [count, maxMs])).toEqual([
    [2, 30],
    [0, 0],
    [1, 20],
  ]);
});
