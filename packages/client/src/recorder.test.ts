import { describe, expect, it } from "vitest";
import type { SessionRecord } from "@peerscope/schema";
import { createPrivacyRule } from "./collect/privacy.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { decodeAll } from "./testing/records.ts";
import { createVirtualPlatform } from "./testing/virtual-platform.ts";
import { createFrameQueue } from "./transport/frame-queue.ts";

function setUp(redact?: (record: SessionRecord) => SessionRecord | null) {
  const platform = createVirtualPlatform();
  const queue = createFrameQueue(platform.now, 4_000_000);
  let flushed = 0;
  const broken: string[] = [];
  const recorder: Recorder = createRecorder(
    platform,
    queue,
    createPrivacyRule(false),
    redact,
    () => flushed++,
    (message) => broken.push(message),
  );
  const records = () => {
    recorder.flush(true);
    return decodeAll(queue.frames.map(({ bytes }) => bytes)).records;
  };
  return { platform, queue, recorder, records, broken, flushes: () => flushed };
}

describe("recorder", () => {
  it("sends what happened within a quarter of a second, together", () => {
    const { platform, queue, recorder, flushes } = setUp();
    recorder.emit("negotiation-needed", {}, "pc-1");
    recorder.emit("negotiation-needed", {}, "pc-2");
    platform.advance(249);
    expect(flushes()).toBe(0);
    platform.advance(1);
    expect(flushes()).toBe(1);
    expect(queue.frames).toHaveLength(1);
  });

  it("copies data when it is told, under the privacy rule", () => {
    const { recorder, records } = setUp();
    const data = { step: 1, url: "https://app.example/join?room=secret", address: "192.0.2.77" };
    recorder.emit("app-event", { name: "joined", data });
    data.step = 2;
    expect(records()).toMatchObject([
      { data: { name: "joined", data: { step: 1, url: "https://app.example/join", address: "192.0.2.0" } } },
    ]);
  });

  it("leaves members without a value out of context, and keeps what was said for a server that forgot", () => {
    const { recorder, records } = setUp();
    recorder.context({ userId: "kim", callId: undefined, tags: { room: "1", floor: "2" } });
    recorder.context({ tags: { room: null }, userId: "lee" });
    recorder.repeatContext();
    const contexts = records().flatMap((record) => (record.kind === "context" ? [record.context] : []));
    expect(contexts[0]).toEqual({ userId: "kim", tags: { room: "1", floor: "2" } });
    expect(contexts[2]).toEqual({ userId: "lee", tags: { room: null, floor: "2" } });
  });

  it("tells an error inside the SDK once a place, and gives nothing back", () => {
    const { recorder, records } = setUp();
    for (let times = 0; times < 3; times++) {
      const result = recorder.attempt("here", () => {
        throw new TypeError("broken");
      });
      expect(result).toBeUndefined();
    }
    recorder.attempt("there", () => {
      throw { toString: 7 };
    });
    expect(records()).toMatchObject([
      { name: "sdk-error", data: { place: "here", message: "TypeError: broken" } },
    ]);
  });

  it("is broken at the fiftieth error, which it tells once", () => {
    const { recorder, broken } = setUp();
    const run = (times: number): void => {
      for (let time = 0; time < times; time++) recorder.fail(`place ${time}`, new Error("broken"));
    };
    run(49);
    expect(broken).toEqual([]);
    run(100);
    expect(broken).toEqual(["place 0: Error: broken"]);
  });

  it("gives the redact hook the last word", () => {
    const { recorder, records, queue } = setUp((record) => {
      if (record.kind !== "event") return record;
      const { name } = record.data ?? {};
      if (name === "drop") return null;
      if (name === "throw") throw new Error("hook");
      if (name === "garbage") return 7 as unknown as SessionRecord;
      return { ...record, data: { name: "changed" } };
    });
    for (const name of ["drop", "throw", "garbage", "keep"]) recorder.emit("app-event", { name });
    expect(records()).toMatchObject([
      { name: "app-event", data: { name: "changed" } },
      { name: "sdk-records-lost", data: { reason: "redact-failed", samples: 0, events: 2 } },
    ]);
    expect(queue.status().lost).toBe(2);
  });

  it("records nothing after the end", () => {
    const { platform, recorder, records } = setUp();
    recorder.emit("session-ended", { reason: "stopped" });
    recorder.flush(true);
    recorder.end();
    recorder.emit("app-event", { name: "late" });
    expect(platform.timers).toBe(0);
    expect(records()).toHaveLength(1);
  });
});
