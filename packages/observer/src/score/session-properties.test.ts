import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { createScoreCollector } from "./collector.ts";
import type { ScoreInterval } from "./inputs.ts";
import { meetingScore, type MeetingParticipant } from "./meeting.ts";
import { audioInterval, sessionStart } from "./testing/intervals.ts";
import { audioWindow, type AudioWindowInput } from "./audio-window.ts";
import { fraction, milliseconds } from "./units.ts";

/*
 * Properties of whole sessions (scoring reference, section 9) on random ones: each run is a session of its own, of one sample each five
 * seconds so that ten thousand of them take seconds.
 */

const seed = Number(process.env["SCORE_SEED"] ?? Date.now() % 2 ** 31);
console.log(`score sessions: SCORE_SEED=${seed}`);
const numRuns = Number(process.env["SCORE_RUNS"] ?? 10_000);

// Ten thousand sessions each.
vi.setConfig({ testTimeout: 120_000 });

const stepSeconds = 5;
const stepsPerWindow = 2;

/** Loss of a window as a share, and its jitter buffer, ms. */
interface Quality {
  readonly loss: number;
  readonly bufferMs: number;
}

const quality: fc.Arbitrary<Quality> = fc.record({
  loss: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.4, noNaN: true })),
  bufferMs: fc.double({ min: 0, max: 400, noNaN: true }),
});

const qualities = fc.array(quality, { minLength: 1, maxLength: 3 });

/** Intervals of a window that begins at `from` s. */
function windowOf(
  { loss, bufferMs }: Quality,
  from: number,
  change: Partial<ScoreInterval> = {},
): ScoreInterval[] {
  return Array.from({ length: stepsPerWindow }, (_, index) => {
    const start = from + index * stepSeconds;
    return audioInterval(start, start + stepSeconds, {
      packetsLost: 250 * loss,
      packetsReceived: 250 * (1 - loss),
      concealedSamples: 240_000 * loss,
      concealmentEvents: loss > 0 ? 1 : 0,
      jitterBufferDelayMs: bufferMs,
      ...change,
    });
  });
}

const sessionOf = (windows: readonly Quality[], change: Partial<ScoreInterval> = {}): ScoreInterval[] =>
  windows.flatMap((window, index) => windowOf(window, index * 10, change));

function scoreOf(intervals: readonly ScoreInterval[], endSeconds: number): number | null {
  const collector = createScoreCollector({ sessionStart });
  for (const interval of intervals) collector.push(interval);
  return collector.result(sessionStart + endSeconds * 1000, {}).value;
}

function expectSame(a: number | null, b: number | null): void {
  if (a === null || b === null) expect(a).toBe(b);
  else expect(a).toBeCloseTo(b, 9);
}

describe("P7: what is meant to be quiet does not change the score", () => {
  test("windows of mute, hold, a camera that is off or a hidden tab, wherever they are", () => {
    fc.assert(
      fc.property(
        qualities,
        fc.nat(3),
        fc.integer({ min: 1, max: 2 }),
        fc.constantFrom("muted" as const, "held" as const, "camera-off" as const, "tab-hidden" as const),
        (windows, place, length, reason) => {
          const before = Math.min(place, windows.length);
          const quiet = Array.from({ length: length * stepsPerWindow }, (_, index) => {
            const from = before * 10 + index * stepSeconds;
            return audioInterval(from, from + stepSeconds, {
              expectation: { state: "not-expected", reason },
              packetsReceived: 0,
              bytesReceived: 0,
            });
          });
          const later = windows
            .slice(before)
            .flatMap((window, index) => windowOf(window, (before + length + index) * 10));
          const paused = [...sessionOf(windows.slice(0, before)), ...quiet, ...later];
          expectSame(
            scoreOf(paused, (windows.length + length) * 10),
            scoreOf(sessionOf(windows), windows.length * 10),
          );
        },
      ),
      { seed, numRuns },
    );
  });
});

