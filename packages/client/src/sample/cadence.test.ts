import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distressOf, nextInterval } from "./cadence.ts";

interface State {
  readonly baseMs: number;
  readonly intervalMs: number;
  readonly costMs: number;
  readonly cpuBudget: number;
  readonly objects: number;
  readonly isTroubled: boolean;
}

const next = ({ baseMs, intervalMs, costMs, cpuBudget, objects, isTroubled }: State) =>
  nextInterval(baseMs, intervalMs, costMs / cpuBudget, objects, isTroubled);

const calm: State = {
  baseMs: 1_000,
  intervalMs: 1_000,
  costMs: 1,
  cpuBudget: 0.01,
  objects: 28,
  isTroubled: false,
};

describe("cadence", () => {
  it.each<[string, Partial<State>, number, string]>([
    ["nothing special", {}, 1_000, "default"],
    ["trouble", { isTroubled: true }, 500, "trouble"],
    ["trouble when the app asks more often than that", { isTroubled: true, baseMs: 200 }, 200, "default"],
    ["trouble when the app asks seldom", { isTroubled: true, baseMs: 5_000 }, 500, "trouble"],
    ["trouble on a slow machine", { isTroubled: true, costMs: 6 }, 1_000, "cost"],
    ["exactly the budget", { costMs: 10 }, 1_000, "default"],
    ["more than the budget", { costMs: 10.1 }, 2_000, "cost"],
    ["far more than the budget", { costMs: 70 }, 8_000, "cost"],
    ["a cost beyond all bounds", { costMs: 1e9 }, 16_000, "cost"],
    ["hundreds of objects", { objects: 424 }, 4_000, "objects"],
    ["200 objects", { objects: 200 }, 1_000, "default"],
    ["200 objects and trouble", { objects: 200, isTroubled: true }, 1_000, "objects"],
    ["a cost that is back under the limit by a hair", { intervalMs: 2_000, costMs: 9 }, 2_000, "cost"],
    ["a cost that is back with a quarter to spare", { intervalMs: 2_000, costMs: 7 }, 1_000, "default"],
    ["a larger budget", { costMs: 40, cpuBudget: 0.05 }, 1_000, "default"],
    ["no budget at all", { cpuBudget: 0 }, 16_000, "cost"],
    ["an app that asks even less often than the slowest", { baseMs: 60_000, costMs: 1e9 }, 60_000, "default"],
  ])("%s", (_, state, intervalMs, reason) => {
    expect(next({ ...calm, ...state })).toEqual({ intervalMs, reason });
  });

  const anyState: fc.Arbitrary<State> = fc.record({
    baseMs: fc.integer({ min: 100, max: 20_000 }),
    intervalMs: fc.integer({ min: 100, max: 32_000 }),
    costMs: fc.double({ min: 0, max: 10_000, noNaN: true }),
    cpuBudget: fc.double({ min: 0.001, max: 1, noNaN: true }),
    objects: fc.nat(10_000),
    isTroubled: fc.boolean(),
  });

  it("is never over budget, but for the slowest cadence", () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const { intervalMs } = next(state);
        expect(intervalMs >= 16_000 || state.costMs / intervalMs <= state.cpuBudget * (1 + 1e-9)).toBe(true);
      }),
    );
  });

  it("stays where it is while nothing changes", () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const first = next(state);
        const second = next({ ...state, intervalMs: first.intervalMs });
        const third = next({ ...state, intervalMs: second.intervalMs });
        expect(third).toEqual(second);
      }),
    );
  });

  it("never gets slower by trouble, nor faster by cost", () => {
    fc.assert(
      fc.property(anyState, fc.double({ min: 1, max: 10, noNaN: true }), (state, times) => {
        const { intervalMs } = next(state);
        // Half of a power of two of another base may be reached: less than twice as slow, never slower.
        expect(next({ ...state, isTroubled: true }).intervalMs).toBeLessThan(2 * intervalMs);
        expect(next({ ...state, costMs: state.costMs * times }).intervalMs).toBeGreaterThanOrEqual(
          intervalMs,
        );
      }),
    );
  });
});

describe("distress of a report", () => {
  it("counts lost packets and freezes, and takes what is no number for none", () => {
    const head = { id: "a", type: "inbound-rtp", timestamp: 5 };
    const stats = [
      { ...head, packetsLost: 3 },
      { ...head, freezeCount: 2 },
      { ...head, packetsLost: "x" },
    ];
    expect(distressOf(stats)).toBe(43);
  });
});
