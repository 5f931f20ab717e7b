import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { audioWindow, type AudioWindowInput } from "./audio-window.ts";
import { combineMedia } from "./combine.ts";
import { mosFromR } from "./e-model.ts";
import { meetingScore, type MeetingParticipant } from "./meeting.ts";
import { joinFactor, poolWindows, scoreFromMos } from "./session-score.ts";
import { fraction, milliseconds, percent, seconds } from "./units.ts";
import { videoWindow, type VideoWindowInput } from "./video-window.ts";

const seed = Number(process.env["SCORE_SEED"] ?? Date.now() % 2 ** 31);
console.log(`score properties: SCORE_SEED=${seed}`);

/** SCORE_RUNS makes it a longer search. */
const numRuns = Number(process.env["SCORE_RUNS"] ?? 10_000);
const check = <T extends unknown[]>(property: fc.IProperty<T>): void => {
  fc.assert(property as fc.IProperty<unknown>, { seed, numRuns });
};

/** Rounding of sums in different order. */
const tiny = 1e-9;

const real = (min: number, max: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.double({ min, max, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(min, max) },
  );

const cleanAudio: AudioWindowInput = {
  totalSamples: 480_000,
  concealedSamples: 0,
  silentConcealedSamples: 0,
  concealmentEvents: 0,
  packetsLost: 0,
  packetsReceived: 500,
  packetsDiscarded: 0,
  blackoutShare: fraction(0),
  jitterBufferDelay: milliseconds(40),
  playoutDelay: milliseconds(30),
  rtt: milliseconds(60),
  senderRtt: null,
  path: "direct",
  speechKbps: 32,
  mimeType: "audio/opus",
  fmtp: "useinbandfec=1",
  clockRate: 48_000,
};

interface AudioShape {
  readonly loss: number;
  readonly burst: number;
  readonly delay: number;
  readonly kbps: number;
  readonly blackout: number;
}

/** Counters in which `loss` (fraction) was audibly concealed in bursts of `burst` packets. */
function audioOf({ loss, burst, delay, kbps, blackout }: AudioShape): AudioWindowInput {
  const concealed = 480_000 * loss;
  return {
    ...cleanAudio,
    concealedSamples: concealed,
    concealmentEvents: concealed / (960 * burst),
    jitterBufferDelay: milliseconds(delay),
    speechKbps: kbps,
    blackoutShare: fraction(blackout),
  };
}

const audioShape: fc.Arbitrary<AudioShape> = fc.record({
  // Below one sample in years the counters underflow, and the burst length with them.
  loss: real(0, 1).map((value) => (value < 1e-9 ? 0 : value)),
  burst: real(0.5, 20),
  delay: real(0, 5000),
  kbps: real(1, 128),
  blackout: real(0, 1),
});

const mosOf = (input: AudioWindowInput): number => audioWindow(input).mos ?? NaN;

const cleanVideo: VideoWindowInput = {
  duration: seconds(10),
  frozen: seconds(0),
  blackout: seconds(0),
  freezeCount: 0,
  frames: 300,
  payloadBytes: 2_000_000,
  width: 1280,
  height: 720,
  neededPixels: 1280 * 720,
  mimeType: "video/VP8",
  loss: percent(0),
  repairable: true,
  screenShare: false,
};

interface VideoShape {
  readonly kbps: number;
  readonly fps: number;
  readonly frozen: number;
  readonly freezes: number;
  readonly needed: number;
  readonly loss: number;
}

function videoOf({ kbps, fps, frozen, freezes, needed, loss }: VideoShape): VideoWindowInput {
  const unfrozen = 10 - frozen;
  return {
    ...cleanVideo,
    frozen: seconds(frozen),
    freezeCount: freezes,
    frames: fps * unfrozen,
    payloadBytes: (kbps * 1000 * unfrozen) / 8,
    neededPixels: needed,
    loss: percent(loss),
    repairable: false,
  };
}

const videoShape: fc.Arbitrary<VideoShape> = fc.record({
  kbps: real(1, 20_000),
  fps: real(0.5, 120),
  frozen: real(0, 9.9),
  freezes: fc.nat(20),
  needed: real(1, 4e7),
  loss: real(0, 100),
});

const videoMos = (shape: VideoShape): number => videoWindow(videoOf(shape)).mos ?? NaN;

const ordered = (values: readonly [number, number]): [number, number] =>
  values[0] <= values[1] ? [values[0], values[1]] : [values[1], values[0]];
const pair = (min: number, max: number): fc.Arbitrary<[number, number]> => {
  const value = real(min, max).map((of) => (Math.abs(of) < 1e-9 ? 0 : of));
  return fc.tuple(value, value).map(ordered);
};

const mosSeries = fc.array(real(1, 4.9), { minLength: 1, maxLength: 200 });

describe("P1: results stay in their range", () => {
  test("audio", () => {
    check(
      fc.property(audioShape, (shape) => {
        const { mos, listeningMos, flags } = audioWindow(audioOf(shape));
        expect(mos).toBeGreaterThanOrEqual(1);
        expect(mos).toBeLessThanOrEqual(4.5);
        expect(listeningMos).toBeGreaterThanOrEqual((mos ?? NaN) - tiny);
        expect(new Set(flags).size).toBe(flags.length);
      }),
    );
  });
  test("video", () => {
    check(
      fc.property(videoShape, (shape) => {
        const mos = videoMos(shape);
        expect(mos).toBeGreaterThanOrEqual(1);
        expect(mos).toBeLessThanOrEqual(4.9);
      }),
    );
  });
  test("combination and points", () => {
    check(
      fc.property(real(1, 4.5), real(1, 4.9), (audio, video) => {
        const mos = combineMedia(audio, video) ?? NaN;
        expect(mos).toBeGreaterThanOrEqual(1);
        expect(mos).toBeLessThanOrEqual(5);
        expect(scoreFromMos(mos)).toBeGreaterThanOrEqual(0);
        expect(scoreFromMos(mos)).toBeLessThanOrEqual(100);
      }),
    );
  });
});

const wild = fc.oneof(
  fc.double(),
  fc.constantFrom(NaN, Infinity, -Infinity, -1, -0.5, 0, 1e18, Number.MAX_VALUE, Number.MIN_VALUE),
  fc.constant(null),
  real(0, 500_000),
);

describe("P2: what is no number never becomes one", () => {
  const noNaN = (value: unknown): boolean =>
    typeof value === "number"
      ? Number.isFinite(value)
      : typeof value !== "object" || value === null || Object.values(value).every(noNaN);

  test("audio with arbitrary members", () => {
    const fields = [
      "totalSamples",
      "concealedSamples",
      "silentConcealedSamples",
      "concealmentEvents",
      "packetsLost",
      "packetsReceived",
      "packetsDiscarded",
      "jitterBufferDelay",
      "playoutDelay",
      "rtt",
      "senderRtt",
      "speechKbps",
      "blackoutShare",
      "clockRate",
    ] as const;
    check(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...fields), wild), { maxLength: 6 }), (changes) => {
        const input = { ...cleanAudio, ...Object.fromEntries(changes) } as AudioWindowInput;
        if ((input.blackoutShare as number | null) === null) return;
        const result = audioWindow(input);
        expect(noNaN(result)).toBe(true);
        expect(result.mos === null).toBe(result.reason !== null);
        if (
          Object.values(input).some((value) => typeof value === "number" && !(value >= 0 && value < Infinity))
        ) {
          expect(result.mos).toBeNull();
        }
      }),
    );
  });
  test("video with arbitrary members", () => {
    const fields = [
      "duration",
      "frozen",
      "blackout",
      "freezeCount",
      "frames",
      "payloadBytes",
      "width",
      "height",
      "neededPixels",
      "loss",
    ] as const;
    check(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...fields), wild), { maxLength: 6 }), (changes) => {
        const input = { ...cleanVideo, ...Object.fromEntries(changes) } as VideoWindowInput;
        const required = [input.duration, input.frozen, input.blackout, input.freezeCount] as (
          | number
          | null
        )[];
        if (required.includes(null)) return;
        const result = videoWindow(input);
        expect(noNaN(result)).toBe(true);
        expect(result.mos === null).toBe(result.reason !== null);
        if (
          Object.values(input).some((value) => typeof value === "number" && !(value >= 0 && value < Infinity))
        ) {
          expect(result.mos).toBeNull();
        }
      }),
    );
  });
  test("nothing known is no number, with the reason", () => {
    const nothing = audioWindow({
      ...cleanAudio,
      totalSamples: null,
      concealedSamples: null,
      packetsLost: null,
    });
    expect(nothing).toMatchObject({ mos: null, reason: "no-stats" });
    expect(videoWindow({ ...cleanVideo, frames: null })).toMatchObject({ mos: null, reason: "no-stats" });
    expect(audioWindow({ ...cleanAudio, mimeType: "audio/G729" })).toMatchObject({
      mos: null,
      reason: "codec-unsupported",
    });
  });
});

