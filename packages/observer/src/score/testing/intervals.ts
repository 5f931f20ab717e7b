import type { ScoreInterval } from "../inputs.ts";

/** Start of every synthetic session, Unix ms. */
export const sessionStart: number = 1_700_000_000_000;

const common = {
  pcId: "pc1",
  expectation: { state: "expected" },
  senderSending: null,
  interrupted: false,
  rampUp: false,
  fmtp: null,
  clockRate: null,
  packetsLost: 0,
  packetsDiscarded: 0,
  retransmittedBytesReceived: 0,
  jitterBufferDelayMs: null,
  playoutDelayMs: null,
  rttMs: 40,
  senderRttMs: null,
  path: "direct",
  totalSamplesReceived: null,
  concealedSamples: null,
  silentConcealedSamples: null,
  concealmentEvents: null,
  speechActiveMs: null,
  framesDecoded: null,
  framesRendered: null,
  freezeCount: null,
  pauseCount: null,
  freezesDurationMs: null,
  pausesDurationMs: null,
  runningFreezeMs: null,
  frameWidth: null,
  frameHeight: null,
  neededPixels: null,
  repairable: null,
  screenShare: false,
} as const satisfies Partial<ScoreInterval>;

/** A clean stretch of an Opus track, from and to in seconds of the session. */
export function audioInterval(from: number, to: number, change: Partial<ScoreInterval> = {}): ScoreInterval {
  const seconds = to - from;
  return {
    ...common,
    from: sessionStart + from * 1000,
    to: sessionStart + to * 1000,
    trackId: "a1",
    kind: "audio",
    mimeType: "audio/opus",
    packetsReceived: 50 * seconds,
    bytesReceived: 4000 * seconds,
    jitterBufferDelayMs: 40,
    playoutDelayMs: 30,
    totalSamplesReceived: 48_000 * seconds,
    concealedSamples: 0,
    silentConcealedSamples: 0,
    concealmentEvents: 0,
    ...change,
  };
}

/** A clean stretch of a 720p30 VP8 camera, from and to in seconds of the session. */
export function videoInterval(from: number, to: number, change: Partial<ScoreInterval> = {}): ScoreInterval {
  const seconds = to - from;
  return {
    ...common,
    from: sessionStart + from * 1000,
    to: sessionStart + to * 1000,
    trackId: "v1",
    kind: "video",
    mimeType: "video/VP8",
    packetsReceived: 200 * seconds,
    bytesReceived: 212_500 * seconds,
    framesDecoded: 30 * seconds,
    freezeCount: 0,
    pauseCount: 0,
    freezesDurationMs: 0,
    pausesDurationMs: 0,
    frameWidth: 1280,
    frameHeight: 720,
    repairable: true,
    ...change,
  };
}

/** A total outage as a browser counts it: silence that is booked as concealed, and no loss. */
export function audioOutage(from: number, to: number, change: Partial<ScoreInterval> = {}): ScoreInterval {
  const samples = 48_000 * (to - from);
  return audioInterval(from, to, {
    packetsReceived: 0,
    bytesReceived: 0,
    jitterBufferDelayMs: null,
    concealedSamples: samples,
    silentConcealedSamples: samples,
    ...change,
  });
}
