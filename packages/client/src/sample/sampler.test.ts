import type { EventData, EventName, SampleRecord, SessionRecord } from "@peerscope/schema";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Connection } from "../collect/connection.ts";
import { createPrivacyRule } from "../collect/privacy.ts";
import { createRecorder, type Loose } from "../recorder.ts";
import { decodeAll } from "../testing/records.ts";
import { createVirtualPlatform } from "../testing/virtual-platform.ts";
import { createFrameQueue } from "../transport/frame-queue.ts";
import { createCadence } from "./cadence.ts";
import { toPlain } from "./plain-copy.ts";
import { createSampler } from "./sampler.ts";

/** Stands for the browser's own. */
class FakeReport {
  readonly objects: readonly unknown[];
  constructor(objects: readonly unknown[]) {
    this.objects = objects;
  }
  forEach(visit: (object: unknown) => void): void {
    this.objects.forEach(visit);
  }
}
beforeAll(() => void vi.stubGlobal("RTCStatsReport", FakeReport));
afterAll(() => void vi.unstubAllGlobals());

const report = (objects: readonly unknown[]): RTCStatsReport =>
  new FakeReport(objects) as unknown as RTCStatsReport;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp(
  getStats: (pc: unknown) => Promise<RTCStatsReport>,
  isAdaptive = true,
  connections = [{ id: "pc-1", isPending: false } as Connection],
) {
  const platform = createVirtualPlatform();
  const queue = createFrameQueue(platform.now, 4_000_000);
  const rule = (_: string, value: unknown): unknown => value;
  const recorder = createRecorder(
    platform,
    queue,
    rule,
    undefined,
    () => {},
    () => {},
  );
  const sampler = createSampler(platform, recorder, queue, rule, 1_000, getStats, () => connections);
  if (isAdaptive) {
    sampler.follow((replan) => createCadence(platform.now, recorder, queue, 1_000, 0.01, replan));
  }
  const records = () => {
    recorder.flush(true);
    return decodeAll(queue.frames.map(({ bytes }) => bytes)).records;
  };
  /** Lets time pass in steps in which promises settle. */
  const run = async (durationMs: number, stepMs = 100) => {
    for (let left = durationMs; left > 0; left -= stepMs) {
      platform.advance(Math.min(left, stepMs));
      await settle();
    }
  };
  return { platform, sampler, recorder, records, queue, run };
}

const good = { id: "a", type: "codec", timestamp: 5 };