describe("P3: worse input never scores higher", () => {
  const audioCases = [
    ["loss", 0, 1],
    ["burst", 0.5, 20],
    ["delay", 0, 5000],
    ["blackout", 0, 1],
  ] as const;
  test.each(audioCases)("audio: more %s", (name, min, max) => {
    check(
      fc.property(audioShape, pair(min, max), (shape, [low, high]) => {
        const better = mosOf(audioOf({ ...shape, [name]: low }));
        const worse = mosOf(audioOf({ ...shape, [name]: high }));
        expect(worse).toBeLessThanOrEqual(better + tiny);
      }),
    );
  });
  test("audio: more kbit/s never lowers", () => {
    check(
      fc.property(audioShape, pair(1, 128), (shape, [low, high]) => {
        expect(mosOf(audioOf({ ...shape, kbps: low }))).toBeLessThanOrEqual(
          mosOf(audioOf({ ...shape, kbps: high })) + tiny,
        );
      }),
    );
  });
  const videoCases = [
    ["frozen", 0, 9.9],
    ["freezes", 0, 20],
    ["needed", 1, 4e7],
    ["loss", 0, 100],
  ] as const;
  test.each(videoCases)("video: more %s", (name, min, max) => {
    check(
      fc.property(videoShape, pair(min, max), (shape, [low, high]) => {
        expect(videoMos({ ...shape, [name]: high })).toBeLessThanOrEqual(
          videoMos({ ...shape, [name]: low }) + tiny,
        );
      }),
    );
  });
  test("video: fewer frames at the same bits per frame, and fewer bits", () => {
    check(
      fc.property(videoShape, pair(0.5, 120), (shape, [low, high]) => {
        const perFrame = shape.kbps / shape.fps;
        const slow = videoMos({ ...shape, fps: low, kbps: perFrame * low });
        const fast = videoMos({ ...shape, fps: high, kbps: perFrame * high });
        expect(slow).toBeLessThanOrEqual(fast + tiny);
      }),
    );
    check(
      fc.property(videoShape, pair(1, 20_000), (shape, [low, high]) => {
        expect(videoMos({ ...shape, kbps: low })).toBeLessThanOrEqual(
          videoMos({ ...shape, kbps: high }) + tiny,
        );
      }),
    );
  });
});

