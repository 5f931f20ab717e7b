import { describe, expect, test } from "vitest";
import { audioWindow, type AudioWindowInput } from "./audio-window.ts";
import { combineMedia } from "./combine.ts";
import { delayImpairment, effectiveImpairment, fullband, mosFromR, narrowband } from "./e-model.ts";
import { meetingScore } from "./meeting.ts";
import { opusImpairment, opusNodeImpairment, publishedOpusNodes } from "./opus.ts";
import { goodShare, joinFactor, poolWindows, scoreFromMos } from "./session-score.ts";
import { fraction, milliseconds, percent, seconds } from "./units.ts";
import {
  compressionMos,
  frameRateFactor,
  freezeFactor,
  resolutionFactor,
  videoLossFactor,
  videoWindow,
  type VideoWindowInput,
} from "./video-window.ts";

/** A clean Opus window whose loss and delay are given: concealment makes the loss, the jitter buffer the delay. */
function opusWindow(
  kbps: number,
  lossPercent: number,
  delayMs: number,
  meanBurst: number | null = null,
): AudioWindowInput {
  const samples = 480_000;
  const concealed = (samples * lossPercent) / 100;
  return {
    totalSamples: samples,
    concealedSamples: concealed,
    silentConcealedSamples: 0,
    concealmentEvents: meanBurst === null ? 0 : concealed / (960 * meanBurst),
    packetsLost: 0,
    packetsReceived: 500,
    packetsDiscarded: 0,
    blackoutShare: fraction(0),
    // 26.5 codec + 10 capture + 30 playout stand in every case.
    jitterBufferDelay: milliseconds(Math.max(0, delayMs - 66.5)),
    playoutDelay: milliseconds(30),
    rtt: null,
    senderRtt: null,
    path: "direct",
    speechKbps: kbps,
    mimeType: "audio/opus",
    fmtp: "minptime=10;useinbandfec=1",
    clockRate: 48_000,
  };
}

const videoDefaults: VideoWindowInput = {
  duration: seconds(10),
  frozen: seconds(0),
  blackout: seconds(0),
  freezeCount: 0,
  frames: 300,
  payloadBytes: 0,
  width: 1280,
  height: 720,
  neededPixels: null,
  mimeType: "video/VP8",
  loss: percent(0),
  repairable: true,
  screenShare: false,
};

/** Bitrate and frame rate hold over the unfrozen seconds, as the vectors define them. */
function camera(
  kbps: number,
  height: number,
  fps: number,
  more: Partial<VideoWindowInput> = {},
): VideoWindowInput {
  const unfrozen = 10 - (more.frozen ?? 0);
  return {
    ...videoDefaults,
    width: (height * 16) / 9,
    height,
    frames: fps * unfrozen,
    payloadBytes: (kbps * 1000 * unfrozen) / 8,
    ...more,
  };
}

