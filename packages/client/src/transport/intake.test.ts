import { describe, expect, it } from "vitest";
import { decodeAll, eventAt, sampleAt } from "../testing/records.ts";
import { createFrameQueue } from "./frame-queue.ts";
import { createIntake } from "./intake.ts";

describe("intake", () => {
  it("keeps records and losses for the queue, and is only in front of it then", () => {
    const intake = createIntake();
    intake.push(eventAt(1));
    intake.lose("getstats-failed", "sample");
    intake.flush();
    expect(intake.status()).toEqual({ framesAcknowledged: 0, recordsQueued: 1, lost: 1 });
    const queue = createFrameQueue(() => 5, 1_000_000);
    intake.open(queue);
    intake.push(sampleAt(2));
    intake.lose("getstats-failed", "sample");
    intake.flush(true);
    expect(intake.status()).toEqual(queue.status());
    const { records } = decodeAll(queue.frames.map(({ bytes }) => bytes));
    expect(records.map(({ at }) => at)).toEqual([1, 2, 5]);
    expect(records[2]).toMatchObject({ data: { reason: "getstats-failed", samples: 2, events: 0 } });
  });

  it("reduces nothing before there is a queue, and then if that does", () => {
    for (const reduce of [undefined, () => null]) {
      const intake = createIntake();
      expect(intake.reduces).toBeFalsy();
      intake.open(createFrameQueue(() => 0, 1_000_000, undefined, reduce));
      expect(intake.reduces).toBe(reduce !== undefined);
    }
  });

  it("counts what is more than it holds", () => {
    const intake = createIntake();
    for (let at = 0; at < 2_010; at++) intake.push(eventAt(at));
    expect(intake.status()).toEqual({ framesAcknowledged: 0, recordsQueued: 2_000, lost: 10 });
    const queue = createFrameQueue(() => 0, 1_000_000);
    intake.open(queue);
    expect(queue.status()).toEqual({ framesAcknowledged: 0, recordsQueued: 2_000, lost: 10 });
  });
});