describe("P4: pooling", () => {
  test("between the extremes, in any order", () => {
    check(
      fc.property(mosSeries, (series) => {
        const pooled = poolWindows(series) ?? NaN;
        expect(pooled).toBeGreaterThanOrEqual(Math.min(...series));
        expect(pooled).toBeLessThanOrEqual(Math.max(...series));
        expect(poolWindows(series.toReversed())).toBeCloseTo(pooled, 9);
        expect(poolWindows(series.toSorted((a, b) => a - b))).toBeCloseTo(pooled, 9);
      }),
    );
  });
  test("a constant series is itself, and raising a window never lowers", () => {
    check(
      fc.property(mosSeries, fc.nat(), real(0, 3), (series, index, more) => {
        const first = series[0] ?? 1;
        expect(poolWindows(series.map(() => first))).toBeCloseTo(first, 9);
        const at = index % series.length;
        const raised = series.map((value, i) => (i === at ? value + more : value));
        expect(poolWindows(raised) ?? NaN).toBeGreaterThanOrEqual((poolWindows(series) ?? NaN) - tiny);
      }),
    );
  });
});

describe("P5: two equal windows joined are the same", () => {
  test("audio", () => {
    check(
      fc.property(audioShape, (shape) => {
        const one = audioOf(shape);
        const twice = (value: number | null): number | null => (value === null ? null : value * 2);
        const two = {
          ...one,
          totalSamples: twice(one.totalSamples),
          concealedSamples: twice(one.concealedSamples),
          concealmentEvents: twice(one.concealmentEvents),
          packetsReceived: twice(one.packetsReceived),
        };
        expect(mosOf(two)).toBeCloseTo(mosOf(one), 9);
      }),
    );
  });
  test("video", () => {
    check(
      fc.property(videoShape, (shape) => {
        const one = videoOf(shape);
        const two = {
          ...one,
          duration: seconds(one.duration * 2),
          frozen: seconds(one.frozen * 2),
          freezeCount: one.freezeCount * 2,
          frames: (one.frames ?? NaN) * 2,
          payloadBytes: (one.payloadBytes ?? NaN) * 2,
        };
        expect(videoWindow(two).mos).toBeCloseTo(videoWindow(one).mos ?? NaN, 9);
      }),
    );
  });
});

