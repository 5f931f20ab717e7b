import type { SessionScore } from "@peerscope/schema";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createScoreCollector } from "./collector.ts";
import type { ScoreInterval, SessionOutcome } from "./inputs.ts";
import { speechActiveMs } from "./speech.ts";
import { audioInterval, audioOutage, sessionStart, videoInterval } from "./testing/intervals.ts";

const seed = Number(process.env["SCORE_SEED"] ?? Date.now() % 2 ** 31);
console.log(`score collector: SCORE_SEED=${seed}`);

const at = (seconds: number): number => sessionStart + seconds * 1000;

/** One-second intervals from `from` to `to`. */
function each(from: number, to: number, make: (from: number, to: number) => ScoreInterval): ScoreInterval[] {
  return Array.from({ length: Math.round(to - from) }, (_, index) => make(from + index, from + index + 1));
}

function scoreOf(
  intervals: readonly ScoreInterval[],
  end: number,
  outcome: SessionOutcome = {},
): SessionScore {
  const collector = createScoreCollector({ sessionStart });
  for (const interval of intervals) collector.push(interval);
  return collector.result(at(end), outcome);
}

const trackWindows = (score: SessionScore, kind: "audio" | "video") =>
  score.windows.filter((window) => window.scope === "track" && window.kind === kind);

const pointsSum = (score: SessionScore): number =>
  score.reasons.reduce((sum, reason) => sum + reason.points, 0);

describe("a clean session", () => {
  test("audio alone reaches what its codec allows, and says so", () => {
    const score = scoreOf(each(0, 60, audioInterval), 60);
    // 32 kbit/s, no loss, 126.5 ms: MOS 4.316.
    expect(score.value).toBeCloseTo(((4.316 - 1) / 3.5) * 100, 1);
    expect(score).toMatchObject({ class: "good", coverage: 1, goodMinutes: 1, reason: null });
    expect(score.reasons.map((reason) => reason.term)).toEqual(["codec"]);
    expect(score.reasons[0]).toMatchObject({ subject: "audio in", from: at(0), to: at(60) });
    expect(pointsSum(score)).toBeCloseTo(100 - (score.value ?? NaN), 9);
    expect(trackWindows(score, "audio")).toHaveLength(6);
  });

  test("audio and video together, without ramp-up in the pool", () => {
    const video = each(0, 60, (from, to) =>
      videoInterval(from, to, { rampUp: from < 15, bytesReceived: from < 15 ? 5000 : 212_500 }),
    );
    const score = scoreOf([...each(0, 60, audioInterval), ...video], 60);
    expect(score.value).toBeGreaterThan(95);
    const [first, second, third] = trackWindows(score, "video");
    expect(first?.flags).toContain("ramp_up");
    expect(second?.flags).toContain("ramp_up");
    expect(third?.flags).not.toContain("ramp_up");
    expect(first?.mos).toBeLessThan(4);
  });

  test("sampling every second, two seconds, or at odd times scores the same", () => {
    const bySecond = scoreOf(each(0, 60, audioInterval), 60);
    const odd = [0, 0.7, 3.3, 9.1, 14.6, 21, 33.4, 41.9, 58.2, 60];
    const oddly = odd.slice(1).map((to, index) => audioInterval(odd[index] ?? 0, to));
    expect(scoreOf(oddly, 60).value).toBeCloseTo(bySecond.value ?? NaN, 9);
  });

  test("asking does not change the answer", () => {
    const intervals = [
      ...each(0, 23, audioInterval),
      ...each(23, 31, (f, t) => audioOutage(f, t, { senderSending: true })),
    ];
    const collector = createScoreCollector({ sessionStart });
    for (const interval of intervals) {
      collector.push(interval);
      collector.result(interval.to);
    }
    expect(JSON.stringify(collector.result(at(31)))).toBe(JSON.stringify(scoreOf(intervals, 31)));
  });
});