describe("E-model", () => {
  test.each([
    [100, 4.5],
    [93.2, 4.4093],
    [90, 4.339],
    [80, 4.024],
    [70, 3.597],
    [60, 3.1],
    [50, 2.575],
    [40, 2.064],
    [30, 1.609],
    [20, 1.252],
    [10, 1.035],
    [5, 1],
  ])("R %d is MOS %d", (r, mos) => {
    expect(mosFromR(r)).toBeCloseTo(mos, 3);
  });

  test("the published table of G.107 (B.1) holds", () => {
    for (const [r, mos] of [
      [90, 4.34],
      [80, 4.02],
      [70, 3.6],
      [60, 3.1],
      [50, 2.58],
    ] as const) {
      expect(Math.abs(mosFromR(r) - mos)).toBeLessThanOrEqual(0.01);
    }
  });

  test("wideband rows of AMR-WB fit the same curve on the 129 scale", () => {
    const rows = [
      [8, 4.42],
      [1, 4.49],
      [3, 4.48],
      [5, 4.46],
      [7, 4.43],
      [10, 4.39],
      [13, 4.34],
      [26, 4.02],
      [41, 3.51],
      [17, 4.25],
      [20, 4.18],
      [56, 2.92],
    ] as const;
    for (const [ie, mos] of rows)
      expect(Math.abs(mosFromR((129 - ie) / 1.29) - mos)).toBeLessThanOrEqual(0.0051);
    expect(mosFromR((129 - 13) / 1.29)).toBeCloseTo(4.337096, 5);
  });

  test.each([
    [120, 0.001],
    [150, 0.164],
    [175, 1.035],
    [200, 3.044],
    [250, 8.917],
    [300, 14.761],
    [350, 19.811],
    [400, 24.07],
    [500, 30.636],
    [600, 35.247],
    [800, 40.832],
    [1000, 43.79],
  ])("a delay of %d ms impairs by %d", (delay, idd) => {
    expect(Math.abs(delayImpairment(milliseconds(delay)) - idd)).toBeLessThanOrEqual(0.00051);
  });

  test("up to 100 ms delay costs nothing", () => {
    expect(delayImpairment(milliseconds(100))).toBe(0);
    expect(delayImpairment(milliseconds(0))).toBe(0);
  });

  test.each([
    [0.55, 120, 200, 2.253],
    [0.55, 120, 300, 10.094],
    [0.55, 120, 400, 16.895],
    [0.55, 120, 500, 21.875],
    [0.4, 150, 200, 0.95],
    [0.4, 150, 300, 6.179],
    [0.4, 150, 400, 11.197],
    [0.4, 150, 500, 15.067],
  ])("less sensitive classes: sT %d, mT %d, %d ms", (sT, mT, delay, idd) => {
    const value = delayImpairment(milliseconds(delay), { sT, mT: milliseconds(mT) });
    expect(Math.abs(value - idd)).toBeLessThanOrEqual(0.00051);
  });

  test("G.711 with concealment", () => {
    const rows = [
      [1, 3.64, 4.328],
      [2, 7.011, 4.235],
      [5, 15.781, 3.923],
      [10, 27.066, 3.411],
      [20, 42.129, 2.631],
    ] as const;
    for (const [loss, impairment, mos] of rows) {
      const value = effectiveImpairment(narrowband, 0, 25.1, percent(loss));
      expect(value).toBeCloseTo(impairment, 3);
      expect(mosFromR(93.2 - value)).toBeCloseTo(mos, 3);
    }
    expect(effectiveImpairment(narrowband, 0, 25.1, percent(5), 2)).toBeCloseTo(17.21, 2);
  });

  test("G.711 without concealment and G.729A", () => {
    const rows = [
      [1, 17.925],
      [2, 30.159],
      [5, 51.075],
      [10, 66.434],
      [20, 78.189],
    ] as const;
    for (const [loss, impairment] of rows) {
      expect(effectiveImpairment(narrowband, 0, 4.3, percent(loss))).toBeCloseTo(impairment, 3);
    }
    for (const [loss, r] of [
      [0, 82.2],
      [1, 78],
      [2, 74.2],
      [5, 64.7],
    ] as const) {
      const value = 93.2 - effectiveImpairment(narrowband, 11, 19, percent(loss));
      expect(Math.abs(value - r)).toBeLessThanOrEqual(0.05);
    }
  });

  test("fullband with the constants of rtpengine", () => {
    const rows = [
      [0, 100, 137.8, 4.4075],
      [1, 100, 114.819, 3.9294],
      [5, 100, 72.316, 2.5154],
      [2, 300, 77.288, 2.6919],
    ] as const;
    for (const [loss, delay, r, mos] of rows) {
      const rating =
        148 -
        1.48 * delayImpairment(milliseconds(delay)) -
        effectiveImpairment(fullband, 10.2, 4.3, percent(loss));
      expect(rating).toBeCloseTo(r, 3);
      expect(mosFromR(rating / 1.48)).toBeCloseTo(mos, 4);
    }
  });

  test("EVS without loss", () => {
    const rows = [
      [10.2, 4.408],
      [8.7, 4.426],
      [7.2, 4.444],
      [10.8, 4.399],
      [17.1, 4.299],
      [22.7, 4.187],
    ] as const;
    for (const [ie, mos] of rows) expect(mosFromR((148 - ie) / 1.48)).toBeCloseTo(mos, 3);
  });
});

