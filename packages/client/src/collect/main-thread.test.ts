import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFakeKit } from "../testing/fake-kit.ts";
import { watchMainThread } from "./main-thread.ts";

const page = { hidden: false };
let tellTasks: (durations: readonly number[]) => void = () => {};
let isObserving = false;

beforeEach(() => {
  page.hidden = false;
  vi.stubGlobal("document", page);
  vi.stubGlobal(
    "PerformanceObserver",
    class {
      static supportedEntryTypes: readonly string[] = ["longtask"];
      constructor(callback: (list: { getEntries(): readonly { duration: number }[] }) => void) {
        tellTasks = (durations) =>
          callback({ getEntries: () => durations.map((duration) => ({ duration })) });
      }
      observe(): void {
        isObserving = true;
      }
      disconnect(): void {
        isObserving = false;
      }
    },
  );
});
afterEach(() => vi.unstubAllGlobals());

describe("the main thread", () => {
  it("is not told of while it is free", () => {
    const { kit, platform, events } = createFakeKit();
    watchMainThread(kit);
    platform.advance(60_000);
    expect(events).toEqual([]);
  });

  it("is told of once in five seconds, with all tasks of that time", () => {
    const { kit, platform, events } = createFakeKit();
    watchMainThread(kit);
    tellTasks([60.4, 200]);
    platform.advance(2_000);
    tellTasks([90]);
    platform.advance(20_000);
    expect(events.map(({ data }) => data)).toEqual([
      { periodMs: 5_000, tasks: 3, totalMs: 350, longestMs: 200, timerLateMs: 0 },
    ]);
  });

  it("is seen by late timers where the browser does not tell tasks, but not in a hidden page", () => {
    vi.stubGlobal("PerformanceObserver", undefined);
    const { kit, platform, events } = createFakeKit();
    // The next timer comes this much too late, whatever it is.
    let lateMs = 0;
    const late = {
      ...platform,
      now: () => platform.now(),
      after: (delayMs: number, callback: () => void) => platform.after(delayMs + lateMs, callback),
    };
    watchMainThread({ ...kit, platform: late });
    platform.advance(1_000);
    lateMs = 400;
    platform.advance(1_000);
    lateMs = 0;
    platform.advance(10_000);
    expect(events).toHaveLength(1);
    expect(events[0]?.data).toMatchObject({ tasks: 0, timerLateMs: 400 });
    page.hidden = true;
    lateMs = 500;
    platform.advance(20_000);
    expect(events).toHaveLength(1);
  });

  it("is let go when the SDK stops", () => {
    const { kit, platform, stop } = createFakeKit();
    watchMainThread(kit);
    expect([isObserving, platform.timers]).toEqual([true, 1]);
    stop();
    expect([isObserving, platform.timers]).toEqual([false, 0]);
  });
});