describe("windows at the end", () => {
  test("a last window of less than five seconds joins the one before", () => {
    const score = scoreOf(each(0, 23, audioInterval), 23);
    const windows = trackWindows(score, "audio");
    expect(windows.map(({ from, to }) => [from - sessionStart, to - sessionStart])).toEqual([
      [0, 10_000],
      [10_000, 23_000],
    ]);
  });
  test("one of five or more stands alone, marked as short", () => {
    const windows = trackWindows(scoreOf(each(0, 26, audioInterval), 26), "audio");
    expect(windows).toHaveLength(3);
    expect(windows[2]?.flags).toContain("short_window");
    expect(windows[1]?.flags).not.toContain("short_window");
  });
  test("a session of less than five seconds is not measured", () => {
    expect(scoreOf(each(0, 4, audioInterval), 4)).toMatchObject({
      value: null,
      reason: "too-short",
      class: "not-measured",
      coverage: 0,
    });
  });
});

describe("gaps", () => {
  const gap = (senderSending: boolean | null) => [
    ...each(0, 30, audioInterval),
    ...each(30, 40, (from, to) => audioOutage(from, to, { senderSending })),
    ...each(40, 60, audioInterval),
  ];

  test("nothing arriving from a sender that sends is the worst there is, and is named", () => {
    const score = scoreOf(gap(true), 60);
    expect(trackWindows(score, "audio")[3]).toMatchObject({ mos: 1, score: 0 });
    const [first] = score.reasons;
    expect(first).toMatchObject({ term: "blackout", subject: "audio in", from: at(30), to: at(40) });
    expect(score.value).toBeLessThan(65);
  });

  test("nothing arriving from a sender nobody knows about is not scored", () => {
    const score = scoreOf(gap(null), 60);
    expect(trackWindows(score, "audio")[3]).toMatchObject({ mos: null, reason: "sender-unknown" });
    expect(score.coverage).toBeCloseTo(5 / 6, 9);
    expect(score.value).toBeCloseTo(scoreOf(each(0, 60, audioInterval), 60).value ?? NaN, 9);
  });

  test("nothing arriving from a sender that stands still is no window at all", () => {
    expect(scoreOf(gap(false), 60)).toMatchObject({ coverage: 1 });
    expect(trackWindows(scoreOf(gap(false), 60), "audio")).toHaveLength(5);
  });

  test("what is learnt later about the sender gives the same result, even much later", () => {
    const collector = createScoreCollector({ sessionStart });
    for (const interval of [...gap(null), ...each(60, 300, audioInterval)]) collector.push(interval);
    const knownAll = scoreOf([...gap(true), ...each(60, 300, audioInterval)], 300);
    collector.senderConfirmed({ pcId: "pc1", trackId: "a1", from: at(30), to: at(40), sending: true });
    expect(collector.result(at(300))).toEqual(knownAll);
  });

  test("what was said of a window before is taken back when its gap is decided", () => {
    const asked = createScoreCollector({ sessionStart });
    for (const interval of [...gap(null), ...each(60, 300, audioInterval)]) {
      asked.push(interval);
      asked.result(interval.to);
    }
    asked.senderConfirmed({ pcId: "pc1", trackId: "a1", from: at(30), to: at(40), sending: true });
    expect(asked.result(at(300))).toEqual(scoreOf([...gap(true), ...each(60, 300, audioInterval)], 300));
  });

  test("of a gap of an hour the last five minutes wait to be decided; what is older stays unknown", () => {
    const collector = createScoreCollector({ sessionStart });
    const silence = each(30, 3630, (from, to) => audioOutage(from, to, { senderSending: null }));
    for (const interval of [...each(0, 30, audioInterval), ...silence, ...each(3630, 3660, audioInterval)])
      collector.push(interval);
    collector.senderConfirmed({ pcId: "pc1", trackId: "a1", from: at(30), to: at(3630), sending: true });
    const windows = trackWindows(collector.result(at(3660)), "audio");
    const unknown = windows.filter(({ reason }) => reason === "sender-unknown");
    const dead = windows.filter(({ terms }) => terms.some(({ term }) => term === "blackout"));
    expect(windows.length).toBe(366);
    expect(unknown.length + dead.length).toBe(360);
    // Thirty windows are kept, three of them after the gap.
    expect(dead.length).toBe(27);
  });

  test("an interrupted connection needs no further proof", () => {
    const intervals = [
      ...each(0, 30, audioInterval),
      ...each(30, 40, (from, to) => audioOutage(from, to, { interrupted: true, packetsReceived: null })),
      ...each(40, 60, audioInterval),
    ];
    expect(scoreOf(intervals, 60).value).toBeCloseTo(scoreOf(gap(true), 60).value ?? NaN, 9);
  });

  test("a gap that turns out to be a broken connection counts from its start", () => {
    const intervals = [
      ...each(0, 30, audioInterval),
      ...each(30, 35, (from, to) => audioOutage(from, to)),
      ...each(35, 40, (from, to) => audioOutage(from, to, { interrupted: true })),
      ...each(40, 60, audioInterval),
    ];
    expect(scoreOf(intervals, 60).value).toBeCloseTo(scoreOf(gap(true), 60).value ?? NaN, 9);
  });

  test("an eight-second outage across a window border counts in both windows", () => {
    const intervals = [
      ...each(0, 36, audioInterval),
      ...each(36, 44, (from, to) => audioOutage(from, to, { senderSending: true })),
      ...each(44, 60, audioInterval),
    ];
    const windows = trackWindows(scoreOf(intervals, 60), "audio");
    expect(windows[3]?.mos).toBeLessThan(2);
    expect(windows[4]?.mos).toBeLessThan(2);
    expect(windows[4]?.terms.find((term) => term.term === "blackout")?.lostMos).toBeGreaterThan(1);
  });

  test("a pause of less than a second between packets is no gap", () => {
    const intervals = [
      ...each(0, 30, audioInterval),
      audioOutage(30, 30.5, { senderSending: true }),
      audioInterval(30.5, 31),
      ...each(31, 60, audioInterval),
    ];
    expect(scoreOf(intervals, 60).reasons.some((reason) => reason.term === "blackout")).toBe(false);
  });
});