describe("sampler", () => {
  it("takes a sample each second with what getStats took, and stops", async () => {
    const { platform, sampler, records } = setUp(async () => {
      platform.advance(3);
      return report([good]);
    });
    sampler.start();
    for (let second = 0; second < 3; second++) {
      platform.advance(1_000);
      await settle();
    }
    sampler.stop();
    platform.advance(10_000);
    const samples = records().filter(({ kind }) => kind === "sample");
    expect(samples).toHaveLength(3);
    expect(samples[0]).toMatchObject({ connectionId: "pc-1", stats: [good], durationMs: 3 });
  });

  it.each([
    ["by the queue on their way into a frame", true, true],
    ["before they are recorded, for a queue that does not", false, true],
    ["before they are recorded, in what is no report of the browser", true, false],
  ])("has members reduced %s", async (_, isByQueue, isOfBrowser) => {
    const platform = createVirtualPlatform();
    const rule = createPrivacyRule(false);
    const queue = createFrameQueue(
      platform.now,
      4_000_000,
      undefined,
      isByQueue ? (name, value) => toPlain(rule(name, value), rule) : undefined,
    );
    const recorder = createRecorder(
      platform,
      queue,
      rule,
      undefined,
      () => {},
      () => {},
    );
    const connection = { id: "pc-1", isPending: false } as Connection;
    let port = 0;
    const given = (): Record<string, unknown> => ({
      id: "CF".padEnd(61, ":AB"),
      type: "local-candidate",
      timestamp: 5 + port,
      address: port < 2 ? "192.0.2.77" : "198.51.100.7",
      base64Certificate: `secret ${port}`,
      port: ++port,
      url: "turn:203.0.113.9?transport=udp",
      usernameFragment: port > 2 ? "secret" : undefined,
      more: { relatedAddress: "192.0.2.77", password: "secret" },
    });
    const hostile = {
      get broken() {
        throw new Error("getter");
      },
    };
    const sampler = createSampler(
      platform,
      recorder,
      queue,
      rule,
      1_000,
      async () =>
        isOfBrowser
          ? report([given()])
          : new Map([["a", Object.defineProperties(given(), Object.getOwnPropertyDescriptors(hostile))]]),
      () => [connection],
    );
    for (let times = 0; times < 4; times++) await sampler.sample(connection);
    const records = decodeAll(queue.frames.map(({ bytes }) => bytes)).records as SampleRecord[];
    expect(records.map(({ stats }) => stats[0])).toEqual(
      [1, 2, 3, 4].map((now) => ({
        id: "CF".padEnd(10, ":AB"),
        type: "local-candidate",
        timestamp: 4 + now,
        address: now < 3 ? "192.0.2.0" : "198.51.100.0",
        port: now,
        url: "turn:203.0.113.0?transport=udp",
        more: { relatedAddress: "192.0.2.0" },
        ...(now > 2 && { usernameFragment: "secret" }),
      })),
    );
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no"))],
    ["gives nonsense", () => Promise.resolve({} as RTCStatsReport)],
  ])("counts a getStats that %s, and asks again", async (_, getStats) => {
    const { platform, sampler, records, queue } = setUp(getStats);
    sampler.start();
    for (let second = 0; second < 3; second++) {
      platform.advance(1_000);
      await settle();
    }
    expect(queue.status().lost).toBe(3);
    const [first, ...rest] = records();
    expect(first).toMatchObject({
      name: "sdk-records-lost",
      data: { reason: "getstats-failed", samples: 3, events: 0 },
    });
    expect(rest).toEqual([]);
  });

  it("does not ask twice at once, gives a silent one up after five seconds, and asks again", async () => {
    let asked = 0;
    const { platform, sampler, queue } = setUp(() => {
      asked++;
      return new Promise(() => {});
    });
    sampler.start();
    for (let second = 0; second < 5; second++) {
      platform.advance(1_000);
      await settle();
    }
    expect(asked).toBe(1);
    expect(queue.status().lost).toBe(0);
    for (let second = 0; second < 3; second++) {
      platform.advance(1_000);
      await settle();
    }
    expect(queue.status().lost).toBe(1);
    expect(asked).toBe(2);
  });

  it("gives up within five seconds what is asked when it has stopped", async () => {
    const { platform, sampler, queue } = setUp(() => new Promise(() => {}));
    const connection = { id: "pc-1", isPending: false } as Connection;
    sampler.start();
    sampler.stop();
    const last = sampler.sample(connection);
    platform.advance(4_900);
    await settle();
    expect(connection.isPending).toBe(true);
    platform.advance(100);
    await last;
    expect(queue.status().lost).toBe(1);
  });

  it("sets no timer for a question", async () => {
    const { platform, sampler } = setUp(() => new Promise(() => {}));
    sampler.start();
    const before = platform.timers;
    void sampler.sample({ id: "pc-1", isPending: false } as Connection);
    expect(platform.timers).toBe(before);
  });

  it("sends the samples of a round in one frame when the last is there, and those of others when one is slow", async () => {
    const answers = new Map<unknown, (report: RTCStatsReport) => void>();
    const connections = ["pc-1", "pc-2"].map(
      (id) => ({ id, pc: id, isPending: false }) as unknown as Connection,
    );
    const { platform, sampler, queue } = setUp(
      (pc) => new Promise((resolve) => void answers.set(pc, resolve)),
      false,
      connections,
    );
    const answer = async (id: string): Promise<number> => {
      answers.get(id)?.(report([good]));
      await settle();
      return queue.frames.length;
    };
    sampler.start();
    platform.advance(1_000);
    expect(await answer("pc-1")).toBe(0);
    expect(await answer("pc-2")).toBe(1);
    expect(queue.frames[0]?.kinds).toEqual(["sample", "sample"]);
    platform.advance(1_000);
    expect(await answer("pc-2")).toBe(1);
    platform.advance(250);
    expect(queue.frames[1]?.kinds).toEqual(["sample"]);
    expect(await answer("pc-1")).toBe(3);
  });

  it("leaves out objects that are no statistics", async () => {
    const { sampler, platform, records } = setUp(async () => report([null, 7, "x", {}, { id: "b" }, good]));
    sampler.start();
    platform.advance(1_000);
    await settle();
    expect(records()).toMatchObject([{ kind: "sample", stats: [good] }]);
  });
});

