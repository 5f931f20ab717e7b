import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDelayQueue } from "./delay-queue.ts";

describe("delay queue", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  it("delivers in the order of time, to the millisecond, whatever the order of arrival", () => {
    const start = performance.now();
    const queue = createDelayQueue();
    const delivered: string[] = [];
    for (const [name, after] of [
      ["c", 30.2],
      ["a", 10],
      ["d", 30.3],
      ["b", 10.1],
    ] as const)
      queue.add(start + after, () => delivered.push(`${name} ${Math.round(performance.now() - start)}`));
    vi.advanceTimersByTime(9);
    expect(delivered).toEqual([]);
    vi.advanceTimersByTime(91);
    expect(delivered).toEqual(["a 10", "b 10", "c 30", "d 30"]);
  });

  it("keeps the order of what is due at the same time", () => {
    const queue = createDelayQueue();
    const delivered: number[] = [];
    const at = performance.now() + 5;
    for (let index = 0; index < 20; index += 1) queue.add(at, () => delivered.push(index));
    vi.advanceTimersByTime(10);
    expect(delivered).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it("delivers at once what is due, unless something waits before it", () => {
    const queue = createDelayQueue();
    const delivered: string[] = [];
    queue.add(performance.now(), () => delivered.push("now"));
    expect(delivered).toEqual(["now"]);
  });

  it("forgets what waits when it is closed", () => {
    const queue = createDelayQueue();
    let delivered = false;
    queue.add(performance.now() + 5, () => (delivered = true));
    queue.close();
    vi.advanceTimersByTime(10);
    expect(delivered).toBe(false);
  });
});