describe("video freezes", () => {
  const freezeFrom = (booked: boolean) => [
    ...each(0, 32, videoInterval),
    ...each(32, 35, (from, to) => videoInterval(from, to, { framesDecoded: 0 })),
    videoInterval(
      35,
      36,
      booked ? { freezeCount: 1, freezesDurationMs: 3000 } : { freezeCount: null, freezesDurationMs: null },
    ),
    ...each(36, 60, videoInterval),
  ];

  test("a freeze that is running is seen before the browser books it", () => {
    const running = freezeFrom(false).slice(0, 35);
    const windows = trackWindows(scoreOf(running, 36), "video");
    expect(windows.at(-1)?.terms.find((term) => term.term === "freeze")?.lostMos).toBeGreaterThan(1);
  });

  test("booking it later does not count it twice", () => {
    const once = trackWindows(scoreOf(freezeFrom(false), 60), "video")[3];
    const booked = trackWindows(scoreOf(freezeFrom(true), 60), "video")[3];
    // The span is moved by at most the interval in which the next frame came.
    expect(Math.abs((booked?.mos ?? NaN) - (once?.mos ?? NaN))).toBeLessThan(0.5);
    expect(booked?.mos).toBeGreaterThan(1.5);
  });

  test("long freezes are pauses to the browser, and count", () => {
    const intervals = [
      ...each(0, 30, videoInterval),
      ...each(30, 39, (from, to) => videoInterval(from, to, { framesDecoded: 0, packetsReceived: 5 })),
      videoInterval(39, 40, { pauseCount: 1, pausesDurationMs: 9400 }),
      ...each(40, 60, videoInterval),
    ];
    expect(trackWindows(scoreOf(intervals, 60), "video")[3]?.mos).toBeLessThan(1.5);
  });

  test("waiting for the first picture is join time, not a freeze", () => {
    const waiting = each(0, 10, (from, to) =>
      videoInterval(from, to, { framesDecoded: 0, rampUp: true, packetsReceived: 3 }),
    );
    const score = scoreOf([...waiting, ...each(10, 60, videoInterval)], 60);
    expect(score.reasons.some((reason) => reason.term === "freeze")).toBe(false);
  });

  test("a booking that reaches back into hidden time is cut there", () => {
    const hidden = { state: "not-expected", reason: "tab-hidden" } as const;
    const intervals = [
      ...each(0, 20, videoInterval),
      ...each(20, 50, (from, to) => videoInterval(from, to, { framesDecoded: 0, expectation: hidden })),
      videoInterval(50, 51, { pauseCount: 1, pausesDurationMs: 30_000 }),
      ...each(51, 80, videoInterval),
    ];
    const windows = trackWindows(scoreOf(intervals, 80), "video");
    expect(windows).toHaveLength(5);
    expect(windows[2]?.terms.find((term) => term.term === "freeze")?.lostMos ?? 0).toBeLessThan(1.1);
  });

  test("a shared screen that stands still keeps its score", () => {
    const still = (from: number, to: number): ScoreInterval =>
      videoInterval(from, to, {
        screenShare: true,
        framesDecoded: 0,
        bytesReceived: 300,
        packetsReceived: 1,
      });
    const score = scoreOf(each(0, 600, still), 600);
    expect(score.value).toBe(100);
    expect(score.reasons).toEqual([]);
  });
});