describe("P8: broken counters make no spike", () => {
  const broken: fc.Arbitrary<Partial<ScoreInterval>> = fc.constantFrom(
    // What a new baseline gives: nothing that was counted.
    {
      totalSamplesReceived: null,
      concealedSamples: null,
      silentConcealedSamples: null,
      concealmentEvents: null,
      packetsReceived: null,
      packetsLost: null,
      packetsDiscarded: null,
      bytesReceived: null,
    },
    { concealedSamples: NaN },
    { concealedSamples: -1 },
    { totalSamplesReceived: -240_000 },
    { packetsReceived: -5 },
    { packetsLost: NaN },
    { bytesReceived: Infinity },
    { concealmentEvents: -Infinity },
  );
  test("in any sample of a session of one quality, and a clock that jumps", () => {
    fc.assert(
      fc.property(
        quality,
        fc.integer({ min: 2, max: 4 }),
        fc.array(fc.tuple(fc.nat(7), broken), { maxLength: 4 }),
        fc.option(fc.double({ min: -1e12, max: 1e12, noNaN: true })),
        (same, count, faults, jump) => {
          const windows = Array.from({ length: count }, () => same);
          const intervals: ScoreInterval[] = sessionOf(windows);
          for (const [place, fault] of faults) {
            const index = place % intervals.length;
            const interval = intervals[index];
            if (interval !== undefined) intervals[index] = { ...interval, ...fault };
          }
          if (jump !== null && Math.abs(jump) > 600_000) {
            const last = intervals.at(-1);
            if (last !== undefined) intervals.push({ ...last, from: last.to, to: last.to + jump });
          }
          const value = scoreOf(intervals, count * 10);
          const plain = scoreOf(sessionOf(windows), count * 10);
          // Each window either has the quality of the call, or no number.
          if (value !== null && plain !== null) expect(value).toBeCloseTo(plain, 6);
        },
      ),
      { seed, numRuns },
    );
  });
});

describe("P9: a quantity out of its range is no number", () => {
  test("shares above 1, round trips above a minute", () => {
    const clean: Omit<AudioWindowInput, "blackoutShare" | "rtt"> = {
      totalSamples: 480_000,
      concealedSamples: 0,
      silentConcealedSamples: 0,
      concealmentEvents: 0,
      packetsLost: 0,
      packetsReceived: 500,
      packetsDiscarded: 0,
      jitterBufferDelay: milliseconds(40),
      playoutDelay: milliseconds(30),
      speechKbps: null,
      fmtp: null,
      path: "direct",
      mimeType: "audio/opus",
      senderRtt: null,
      clockRate: null,
    };
    const reasonOf = (share: number, rttMs: number): string | null =>
      audioWindow({
        ...clean,
        blackoutShare: fraction(share),
        rtt: milliseconds(rttMs),
      }).reason;
    fc.assert(
      fc.property(
        fc.double({ min: 1.0001, max: 1e6, noNaN: true }),
        fc.double({ min: 60_001, max: 1e9, noNaN: true }),
        (share, rttMs) => {
          expect(reasonOf(share, 40)).toBe("out-of-range");
          expect(reasonOf(0, rttMs)).toBe("out-of-range");
        },
      ),
      { seed, numRuns },
    );
  });
});

describe("P10: more of the same", () => {
  test("N2: streams of the same quality score as one, however many they are", () => {
    fc.assert(
      fc.property(qualities, fc.integer({ min: 2, max: 3 }), (windows, streams) => {
        const one = sessionOf(windows);
        const many = one.flatMap((interval) =>
          Array.from({ length: streams }, (_, index) => ({ ...interval, trackId: `a${index}` })),
        );
        expectSame(scoreOf(many, windows.length * 10), scoreOf(one, windows.length * 10));
      }),
      { seed, numRuns },
    );
  });
  test("a meeting of people with the same score has that score, however many they are", () => {
    const person = fc.record({
      score: fc.double({ min: 0, max: 100, noNaN: true }),
      class: fc.constant<MeetingParticipant["class"]>("good"),
      expectedMinutes: fc.double({ min: 0.1, max: 500, noNaN: true }),
    });
    fc.assert(
      fc.property(person, fc.integer({ min: 1, max: 50 }), (one, people) => {
        const { mean, worst } = meetingScore(Array.from({ length: people }, () => one));
        expect(mean).toBeCloseTo(one.score, 9);
        expect(worst).toBeCloseTo(one.score, 9);
      }),
      { seed, numRuns },
    );
  });
});

describe("P11: the same samples give the same bytes", () => {
  test("streams side by side, in whatever order those of one moment come", () => {
    fc.assert(
      fc.property(qualities, qualities, fc.boolean(), (first, second, swapped) => {
        const count = Math.min(first.length, second.length);
        const a = sessionOf(first.slice(0, count));
        const b = sessionOf(second.slice(0, count), { trackId: "a2" });
        const result = (order: boolean): string => {
          const collector = createScoreCollector({ sessionStart });
          for (const [index, one] of a.entries()) {
            const other = b[index];
            if (other === undefined) continue;
            for (const interval of order ? [other, one] : [one, other]) collector.push(interval);
          }
          return JSON.stringify(collector.result(sessionStart + count * 10_000, {}));
        };
        expect(result(swapped)).toBe(result(swapped));
        const valueOf = (text: string): number => Number(/"value":([\d.]+)/.exec(text)?.[1]);
        expect(valueOf(result(true))).toBeCloseTo(valueOf(result(false)), 9);
      }),
      { seed, numRuns },
    );
  });
});
