import type { JsonObject } from "@peerscope/schema";
import { expect, test } from "vitest";
import { appendPoints, createSeries, type Series } from "../charts/series.ts";
import type { EventRow } from "../worker/messages.ts";
import { offSpans, sampleGaps } from "./expected.ts";
import { lanesOf } from "./lanes.ts";

const event = (at: number, name: string, data: JsonObject): EventRow => ({
  at,
  name,
  connectionId: null,
  data,
});
const track = (at: number, trackId: string, kind: "audio" | "video", more: JsonObject = {}): EventRow =>
  event(at, "track-state-changed", {
    trackId,
    kind,
    direction: "local",
    enabled: true,
    muted: false,
    readyState: "live",
    ...more,
  });

test("a microphone that is switched off silences the charts of outgoing sound, and only them", () => {
  const events = [
    track(0, "m", "audio"),
    track(0, "c", "video"),
    track(10, "m", "audio", { enabled: false }),
    track(25, "m", "audio"),
  ];
  expect(offSpans(events, 60, { kind: "audio", direction: "outbound" })).toEqual([
    { from: 10, to: 25, label: "microphone switched off" },
  ]);
  for (const needs of [
    { kind: "video", direction: "outbound" },
    { kind: "audio", direction: "inbound" },
    { direction: "outbound" },
    { direction: "path" },
  ] as const) {
    expect(offSpans(events, 60, needs)).toEqual([]);
  }
});

test("a chart of both is only silent while both are off", () => {
  const events = [
    track(0, "m", "audio"),
    track(0, "c", "video"),
    track(10, "m", "audio", { enabled: false }),
    track(20, "c", "video", { readyState: "ended", stoppedByApp: true }),
    track(30, "m", "audio"),
  ];
  expect(offSpans(events, 60, { direction: "outbound" })).toEqual([
    { from: 20, to: 30, label: "microphone and camera off" },
  ]);
});

test("a stopped camera is off until the next one, a camera that ended by itself is a fault", () => {
  const video = { kind: "video", direction: "outbound" } as const;
  const stopped = track(10, "c", "video", { readyState: "ended", stoppedByApp: true });
  expect(offSpans([track(0, "c", "video"), stopped], 60, video)).toEqual([
    { from: 10, to: 60, label: "camera stopped" },
  ]);
  expect(offSpans([track(0, "c", "video"), stopped, track(40, "d", "video")], 60, video)).toEqual([
    { from: 10, to: 40, label: "camera stopped" },
  ]);
  const pulled = track(10, "c", "video", { readyState: "ended" });
  expect(offSpans([track(0, "c", "video"), pulled], 60, video)).toEqual([]);
});

test("a remote track that has not begun yet is not muted by anybody", () => {
  const remote = (at: number, muted: boolean): EventRow =>
    track(at, "r", "audio", { direction: "remote", muted });
  expect(
    offSpans([remote(0, true), remote(2, false), remote(20, true)], 60, {
      kind: "audio",
      direction: "inbound",
    }),
  ).toEqual([{ from: 20, to: 60, label: "sound muted by the sender" }]);
});

const stream = (key: string, ...times: number[]): Series => {
  const series = createSeries(key, "bitrate-bps", {
    pcId: "p",
    statsId: key,
    kind: "audio",
    direction: "outbound",
  });
  appendPoints(
    series,
    Float64Array.from(times),
    Float32Array.from(times, () => 1),
  );
  return series;
};

test("a gap is where no stream reported, and says why when that is known", () => {
  const seconds = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, i) => (from + i) * 1000);
  const a = stream("a", ...seconds(0, 20), ...seconds(60, 80));
  const b = stream("b", ...seconds(0, 20), ...seconds(60, 80));
  const gaps = (series: Series[], events: EventRow[] = []): unknown =>
    sampleGaps(series, lanesOf(events, 80_000), events);
  expect(gaps([a, b])).toEqual([{ from: 20_000, to: 60_000, label: "no samples" }]);
  expect(gaps([a, stream("c", ...seconds(0, 80))])).toEqual([]);
  const hidden = [
    event(1000, "page-visibility-changed", { visible: true }),
    event(19_000, "page-visibility-changed", { visible: false }),
    event(61_000, "page-visibility-changed", { visible: true }),
  ];
  expect(gaps([a, b], hidden)).toEqual([{ from: 20_000, to: 60_000, label: "no samples: page hidden" }]);
  const offline = [
    event(30_000, "network-online-changed", { online: false }),
    event(50_000, "network-online-changed", { online: true }),
  ];
  expect(gaps([a, b], [...hidden, ...offline])).toEqual([
    { from: 20_000, to: 60_000, label: "no samples: offline" },
  ]);
  const lost = [event(59_000, "sdk-records-lost", { reason: "buffer-full", samples: 3, events: 0 })];
  expect(gaps([a, b], lost)).toEqual([
    { from: 20_000, to: 60_000, label: "no samples: given up by the client" },
  ]);
});