describe("P7: what is meant to be quiet costs nothing", () => {
  const clean = scoreOf([...each(0, 120, audioInterval), ...each(0, 120, videoInterval)], 120).value ?? NaN;
  test.each(["muted", "held", "camera-off", "tab-hidden"] as const)("%s", (reason) => {
    const quiet = { state: "not-expected", reason } as const;
    const make = (interval: ScoreInterval, from: number): ScoreInterval =>
      from >= 30 && from < 90
        ? { ...interval, expectation: quiet, packetsReceived: 0, bytesReceived: 0, framesDecoded: 0 }
        : interval;
    const intervals = [
      ...each(0, 120, (from, to) => make(audioInterval(from, to), from)),
      ...each(0, 120, (from, to) => make(videoInterval(from, to), from)),
    ];
    expect(scoreOf(intervals, 120)).toMatchObject({ coverage: 1 });
    expect(scoreOf(intervals, 120).value).toBeCloseTo(clean, 9);
  });
  test("speech pauses under DTX", () => {
    const dtx = (from: number, to: number): ScoreInterval =>
      audioInterval(from, to, {
        packetsReceived: 3,
        bytesReceived: 30,
        concealedSamples: 40_000,
        silentConcealedSamples: 40_000,
      });
    const plain = scoreOf(each(0, 120, audioInterval), 120).value ?? NaN;
    const withPauses = [...each(0, 30, audioInterval), ...each(30, 90, dtx), ...each(90, 120, audioInterval)];
    expect(scoreOf(withPauses, 120).value).toBeCloseTo(plain, 9);
  });
});

