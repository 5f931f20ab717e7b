import type { SessionAnalysis, SessionRecord, StatsObject } from "@peerscope/schema";
import { expect, test } from "vitest";
import { analyseRecords, buildCall, type Changes } from "./testing/call-builder.ts";

/** The builder names no codec; without one no sound is scored. */
function withOpus(records: readonly SessionRecord[]): SessionRecord[] {
  return records.map((record) => {
    if (record.kind !== "sample") return record;
    const opus: StatsObject = {
      id: "C",
      type: "codec",
      timestamp: record.at,
      mimeType: "audio/opus",
      clockRate: 48_000,
    };
    const stats = record.stats.map((of) => (of.id.startsWith("IA") ? { ...of, codecId: "C" } : of));
    return { ...record, stats: [...stats, opus] };
  });
}

const analyse = (records: readonly SessionRecord[]): SessionAnalysis["score"] =>
  analyseRecords(withOpus(records)).score;

/** A second person on the same connection, sent with little bitrate: over a server. */
function withSecondSpeaker(records: readonly SessionRecord[], energy: number): SessionRecord[] {
  let total = 0;
  return records.map((record) => {
    if (record.kind !== "sample") return record;
    total += energy;
    const audio = record.stats.find(({ id }) => id === "IA");
    if (audio === undefined) return record;
    const second: StatsObject = {
      ...audio,
      id: "IA2",
      ssrc: 9001,
      trackIdentifier: "second-mic",
      bytesReceived: Number(audio["bytesReceived"]) / 3,
      totalAudioEnergy: total,
    };
    return { ...record, stats: [...record.stats, second] };
  });
}

test("a track on which nobody speaks does not weigh in the sound of several", () => {
  const { records } = buildCall().run(60);
  const alone = analyse(records).value ?? NaN;
  const silent = analyse(withSecondSpeaker(records, 0)).value ?? NaN;
  const speaking = analyse(withSecondSpeaker(records, 0.01)).value ?? NaN;
  expect(silent).toBeCloseTo(alone, 6);
  expect(speaking).toBeLessThan(alone - 1);
});

test("a muted microphone of the far end, which goes on as silence, takes nothing from the score", () => {
  const muted: Changes = { inAudio: { bytesReceived: 150, totalAudioEnergy: 0 } };
  const plain = analyse(buildCall().run(60).records).value ?? NaN;
  const quiet = analyse(buildCall().run(20).run(20, muted).run(20).records).value ?? NaN;
  expect(quiet).toBeCloseTo(plain, 6);
});

test("the delay stays a lower bound: one side knows neither that the call is direct nor the sender's leg", () => {
  const { records } = buildCall().run(30);
  for (const score of [analyse(records), analyse(withSecondSpeaker(records, 0.01))]) {
    expect(score.value).not.toBeNull();
    expect(score.flags).toContain("delay_partial");
  }
});

test("a picture is judged by the pixels on which the page shows it, and without them by none", () => {
  const shownAt = (displayWidth: number, displayHeight: number): SessionAnalysis["score"] => {
    const call = buildCall().event("media-element-changed", {
      elementId: "el-1",
      tagName: "video",
      trackIds: ["far-cam"],
      paused: false,
      muted: false,
      volume: 1,
      videoWidth: 640,
      videoHeight: 360,
      displayWidth,
      displayHeight,
    });
    return analyse(call.run(60).records);
  };
  const unknown = analyse(buildCall().run(60).records);
  expect(unknown.flags).toContain("no-display-size");
  expect(shownAt(0, 0).flags).toContain("no-display-size");
  const whole = shownAt(640, 360);
  expect(whole.flags).not.toContain("no-display-size");
  expect(whole.value).toBeCloseTo(unknown.value ?? NaN, 6);
  // Black bars beside a picture show none of it.
  expect(shownAt(1280, 360).value).toBeCloseTo(whole.value ?? NaN, 6);
  const blurred = shownAt(1920, 1080);
  expect(blurred.value).toBeLessThan((whole.value ?? NaN) - 1);
  expect(blurred.reasons.map(({ term }) => term)).toContain("resolution");
});