describe("Opus", () => {
  test.each([
    [14, [3.791, 3.628, 3.474, 3.076, 2.593], 2.671],
    [16, [4.01, 3.79, 3.581, 3.057, 2.476], 2.932],
    [25, [4.24, 4.031, 3.821, 3.261, 2.62], 3.085],
    [34, [4.34, 4.129, 3.904, 3.296, 2.609], 3.14],
    [40, [4.401, 4.204, 3.981, 3.359, 2.647], 3.17],
  ] as const)("the published row at %d kbit/s", (kbps, byLoss, bursty5) => {
    const at = publishedOpusNodes.find((row) => row.kbps === kbps);
    if (at === undefined) throw new Error("no such row");
    const mosAt = (loss: number, burstR: number): number =>
      mosFromR((148 - opusNodeImpairment(at, percent(loss), burstR)) / 1.48);
    for (const [index, loss] of [0, 1, 2, 5, 10].entries()) {
      expect(mosAt(loss, 1)).toBeCloseTo(byLoss[index] ?? NaN, 3);
    }
    expect(mosAt(5, 2)).toBeCloseTo(bursty5, 3);
  });

  const table = [
    [8.5, 3.072, 2.927, 2.796, 2.478, 2.119, 1.729, 2.82, 2.613, 2.175, 1.783],
    [12, 3.545, 3.383, 3.234, 2.859, 2.417, 1.923, 3.262, 3.02, 2.488, 1.993],
    [14, 3.791, 3.628, 3.474, 3.076, 2.593, 2.04, 3.503, 3.248, 2.671, 2.118],
    [16, 4.01, 3.79, 3.581, 3.121, 2.601, 2.04, 3.752, 3.512, 2.932, 2.331],
    [20, 4.189, 3.96, 3.734, 3.153, 2.601, 2.04, 3.913, 3.645, 2.993, 2.337],
    [24, 4.239, 4.026, 3.81, 3.241, 2.613, 2.04, 3.976, 3.715, 3.064, 2.394],
    [32, 4.316, 4.104, 3.881, 3.282, 2.62, 2.04, 4.063, 3.8, 3.13, 2.433],
    [40, 4.401, 4.204, 3.981, 3.379, 2.684, 2.04, 4.157, 3.884, 3.171, 2.447],
    [48, 4.408, 4.213, 3.991, 3.379, 2.684, 2.04, 4.166, 3.894, 3.18, 2.447],
    [64, 4.408, 4.213, 3.991, 3.379, 2.684, 2.04, 4.166, 3.894, 3.18, 2.447],
  ] as const;
  test.each(table)("the shipped function at %d kbit/s", (kbps, ...mos) => {
    for (const [index, loss] of [0, 1, 2, 5, 10, 20].entries()) {
      const result = audioWindow(opusWindow(kbps, loss, 100));
      expect(Math.abs((result.mos ?? NaN) - (mos[index] ?? NaN))).toBeLessThanOrEqual(0.00051);
    }
    for (const [index, loss] of [1, 2, 5, 10].entries()) {
      const result = audioWindow(opusWindow(kbps, loss, 100, 2.5));
      expect(Math.abs((result.mos ?? NaN) - (mos[6 + index] ?? NaN))).toBeLessThanOrEqual(0.00051);
    }
  });

  test.each([
    [0, [4.3162, 4.312, 4.2307, 4.0307, 3.7931, 3.3559, 3.0199]],
    [2, [3.8809, 3.8741, 3.75, 3.4767, 3.1844, 2.6975, 2.3543]],
  ] as const)("32 kbit/s with %d %% loss over delay", (loss, mos) => {
    for (const [index, delay] of [100, 150, 200, 250, 300, 400, 500].entries()) {
      expect(audioWindow(opusWindow(32, loss, delay)).mos).toBeCloseTo(mos[index] ?? NaN, 4);
    }
  });

  test.each([
    [20, 30, 106.5, 4.316],
    [100, 45, 161.5, 4.305],
    [200, 80, 246.5, 4.047],
    [400, 120, 386.5, 3.409],
  ])("peer to peer: round trip %d ms, jitter buffer %d ms", (rtt, jitterBuffer, delay, mos) => {
    const result = audioWindow({
      ...opusWindow(32, 0, 0),
      rtt: milliseconds(rtt),
      jitterBufferDelay: milliseconds(jitterBuffer),
    });
    expect(result.delayMs).toBeCloseTo(delay, 9);
    expect(result.mos).toBeCloseTo(mos, 3);
    expect(result.flags).toEqual([]);
  });

  test("the explained example: 32 kbit/s, 1.5 % loss, 151.5 ms", () => {
    const result = audioWindow({
      ...opusWindow(32, 1.5, 0),
      rtt: milliseconds(80),
      jitterBufferDelay: milliseconds(45),
    });
    expect(result.rating).toBeCloseTo(116.891, 3);
    expect(result.mos).toBeCloseTo(3.9849, 4);
    expect(opusImpairment(32, percent(0))).toBeCloseTo(16.139, 3);
    const lost = 4.5 - (result.mos ?? NaN);
    const lostR = 148 - (result.rating ?? NaN);
    const shareOf = (term: string): number =>
      ((result.terms.find((one) => one.term === term)?.lostMos ?? NaN) / lost) * lostR;
    expect(shareOf("codec")).toBeCloseTo(16.139, 3);
    expect(shareOf("loss")).toBeCloseTo(14.691, 3);
    expect(shareOf("delay")).toBeCloseTo(0.279, 3);
  });
});