describe("a muted microphone keeps sending silence", () => {
  const plain = scoreOf(each(0, 120, audioInterval), 120).value ?? NaN;
  // Measured in Chromium 156: 50 packets/s go on, 1.2 kbit/s instead of 25, and the energy stands still.
  test.each([
    ["known from its level", 0, 1000],
    ["not known", null, null],
  ])("%s", (_name, silent, speaking) => {
    const intervals = each(0, 120, (from, to) =>
      from >= 33 && from < 87
        ? audioInterval(from, to, { bytesReceived: 150, speechActiveMs: silent })
        : audioInterval(from, to, { speechActiveMs: speaking }),
    );
    const score = scoreOf(intervals, 120);
    expect(score.value).toBeCloseTo(plain, 9);
    expect(score.coverage).toBe(1);
  });
  test("the second of falling silent, alone in its window, is not scored as a poor codec", () => {
    const intervals = each(0, 60, (from, to) =>
      from >= 30 && from < 45
        ? audioInterval(from, to, {
            bytesReceived: from === 30 ? 850 : 150,
            speechActiveMs: from === 30 ? 1000 : 0,
          })
        : audioInterval(from, to, { speechActiveMs: 1000 }),
    );
    expect(scoreOf(intervals, 60).value).toBeCloseTo(scoreOf(each(0, 60, audioInterval), 60).value ?? NaN, 9);
  });
  test("a codec that really went down to 12 kbit/s is scored as that", () => {
    const low = each(0, 60, (from, to) =>
      audioInterval(from, to, { bytesReceived: from < 30 ? 4000 : 1500, speechActiveMs: 1000 }),
    );
    expect(trackWindows(scoreOf(low, 60), "audio").at(-1)?.mos).toBeCloseTo(3.545, 2);
  });
  test("level to speech", () => {
    expect(speechActiveMs(0, 1, 1000)).toBe(0);
    expect(speechActiveMs(0.0001, 1, 1000)).toBe(1000);
    expect(speechActiveMs(null, 1, 1000)).toBeNull();
    expect(speechActiveMs(0.1, 0, 1000)).toBeNull();
    expect(speechActiveMs(NaN, 1, 1000)).toBeNull();
  });
});

describe("P8: broken counters make no spike", () => {
  const unusable: Partial<ScoreInterval> = {
    packetsReceived: null,
    packetsLost: null,
    bytesReceived: null,
    totalSamplesReceived: null,
    concealedSamples: null,
    silentConcealedSamples: null,
    concealmentEvents: null,
  };
  const plain = scoreOf(each(0, 60, audioInterval), 60).value ?? NaN;
  test.each([
    ["a reset", unusable],
    ["NaN", { concealedSamples: NaN }],
    ["a negative difference", { totalSamplesReceived: -48_000 }],
    ["Infinity", { bytesReceived: Infinity }],
  ])("%s for three seconds", (_name, broken) => {
    const intervals = each(0, 60, (from, to) =>
      audioInterval(from, to, from >= 22 && from < 25 ? broken : {}),
    );
    const score = scoreOf(intervals, 60);
    expect(score.value).toBeCloseTo(plain, 9);
    expect(score.coverage).toBe(1);
  });
  test("a suspended machine leaves a hole, not a gap", () => {
    const intervals = [...each(0, 30, audioInterval), ...each(630, 660, audioInterval)];
    const score = scoreOf(intervals, 660);
    expect(score.value).toBeCloseTo(plain, 9);
    expect(score.coverage).toBe(1);
  });
  test("a clock that jumps back, or far ahead, is not followed", () => {
    const intervals = [
      ...each(0, 60, audioInterval),
      ...each(10, 30, (from, to) => audioOutage(from, to, { senderSending: true })),
      { ...audioInterval(60, 61), to: at(1e9) },
      { ...audioInterval(60, 61), to: NaN },
    ];
    expect(scoreOf(intervals, 60).value).toBeCloseTo(plain, 9);
  });
  test("a window that is broken throughout has no number", () => {
    const intervals = each(0, 60, (from, to) =>
      audioInterval(from, to, from >= 20 && from < 30 ? { concealedSamples: NaN } : {}),
    );
    expect(trackWindows(scoreOf(intervals, 60), "audio")[2]).toMatchObject({
      mos: null,
      reason: "invalid-input",
    });
  });
});