describe("P6: what a browser does not report", () => {
  test("Firefox and Safari without playout delay differ by less than 0.5", () => {
    check(
      fc.property(audioShape, real(10, 60), (shape, playout) => {
        const chromium = {
          ...audioOf({ ...shape, delay: Math.min(shape.delay, 400) }),
          playoutDelay: milliseconds(playout),
        };
        const firefox = { ...chromium, playoutDelay: null };
        expect(Math.abs(mosOf(firefox) - mosOf(chromium))).toBeLessThan(0.5);
        expect(audioWindow(firefox).flags.includes("default_playout")).toBe(shape.blackout < 0.999);
      }),
    );
  });
  test("no windows are no score", () => {
    expect(poolWindows([])).toBeNull();
    expect(combineMedia(null, null)).toBeNull();
  });
});

describe("P9: units", () => {
  test("ten percent loss at 32 kbit/s is 2.620, not the value of 0.1 %", () => {
    expect(mosOf(audioOf({ loss: 0.1, burst: 1, delay: 0, kbps: 32, blackout: 0 }))).toBeCloseTo(2.62, 3);
  });
  test("impossible quantities are refused", () => {
    expect(audioWindow({ ...cleanAudio, rtt: milliseconds(60_001) }).reason).toBe("out-of-range");
    expect(audioWindow({ ...cleanAudio, blackoutShare: fraction(1.2) }).reason).toBe("out-of-range");
    expect(audioWindow({ ...cleanAudio, concealedSamples: 960_000 }).reason).toBe("out-of-range");
    expect(videoWindow({ ...cleanVideo, frames: 2500 }).reason).toBe("out-of-range");
    expect(videoWindow({ ...cleanVideo, loss: percent(101) }).reason).toBe("out-of-range");
  });
});

describe("P10: meetings", () => {
  const participant: fc.Arbitrary<MeetingParticipant> = fc.record({
    score: fc.option(real(0, 100)),
    class: fc.constantFrom("good", "fair", "poor", "dropped"),
    expectedMinutes: real(0, 500),
  });
  test("somebody who never got in never raises the meeting", () => {
    check(
      fc.property(fc.array(participant, { minLength: 1, maxLength: 20 }), real(0, 500), (people, minutes) => {
        const before = meetingScore(people);
        const after = meetingScore([...people, { score: 0, class: "failed", expectedMinutes: minutes }]);
        expect(after.mean ?? 0).toBeLessThanOrEqual((before.mean ?? 100) + tiny);
        expect(after.worst).toBe(0);
      }),
    );
  });
});