describe("loss input", () => {
  test.each([
    [
      "a burst",
      {
        totalSamples: 48_000,
        concealedSamples: 13_514,
        silentConcealedSamples: 5_275,
        packetsLost: 15,
        packetsReceived: 35,
      },
      28.15,
    ],
    [
      "random loss",
      {
        totalSamples: 48_000,
        concealedSamples: 7_225,
        silentConcealedSamples: 0,
        packetsLost: 9,
        packetsReceived: 41,
      },
      15.05,
    ],
    [
      "comfort noise",
      {
        totalSamples: 48_000,
        concealedSamples: 20_000,
        silentConcealedSamples: 20_000,
        packetsLost: 0,
        packetsReceived: 50,
      },
      0,
    ],
  ])("%s as measured in a browser", (_name, counters, loss) => {
    const result = audioWindow({ ...opusWindow(32, 0, 100), ...counters });
    expect(result.lossPercent).toBeCloseTo(loss, 2);
  });

  test("without concealment counters, loss and discards stand in, softened by FEC", () => {
    const result = audioWindow({
      ...opusWindow(32, 0, 100),
      totalSamples: null,
      concealedSamples: null,
      packetsLost: 10,
      packetsReceived: 90,
      packetsDiscarded: 9,
    });
    expect(result.lossPercent).toBeCloseTo(100 * (1 - 0.9 * 0.9) * 0.67, 9);
    expect(result.flags).toContain("fallback_loss");
  });
});