describe("the session as a whole", () => {
  const clean = [...each(0, 60, audioInterval)];
  test("a slow join costs its own line", () => {
    const collector = createScoreCollector({ sessionStart });
    for (const interval of clean) collector.push(interval);
    collector.connectionAttempted(at(0));
    collector.joined(at(5));
    const score = collector.result(at(60));
    expect(score.value).toBeCloseTo((scoreOf(clean, 60).value ?? NaN) * 0.9492, 2);
    const join = score.reasons.find((reason) => reason.term === "join");
    expect(join).toMatchObject({ from: at(0), to: at(5), subject: "session" });
    expect(pointsSum(score)).toBeCloseTo(100 - (score.value ?? NaN), 9);
  });
  test("a dropped call is capped at 60 and keeps its word", () => {
    const score = scoreOf(clean, 60, { dropped: true });
    expect(score).toMatchObject({ value: 60, class: "dropped" });
    expect(score.reasons.at(-1)).toMatchObject({ term: "drop" });
    expect(pointsSum(score)).toBeCloseTo(40, 9);
  });
  test("a call that never connected is 0 with one line, not unmeasured", () => {
    const score = scoreOf([], 30, { neverConnected: true });
    expect(score).toMatchObject({ value: 0, class: "failed" });
    expect(score.reasons).toEqual([
      { points: 100, term: "never-connected", from: sessionStart, to: at(30), subject: "session" },
    ]);
  });
  test("N6: nothing measured is no number, not 0", () => {
    expect(scoreOf([], 30)).toMatchObject({
      value: null,
      class: "not-measured",
      reason: "no-stats",
      coverage: 0,
      goodMinutes: null,
      reasons: [],
    });
  });
  test("a codec without published impairment has no number, and says why", () => {
    const score = scoreOf(
      each(0, 60, (f, t) => audioInterval(f, t, { mimeType: "audio/G729" })),
      60,
    );
    expect(score).toMatchObject({ value: null, reason: "codec-unsupported", coverage: 0 });
  });
  test("more streams of the same quality score the same", () => {
    const bad = (trackId: string) =>
      each(0, 60, (from, to) =>
        audioInterval(from, to, {
          trackId,
          concealedSamples: 48,
          concealmentEvents: 0.05,
          packetsLost: 0.05,
        }),
      );
    const one = scoreOf(bad("a1"), 60).value ?? NaN;
    const many = scoreOf(Array.from({ length: 20 }, (_, index) => bad(`a${index}`)).flat(), 60);
    expect(many.value).toBeCloseTo(one, 9);
  });
  test("late trouble is not averaged away", () => {
    const late = each(50, 60, (from, to) =>
      audioInterval(from, to, {
        concealedSamples: 14_400,
        concealmentEvents: 15,
        packetsLost: 15,
        packetsReceived: 35,
      }),
    );
    const score = scoreOf([...each(0, 50, audioInterval), ...late], 60);
    expect(score.value).toBeLessThan(75);
    expect(score.reasons[0]).toMatchObject({ term: "loss", from: at(50), to: at(60) });
  });
  test("what lasts is one line, and what stands out has its own time", () => {
    const intervals = each(0, 120, (from, to) =>
      audioInterval(from, to, {
        bytesReceived: 1750,
        ...(from >= 60 && from < 80 ? { concealedSamples: 4800, concealmentEvents: 5 } : {}),
      }),
    );
    const lines = scoreOf(intervals, 120).reasons.map(({ term, from, to }) => [
      term,
      (from - sessionStart) / 1000,
      (to - sessionStart) / 1000,
    ]);
    expect(lines).toEqual([
      ["codec", 0, 120],
      ["loss", 60, 80],
    ]);
  });
  test("eight hours with four tracks stay fast to ask", () => {
    const collector = createScoreCollector({ sessionStart });
    for (let second = 0; second < 8 * 3600; second += 2) {
      for (const trackId of ["a1", "a2"]) collector.push(audioInterval(second, second + 2, { trackId }));
      for (const trackId of ["v1", "v2"]) collector.push(videoInterval(second, second + 2, { trackId }));
    }
    const started = performance.now();
    const score = collector.result(at(8 * 3600));
    expect(performance.now() - started).toBeLessThan(5000);
    expect(score.windows).toHaveLength(2880 * 5);
  });
});

