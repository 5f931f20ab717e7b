import { expect, test } from "vitest";
import { streamsOf, type MetricAt } from "./streams.ts";

const report = {
  connectionId: "pc",
  at: 1,
  stats: [
    { id: "C", type: "codec", mimeType: "video/VP8" },
    { id: "low", type: "outbound-rtp", kind: "video", rid: "q", frameWidth: 320, frameHeight: 180 },
    {
      id: "high",
      type: "outbound-rtp",
      kind: "video",
      rid: "f",
      codecId: "C",
      frameWidth: 1280,
      frameHeight: 720,
      framesPerSecond: 29.7,
      qualityLimitationReason: "cpu",
    },
    { id: "far", type: "remote-inbound-rtp", kind: "video", localId: "high" },
    { id: "sound", type: "inbound-rtp", kind: "audio", ssrc: 7, qualityLimitationReason: "none" },
    { id: "mic", type: "media-source", kind: "audio" },
  ].map((object) => ({ timestamp: 1, ...object })),
};

test("streams of a moment: sent before received, larger layers first, what is sent joined with the far end's report", () => {
  const asked: string[] = [];
  const metricAt: MetricAt = (name, direction, connectionId, statsId) => {
    asked.push(`${name} ${direction} ${connectionId} ${statsId}`);
    return statsId === "high" && name === "loss-ratio" && direction === "remote-report" ? 0.08 : null;
  };
  const streams = streamsOf([report], metricAt);
  expect(streams.map(({ statsId, direction, picture }) => [statsId, direction, picture])).toEqual([
    ["high", "out", "1280×720 at 30"],
    ["low", "out", "320×180"],
    ["sound", "in", null],
  ]);
  expect(streams[0]).toMatchObject({ codec: "VP8", rid: "f", limitation: "cpu", lossRatio: 0.08 });
  // A layer without a report of its own has no loss: unknown, not none.
  expect(streams[1]).toMatchObject({ codec: null, lossRatio: null });
  expect(streams[2]).toMatchObject({ ssrc: 7, limitation: null, concealmentRatio: null });
  expect(asked).toContain("concealment-ratio inbound pc sound");
});
