import { describe, expect, it } from "vitest";
import type { Connection } from "../collect/connection.ts";
import { createRecorder } from "../recorder.ts";
import { decodeAll } from "../testing/records.ts";
import { createVirtualPlatform } from "../testing/virtual-platform.ts";
import { createFrameQueue } from "../transport/frame-queue.ts";
import { createSampler } from "./sampler.ts";

const report = (objects: readonly unknown[]): RTCStatsReport =>
  ({ forEach: (visit: (object: unknown) => void) => objects.forEach(visit) }) as unknown as RTCStatsReport;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp(getStats: () => Promise<RTCStatsReport>) {
  const platform = createVirtualPlatform();
  const queue = createFrameQueue(platform.now, 4_000_000, 1_000);
  const rule = (_: string, value: unknown): unknown => value;
  const recorder = createRecorder(platform, queue, rule, undefined, () => {});
  const connection = { id: "pc-1", pending: false } as Connection;
  const sampler = createSampler(platform, recorder, queue, rule, 1_000, getStats, () => [connection]);
  const records = () => {
    recorder.flush(true);
    return decodeAll(queue.frames.map(({ bytes }) => bytes)).records;
  };
  return { platform, sampler, records, queue };
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

  it("leaves out objects that are no statistics", async () => {
    const { sampler, platform, records } = setUp(async () => report([null, 7, "x", {}, { id: "b" }, good]));
    sampler.start();
    platform.advance(1_000);
    await settle();
    expect(records()).toMatchObject([{ kind: "sample", stats: [good] }]);
  });
});