describe("cadence of the sampler", () => {
  const startAt = 1_700_000_000_000;
  const times = (records: readonly SessionRecord[]): number[] =>
    records.filter(({ kind }) => kind === "sample").map(({ at }) => at - startAt);
  const changes = (records: readonly SessionRecord[]): unknown[] =>
    records.flatMap((record) =>
      record.kind === "event" && record.name === "sampling-interval-changed" ? [record.data] : [],
    );

  it("does not drift, whatever a round takes", async () => {
    const { sampler, records, run, platform } = setUp(async () => {
      platform.advance(7);
      return report([good]);
    });
    sampler.start();
    await run(60_000, 1);
    const found = times(records());
    expect(found.length).toBeGreaterThanOrEqual(59);
    expect(found).toEqual(found.map((_, index) => (index + 1) * 1_000 + 7));
  });

  it("looks closer for ten seconds around trouble, and says so", async () => {
    const { sampler, recorder, records, run } = setUp(async () => report([good]));
    sampler.start();
    await run(5_200);
    recorder.emit("connection-state-changed", { state: "disconnected" }, "pc-1");
    await run(20_000);
    const found = records();
    expect(times(found).filter((time) => time > 5_200 && time <= 15_200)).toHaveLength(20);
    expect(times(found).filter((time) => time > 16_000)).toHaveLength(9);
    expect(changes(found)).toEqual([
      { intervalMs: 500, reason: "trouble" },
      { intervalMs: 1_000, reason: "default" },
    ]);
  });

  it.each<[string, Loose<EventData[EventName]>, boolean]>([
    ["ice-connection-state-changed", { state: "checking" }, true],
    ["connection-state-changed", { state: "failed" }, true],
    ["connection-state-changed", { state: "connected" }, false],
    ["track-state-changed", { muted: true, enabled: true }, true],
    ["track-state-changed", { muted: false, enabled: true }, false],
    ["ice-candidate-failed", { errorCode: 701 }, false],
  ])("%s %j is trouble: %s", async (name, data, isTrouble) => {
    const { sampler, recorder, records, run } = setUp(async () => report([good]));
    sampler.start();
    recorder.emit(name as EventName, data);
    await run(1_000);
    expect(changes(records())).toHaveLength(isTrouble ? 1 : 0);
  });

  it.each([
    ["a freeze", { freezeCount: 1 }, true],
    ["many lost packets", { packetsLost: 20 }, true],
    ["a few lost packets", { packetsLost: 19 }, false],
    ["packets that were only late", { packetsLost: -30 }, false],
  ])("%s in a report: closer", async (_, grown, isTrouble) => {
    let asked = 0;
    const { sampler, records, run } = setUp(async () => {
      const before = { ...good, freezeCount: 3, packetsLost: 500 };
      const { freezeCount = 0, packetsLost = 0 } = grown as Record<string, number>;
      // From a first report, which may have a past, nothing is taken.
      if (asked++ < 2) return report([before]);
      return report([{ ...before, freezeCount: 3 + freezeCount, packetsLost: 500 + packetsLost }]);
    });
    sampler.start();
    await run(4_000);
    expect(changes(records())).toHaveLength(isTrouble ? 1 : 0);
  });

  it("slows down until it keeps to its budget, around trouble too, and comes back", async () => {
    let costMs = 35;
    const { platform, sampler, recorder, records, run } = setUp(async () => {
      // The time is spent while the report is read, on the main thread.
      return {
        forEach: (visit: (object: unknown) => void) => {
          platform.advance(costMs);
          visit(good);
        },
      } as unknown as RTCStatsReport;
    });
    sampler.start();
    await run(120_000);
    recorder.emit("ice-connection-state-changed", { state: "checking" });
    await run(30_000);
    const slow = records();
    expect(changes(slow)).toEqual([
      { intervalMs: 2_000, reason: "cost" },
      { intervalMs: 4_000, reason: "cost" },
    ]);
    const late = times(slow).filter((time) => time > 60_000);
    expect((late.length * costMs) / 90_000).toBeLessThan(0.01);
    costMs = 1;
    await run(120_000);
    expect(changes(records()).at(-1)).toEqual({ intervalMs: 1_000, reason: "default" });
  });

  it("gives large reports more time", async () => {
    const many = Array.from({ length: 424 }, (_, index) => ({ ...good, id: `${index}` }));
    const { sampler, records, run } = setUp(async () => report(many));
    sampler.start();
    await run(30_000);
    // By steps: four times the interval would look like a page that was suspended.
    expect(changes(records())).toEqual([
      { intervalMs: 2_000, reason: "objects" },
      { intervalMs: 4_000, reason: "objects" },
    ]);
  });

  it("never looks suspended to a reader, who allows three times the median of the last three intervals", async () => {
    const many = Array.from({ length: 2_000 }, (_, index) => ({ ...good, id: `${index}` }));
    let objects = 1;
    const { sampler, recorder, records, run } = setUp(async () => report(many.slice(0, objects)));
    sampler.start();
    await run(3_000);
    recorder.emit("ice-connection-state-changed", { state: "failed" });
    await run(4_000);
    objects = 2_000;
    await run(60_000);
    objects = 1;
    await run(60_000);
    const found = times(records());
    const gaps = found.slice(1).map((time, index) => time - (found[index] ?? 0));
    const ratios = gaps.slice(3).map((gap, index) => {
      const [, median = 0] = gaps.slice(index, index + 3).toSorted((a, b) => a - b);
      return gap / median;
    });
    expect(Math.max(...gaps)).toBe(16_000);
    expect(Math.min(...gaps)).toBe(500);
    expect(Math.max(...ratios)).toBeLessThanOrEqual(2);
  });

  it("makes one round of a timer that comes late, and no burst after it", async () => {
    const { platform, sampler, records, run } = setUp(async () => report([good]));
    sampler.start();
    await run(3_000);
    // Frozen: what was due in between comes at the end, once.
    platform.freeze(57_300);
    await settle();
    await run(5_000);
    const found = times(records());
    const gaps = found.slice(1).map((time, index) => time - (found[index] ?? 0));
    expect(gaps.filter((gap) => gap > 1_000)).toHaveLength(1);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500);
  });

  it("follows the timers of a hidden page without a sample too many", async () => {
    const { platform, sampler, records } = setUp(async () => report([good]));
    sampler.start();
    // Chromium wakes hidden pages at whole seconds.
    platform.advance(400);
    for (let second = 0; second < 60; second++) {
      platform.freeze(1_000);
      await settle();
    }
    const found = times(records());
    expect(found.length).toBeGreaterThanOrEqual(58);
    expect(new Set(found).size).toBe(found.length);
  });

  it("tells each minute what it cost so far", async () => {
    const { platform, sampler, records, run } = setUp(async () => {
      platform.advance(2);
      return report([good]);
    });
    sampler.start();
    await run(121_000, 50);
    const costs = records().flatMap((record) =>
      record.kind === "event" && record.name === "sdk-cost" ? [record.data] : [],
    );
    expect(costs).toHaveLength(2);
    expect(costs[0]).toMatchObject({ samples: 59, intervalMs: 1_000, collectMs: 0 });
    expect(costs[1]).toMatchObject({ samples: 119, intervalMs: 1_000, collectMs: 0 });
    expect(costs[1]?.["getStatsMs"]).toBeCloseTo(238, 0);
    expect(costs[1]?.["bytes"]).toBeGreaterThan(Number(costs[0]?.["bytes"]));
  });

  it("stays stopped when trouble comes after the end", async () => {
    const { sampler, recorder, platform } = setUp(async () => report([good]));
    sampler.start();
    sampler.stop();
    const before = platform.timers;
    recorder.emit("ice-connection-state-changed", { state: "failed" });
    recorder.flush();
    expect(platform.timers).toBe(before);
  });

  it("keeps the usual interval while nothing decides about it", async () => {
    const many = Array.from({ length: 424 }, (_, index) => ({ ...good, id: `${index}` }));
    const { sampler, recorder, records, run } = setUp(async () => report(many), false);
    sampler.start();
    recorder.emit("ice-connection-state-changed", { state: "failed" });
    await run(10_000);
    expect(times(records())).toEqual(Array.from({ length: 10 }, (_, index) => (index + 1) * 1_000));
  });
});