describe("every lost point is named", () => {
  /** Seconds of a track in one of several states. */
  const stateOf = (kind: "audio" | "video", state: number, from: number, to: number): ScoreInterval => {
    const audio: Partial<ScoreInterval>[] = [
      {},
      { concealedSamples: 4800, concealmentEvents: 4, packetsLost: 5, packetsReceived: 45 },
      { rttMs: 900 },
      { packetsReceived: 0, concealedSamples: 48_000, silentConcealedSamples: 48_000, senderSending: true },
      { packetsReceived: 0, concealedSamples: 48_000, silentConcealedSamples: 48_000 },
      { expectation: { state: "not-expected", reason: "muted" } },
      { bytesReceived: 1500 },
    ];
    const video: Partial<ScoreInterval>[] = [
      {},
      { framesDecoded: 0 },
      { framesDecoded: 8, freezeCount: 1, freezesDurationMs: 400 },
      { packetsReceived: 0, framesDecoded: 0, senderSending: true },
      { frameWidth: 320, frameHeight: 180, neededPixels: 1280 * 720 },
      { expectation: { state: "not-expected", reason: "tab-hidden" } },
      { rampUp: true },
    ];
    return kind === "audio"
      ? audioInterval(from, to, audio[state] ?? {})
      : videoInterval(from, to, video[state] ?? {});
  };
  const states = fc.array(fc.tuple(fc.nat(6), fc.integer({ min: 1, max: 25 })), { maxLength: 12 });

  function intervalsOf(
    kind: "audio" | "video",
    runs: readonly (readonly [number, number])[],
  ): ScoreInterval[] {
    let second = 0;
    return runs.flatMap(([state, length]) => {
      const from = second;
      second += length;
      return each(from, second, (f, t) => stateOf(kind, state, f, t));
    });
  }

  test("points add up to 100 minus the score, whatever happened", () => {
    fc.assert(
      fc.property(
        states,
        states,
        fc.option(fc.double({ min: 0, max: 60, noNaN: true })),
        fc.boolean(),
        fc.nat(400),
        (audio, video, join, dropped, end) => {
          const collector = createScoreCollector({ sessionStart });
          for (const interval of [...intervalsOf("audio", audio), ...intervalsOf("video", video)]) {
            collector.push(interval);
          }
          if (join !== null) {
            collector.connectionAttempted(at(0));
            collector.joined(at(join));
          }
          const score = collector.result(at(end), { dropped });
          expect(collector.result(at(end), { dropped })).toEqual(score);
          expect(score.coverage).toBeGreaterThanOrEqual(0);
          expect(score.coverage).toBeLessThanOrEqual(1);
          if (score.value === null) {
            expect(score.reason).not.toBeNull();
            expect(score.reasons).toEqual([]);
            return;
          }
          expect(score.value).toBeGreaterThanOrEqual(0);
          expect(score.value).toBeLessThanOrEqual(100);
          expect(pointsSum(score)).toBeCloseTo(100 - score.value, 6);
          for (const reason of score.reasons) {
            expect(reason.points).toBeGreaterThan(0);
            expect(reason.to).toBeGreaterThanOrEqual(reason.from);
          }
          for (const window of score.windows) {
            expect(window.mos === null).toBe(window.reason !== null);
            const lost = window.terms.reduce((sum, term) => sum + term.lostMos, 0);
            if (window.mos === null) expect(lost).toBe(0);
            if (window.scope === "track" && window.mos !== null) {
              expect(lost).toBeCloseTo((window.kind === "audio" ? 4.5 : 4.9) - window.mos, 6);
            }
          }
        },
      ),
      { seed, numRuns: 300 },
    );
  });
});