describe("P11: the same input gives the same bytes", () => {
  test("windows", () => {
    check(
      fc.property(audioShape, videoShape, (audio, video) => {
        expect(JSON.stringify(audioWindow(audioOf(audio)))).toBe(JSON.stringify(audioWindow(audioOf(audio))));
        expect(JSON.stringify(videoWindow(videoOf(video)))).toBe(JSON.stringify(videoWindow(videoOf(video))));
      }),
    );
  });
});

describe("P12: the dip of the cubic", () => {
  test("up to R 6.52 the MOS is exactly 1", () => {
    check(
      fc.property(real(0, 6.51), (r) => {
        expect(mosFromR(r)).toBe(1);
      }),
    );
    expect(mosFromR(6.53)).toBeGreaterThan(1);
    check(
      fc.property(pair(-50, 150), ([low, high]) => {
        expect(mosFromR(low)).toBeLessThanOrEqual(mosFromR(high));
      }),
    );
  });
});

describe("explanation of a window", () => {
  test("terms add up to what was lost", () => {
    check(
      fc.property(audioShape, videoShape, (audio, video) => {
        for (const [maximum, result] of [
          [4.5, audioWindow(audioOf(audio))],
          [4.9, videoWindow(videoOf(video))],
        ] as const) {
          const lost = result.terms.reduce((sum, term) => sum + term.lostMos, 0);
          expect(lost).toBeCloseTo(maximum - (result.mos ?? NaN), 9);
          for (const term of result.terms) expect(term.lostMos).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

describe("counterexamples: what circulating formulas do and this one must not", () => {
  const at = (change: Partial<AudioShape>): number =>
    mosOf(audioOf({ loss: 0, burst: 1, delay: 40, kbps: 32, blackout: 0, ...change }));

  test("delay is never a bonus and has no cliff", () => {
    for (const loss of [0, 0.1, 0.2]) {
      let before = at({ loss, delay: 0 });
      for (let delay = 1; delay <= 5000; delay += 1) {
        const now = at({ loss, delay });
        expect(now).toBeLessThanOrEqual(before + tiny);
        expect(before - now).toBeLessThan(0.02);
        before = now;
      }
    }
  });
  test("a second of delay is not fine", () => {
    expect(mosOf({ ...cleanAudio, rtt: milliseconds(2000) })).toBeLessThan(2.6);
  });
  test("extreme loss does not turn excellent", () => {
    let before = 5;
    for (let loss = 0; loss <= 1; loss += 0.01) {
      const now = at({ loss });
      expect(now).toBeLessThanOrEqual(before + tiny);
      before = now;
    }
    expect(at({ loss: 0.6 })).toBeLessThan(1.6);
    expect(at({ loss: 0.999 })).toBeLessThan(1.3);
  });
  test("a low bitrate under DTX and single lost packets are no disaster", () => {
    const dtx = audioWindow({ ...cleanAudio, speechKbps: null, packetsReceived: 25 });
    expect(dtx.mos).toBeGreaterThan(4.2);
    expect(dtx.flags).toContain("default_bitrate");
    expect(at({ loss: 2 / 500 })).toBeGreaterThan(4.2);
  });
  test("N8: a round trip of 0 is unknown, not excellent", () => {
    const zero = audioWindow({ ...cleanAudio, rtt: milliseconds(0) });
    expect(zero.flags).toContain("delay_partial");
    expect(zero.mos).toBe(audioWindow({ ...cleanAudio, rtt: null }).mos);
  });
  test("freezes and loss reach the video score", () => {
    expect(videoWindow({ ...cleanVideo, frozen: seconds(3), freezeCount: 3 }).mos).toBeLessThan(3);
    expect(videoWindow({ ...cleanVideo, loss: percent(5), repairable: false }).mos).toBeLessThan(2);
  });
  test("a slow join costs something, and at most 15 %", () => {
    check(
      fc.property(pair(0, 1000), ([fast, slow]) => {
        expect(joinFactor(seconds(slow))).toBeLessThanOrEqual(joinFactor(seconds(fast)));
        expect(joinFactor(seconds(slow))).toBeGreaterThanOrEqual(0.85 - tiny);
      }),
    );
  });
});
