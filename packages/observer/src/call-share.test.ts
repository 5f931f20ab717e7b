import type { SessionAnalysis, StreamWindows } from "@peerscope/schema";
import { expect, test } from "vitest";
import { buildCall, type Changes, outage } from "./testing/call-builder.ts";

const of = (
  { callShare }: SessionAnalysis,
  direction: "inbound" | "outbound",
  kind: "audio" | "video",
): StreamWindows => {
  const stream = callShare?.streams.find((one) => one.direction === direction && one.kind === kind);
  if (stream === undefined) throw new Error(`no ${direction} ${kind}`);
  return stream;
};

const sum = (values: readonly (number | null)[]): number =>
  values.reduce<number>((all, value) => all + (value ?? 0), 0);

const mic = {
  trackId: "mic",
  kind: "audio",
  direction: "local",
  enabled: true,
  muted: false,
  readyState: "live",
} as const;

test("packets, losses and levels of ten seconds each, on a grid that all sessions share", () => {
  const analysis = buildCall()
    .run(20)
    .run(20, { inAudio: { packetsLost: 5, packetsReceived: 45 }, remoteInAudio: { packetsLost: 5 } })
    .run(20)
    .analyse();
  const audio = of(analysis, "inbound", "audio");
  expect(audio.from % 10_000).toBe(0);
  expect(audio.packets.length).toBeGreaterThanOrEqual(6);
  for (const packets of audio.packets.slice(1, -1)) expect(packets).toBeGreaterThanOrEqual(450);
  expect(sum(audio.lost)).toBe(100);
  expect(Math.max(...audio.lost.map((value) => value ?? 0))).toBe(50);
  expect(audio.level[2]).toBeCloseTo(0.1, 3);
  expect(audio.reported).toEqual([]);
  const sent = of(analysis, "outbound", "audio");
  expect(sum(sent.lost)).toBe(100);
  expect(sum(sent.reported)).toBeGreaterThan(2700);
  expect(sent.dry).toEqual([]);
  expect(of(analysis, "inbound", "video").level).toEqual([]);
});

test("what the browser does not report is null, not 0", () => {
  const blind: Changes = { inAudio: { packetsLost: null, totalAudioEnergy: null }, remoteInAudio: null };
  const analysis = buildCall().run(30, blind).analyse();
  expect(new Set(of(analysis, "inbound", "audio").lost)).toEqual(new Set([null]));
  expect(new Set(of(analysis, "inbound", "audio").level)).toEqual(new Set([null]));
  expect(new Set(of(analysis, "outbound", "audio").reported)).toEqual(new Set([null]));
});

const nothingOut: Changes = { outAudio: { packetsSent: 0, bytesSent: 0 } };

test("five seconds without a packet are handed over; of a sender with whether it was meant", () => {
  const live = buildCall().event("track-state-changed", mic).run(20).run(6, nothingOut).run(20).analyse();
  const [span, ...others] = of(live, "outbound", "audio").dry;
  expect(others).toEqual([]);
  expect(span?.intended).toBeUndefined();
  expect((span?.to ?? 0) - (span?.from ?? 0)).toBe(6000);
  expect(
    buildCall()
      .event("track-state-changed", mic)
      .run(20)
      .run(4, nothingOut)
      .run(20)
      .analyse()
      .callShare?.streams.flatMap(({ dry }) => dry),
  ).toEqual([]);

  const muted = buildCall()
    .event("track-state-changed", mic)
    .run(20)
    .event("track-state-changed", { ...mic, enabled: false })
    .run(10, nothingOut)
    .run(20)
    .analyse();
  expect(of(muted, "outbound", "audio").dry).toMatchObject([{ intended: true }]);
  // Nothing is known of the track: it may have been meant.
  expect(
    of(buildCall().run(20).run(10, nothingOut).run(20).analyse(), "outbound", "audio").dry,
  ).toMatchObject([{ intended: true }]);
});

test("a receiver waits while it is connected, and not for what ended as intended", () => {
  const connected = buildCall().event("connection-state-changed", { state: "connected" }, true);
  const nothingIn: Changes = { inAudio: { packetsReceived: 0, bytesReceived: 0 } };
  expect(of(connected.run(20).run(10, nothingIn).run(5).analyse(), "inbound", "audio").dry).toHaveLength(1);
  const ended = buildCall()
    .event("connection-state-changed", { state: "connected" }, true)
    .run(20)
    .event("track-state-changed", { ...mic, trackId: "far-mic", direction: "remote", readyState: "ended" })
    .run(10, nothingIn)
    .analyse();
  expect(of(ended, "inbound", "audio").dry).toEqual([]);
});

test("when people came, connected and got lost", () => {
  const state = (to: string): { state: string } => ({ state: to });
  const call = buildCall()
    .event("connection-state-changed", state("connecting"), true)
    .run(2)
    .event("connection-state-changed", state("connected"), true)
    .run(20)
    .event("connection-state-changed", state("failed"), true)
    .run(5, outage);
  const { callShare, start } = call.analyse();
  expect(callShare).toMatchObject({
    topology: "unknown",
    joinedAt: [start],
    attemptedAt: start,
    connectedAt: start + 2000,
  });
  expect(callShare?.lostAt).not.toBeNull();
  expect(buildCall().run(20).analyse().callShare?.lostAt).toBeNull();
});

test("a log that jumps over days stays bounded", () => {
  const call = buildCall(10).run(30).skip(80_000).run(30).skip(80_000).run(30).analyse();
  const windows = call.callShare?.streams.reduce((all, { packets }) => all + packets.length, 0);
  expect(windows).toBeGreaterThan(30_000);
  expect(windows).toBeLessThanOrEqual(50_000);
});