describe("video", () => {
  test.each([
    ["2500 kbit/s 720p30", camera(2500, 720, 30), 4.754],
    ["1700 kbit/s 720p30", camera(1700, 720, 30), 4.7],
    ["1700 kbit/s 720p30 VP9", camera(1700, 720, 30, { mimeType: "video/VP9" }), 4.727],
    ["500 kbit/s 720p30", camera(500, 720, 30), 4.379],
    ["4000 kbit/s 1080p30 H264", camera(4000, 1080, 30, { mimeType: "video/H264" }), 4.707],
    ["620 kbit/s 360p30", camera(620, 360, 30), 4.753],
    ["620 kbit/s 360p30 at 720p", camera(620, 360, 30, { neededPixels: 1280 * 720 }), 3.965],
    ["620 kbit/s 360p15", camera(620, 360, 15), 4.276],
    ["150 kbit/s 180p15", camera(150, 180, 15), 4.274],
    ["150 kbit/s 180p15 at 720p", camera(150, 180, 15, { neededPixels: 1280 * 720 }), 2.386],
    ["a freeze of 0.36 s", camera(1700, 720, 30, { freezeCount: 1, frozen: seconds(0.36) }), 4.119],
    ["a freeze of 1 s", camera(1700, 720, 30, { freezeCount: 1, frozen: seconds(1) }), 3.862],
    ["frozen throughout", camera(1700, 720, 30, { freezeCount: 1, frozen: seconds(10) }), 1],
  ])("%s", (_name, input, mos) => {
    expect(Math.abs((videoWindow(input).mos ?? NaN) - mos)).toBeLessThanOrEqual(0.00051);
  });

  test("frame rate at constant bits per pixel and frame", () => {
    for (const [fps, mos] of [
      [30, 4.379],
      [25, 4.301],
      [20, 4.159],
      [15, 3.9],
      [10, 3.428],
      [5, 2.567],
    ] as const) {
      const result = videoWindow(camera((500 * fps) / 30, 720, fps));
      expect(Math.abs((result.mos ?? NaN) - mos)).toBeLessThanOrEqual(0.00051);
    }
  });

  test("factors", () => {
    const compression = [
      [0.002, 2.938],
      [0.005, 3.666],
      [0.01, 4.105],
      [0.02, 4.417],
      [0.04, 4.617],
      [0.06, 4.696],
      [0.1, 4.765],
    ] as const;
    for (const [bits, mos] of compression) expect(compressionMos(bits)).toBeCloseTo(mos, 3);
    for (const [fps, value] of [
      [5, 0.4639],
      [10, 0.7184],
      [15, 0.8581],
      [20, 0.9348],
      [24, 0.9704],
      [30, 1],
    ] as const) {
      expect(frameRateFactor(fps)).toBeCloseTo(value, 4);
    }
    for (const [times, value] of [
      [2, 0.9331],
      [4, 0.79],
      [9, 0.5709],
      [16, 0.4235],
    ] as const) {
      expect(resolutionFactor(1 / times)).toBeCloseTo(value, 4);
    }
    const freezes = [
      [1, 0.36, 0.843],
      [1, 1, 0.7736],
      [2, 1, 0.6827],
      [3, 3, 0.4401],
      [1, 5, 0.371],
      [1, 10, 0],
    ] as const;
    for (const [count, frozen, value] of freezes)
      expect(freezeFactor(count, frozen, 10)).toBeCloseTo(value, 4);
    for (const [loss, value] of [
      [0.5, 0.7059],
      [1, 0.5455],
      [2, 0.375],
      [5, 0.1935],
    ] as const) {
      expect(videoLossFactor(percent(loss))).toBeCloseTo(value, 4);
    }
    // Published Teams example: MOS 3.52 becomes 2.95 with one freeze of about a second.
    expect(Math.abs(freezeFactor(1, 1, 10) - 0.7738)).toBeLessThanOrEqual(0.01);
  });

  test.each([
    [
      "a freeze",
      camera(1700, 720, 30, { freezeCount: 1, frozen: seconds(1) }),
      1.038,
      { compression: 0.177, freeze: 0.861 },
    ],
    [
      "small and slow",
      camera(620, 360, 15, { neededPixels: 1280 * 720 }),
      1.312,
      { compression: 0.069, "frame-rate": 0.489, resolution: 0.754 },
    ],
  ])("explains %s", (_name, input, lost, terms) => {
    const result = videoWindow(input);
    expect(4.9 - (result.mos ?? NaN)).toBeCloseTo(lost, 3);
    const found = Object.fromEntries(result.terms.map(({ term, lostMos }) => [term, lostMos]));
    expect(Object.keys(found).toSorted()).toEqual(Object.keys(terms).toSorted());
    for (const [term, value] of Object.entries(terms)) expect(found[term]).toBeCloseTo(value, 3);
  });
});

