import { captureNames, readCapture } from "@peerscope/scenarios";
import type { SessionRecord } from "@peerscope/schema";
import { expect, test } from "vitest";
import { defineMetric } from "./extend/define-metric.ts";
import { defineObservation } from "./extend/define-observation.ts";
import { parseThresholds } from "./extend/thresholds.ts";
import { createSessionObserver, type SessionObserverOptions } from "./session-observer.ts";
import { buildCall } from "./testing/call-builder.ts";

/** The analysis while the session goes on, and in the end, with a rest after so many records; 0: without. */
function analyses(
  records: readonly SessionRecord[],
  restAfter: number,
  more: Partial<SessionObserverOptions> = {},
): string[] {
  const options = { sessionId: "session", ...more };
  let observer = createSessionObserver(options);
  const found: string[] = [];
  for (const [index, record] of records.entries()) {
    observer.push(record);
    if (restAfter > 0 && index % restAfter === 0) observer = createSessionObserver(options, observer.rest());
    if (index % 50 === 0) found.push(JSON.stringify(observer.analysis()));
  }
  found.push(JSON.stringify(observer.finish()));
  return found;
}

test.each(captureNames)("%s: an analysis that rested goes on as if nothing had been", (name) => {
  for (const { records } of readCapture(name).sessions) {
    const whole = analyses(records, 0);
    for (const restAfter of [1, 60]) expect(analyses(records, restAfter)).toEqual(whole);
  }
});

const loss = { inAudio: { packetsLost: 9, packetsReceived: 41 }, inVideo: { pliCount: 1 } };
const lossy = buildCall().run(20).run(30, loss).run(40).records;

test("thresholds of a project are in force after a rest", () => {
  const thresholds = parseThresholds({
    "downlink-loss": { levels: { minor: { on: 0.5, clear: 0.4 } } },
    "audio-concealment": { off: true },
  });
  const whole = analyses(lossy, 0, { thresholds });
  expect(whole).not.toEqual(analyses(lossy, 0));
  for (const restAfter of [1, 7]) expect(analyses(lossy, restAfter, { thresholds })).toEqual(whole);
});

test("observations of a project's own go on after a rest", () => {
  const metric = defineMetric({
    id: "key-frame-requests",
    unit: "1/min",
    meaning: "Key frames asked for per minute.",
    stats: "inbound-rtp",
    compute: ({ growth, seconds }) => (60 * (growth("pliCount") ?? 0)) / seconds,
  });
  const extensions = [
    defineObservation({
      id: "key-frames-asked-for",
      domain: "receiver-downlink",
      title: "Many key frames asked for",
      meaning: "The picture had to be built anew.",
      support: "Use a cable.",
      developer: "Look at the loss.",
      metric,
      levels: [{ severity: "major", on: 20, clear: 5 }],
      signals: [{ family: "event", weight: 0.9, text: "the decoder asked" }],
    }),
  ];
  const whole = analyses(lossy, 0, { extensions });
  expect(whole.at(-1)).toContain("key-frames-asked-for");
  for (const restAfter of [1, 7]) expect(analyses(lossy, restAfter, { extensions })).toEqual(whole);
});

test("two that go on from the same bytes have nothing in common", () => {
  const options = { sessionId: "session" };
  const observer = createSessionObserver(options);
  for (const record of lossy.slice(0, 30)) observer.push(record);
  const rested = observer.rest();
  const [one, other] = [createSessionObserver(options, rested), createSessionObserver(options, rested)];
  for (const record of lossy.slice(30)) one.push(record);
  one.finish();
  for (const record of lossy.slice(30)) other.push(record);
  expect([JSON.stringify(other.finish())]).toEqual(analyses(lossy, 0).slice(-1));
});

test("one that is finished stays so", () => {
  const options = { sessionId: "session" };
  const observer = createSessionObserver(options);
  for (const record of lossy) observer.push(record);
  const finished = JSON.stringify(observer.finish());
  const again = createSessionObserver(options, observer.rest());
  for (const record of lossy.slice(-5)) again.push(record);
  expect(JSON.stringify(again.analysis())).toBe(finished);
});

test("a session of ten minutes takes less than 50 kB", () => {
  const options = { sessionId: "session" };
  const observer = createSessionObserver(options);
  for (const record of buildCall().run(300).run(10, loss).run(290).records) observer.push(record);
  expect(observer.rest().length).toBeLessThan(50_000);
});