describe("combination, pooling and session", () => {
  test.each([
    [4.4, 4.2, 4.319],
    [4.4, 2, 3.084],
    [2, 4.4, 2.632],
    [1, 4.4, 1],
    [4.34, 4.7, 4.4796],
    [4.34, 1.5, 2.5626],
    [3.1, 4.7, 3.634],
  ])("audio %d and video %d", (audio, video, mos) => {
    expect(Math.abs((combineMedia(audio, video) ?? NaN) - mos)).toBeLessThanOrEqual(0.00051);
  });

  const times = (count: number, value: number): number[] => Array.from({ length: count }, () => value);

  test("pooling", () => {
    expect(poolWindows(times(30, 4.4))).toBeCloseTo(4.4, 12);
    expect(poolWindows([...times(27, 4.4), ...times(3, 1.5)])).toBeCloseTo(3.588, 3);
    expect(poolWindows([...times(59, 4.4), 1])).toBeCloseTo(4.2413, 4);
    expect(poolWindows([])).toBeNull();
  });

  test.each([
    [0.5, 1],
    [2, 1],
    [3, 0.9775],
    [5, 0.9492],
    [8, 0.9232],
    [10, 0.9109],
    [15, 0.8884],
    [20, 0.8725],
    [30, 0.85],
    [300, 0.85],
  ])("a join of %d s", (join, factor) => {
    expect(joinFactor(seconds(join))).toBeCloseTo(factor, 4);
  });

  test.each([
    [1, 0],
    [1.5, 14.3],
    [2, 28.6],
    [2.5, 42.9],
    [3, 57.1],
    [3.1, 60],
    [3.5, 71.4],
    [3.6, 74.3],
    [4, 85.7],
    [4.02, 86.3],
    [4.34, 95.4],
    [4.5, 100],
    [4.9, 100],
  ])("MOS %d is %d points", (mos, points) => {
    expect(Math.abs(scoreFromMos(mos) - points)).toBeLessThanOrEqual(0.051);
  });

  test("a whole session", () => {
    const combined = (audio: number, video: number): number => combineMedia(audio, video) ?? NaN;
    const windows = [...times(24, combined(4.34, 4.7)), ...times(4, combined(3.2, 3.1)), ...times(2, 1)];
    expect(windows.reduce((sum, value) => sum + value, 0) / 30).toBeCloseTo(4.0716, 3);
    const pooled = poolWindows(windows) ?? NaN;
    expect(pooled).toBeCloseTo(3.6012, 3);
    expect(scoreFromMos(pooled)).toBeCloseTo(74.32, 1);
    expect(scoreFromMos(pooled) * joinFactor(seconds(5))).toBeCloseTo(70.55, 1);
    expect(goodShare(windows)).toBeCloseTo(0.8, 12);
    expect(scoreFromMos(poolWindows(times(30, combined(4.34, 4.7))) ?? NaN)).toBeCloseTo(99.42, 2);
    expect(scoreFromMos(4.34)).toBeCloseTo(95.43, 2);
  });

  test("a meeting has a mean and a worst", () => {
    const one = (score: number) => ({ score, class: "good" as const, expectedMinutes: 10 });
    const meeting = meetingScore([one(92), one(88), one(90), { ...one(35), class: "poor" }]);
    expect(meeting).toMatchObject({ mean: 76.25, worst: 35, classes: { good: 3, poor: 1 } });
  });
});
