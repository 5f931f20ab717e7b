import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createScoreCollector } from "./collector.ts";
import type { ScoreCollector } from "./inputs.ts";
import { audioInterval, sessionStart, videoInterval } from "./testing/intervals.ts";

const seed = Number(process.env["SCORE_SEED"] ?? Date.now() % 2 ** 31);
console.log(`score outlines: SCORE_SEED=${seed}`);

/** Five seconds, and then maybe something that is learnt late. */
const step = fc.record({
  quiet: fc.integer({ min: 0, max: 3 }).map((value) => value === 0),
  lost: fc.integer({ min: 0, max: 120 }),
  video: fc.boolean(),
  muted: fc.integer({ min: 0, max: 9 }).map((value) => value === 0),
  confirmed: fc.option(fc.record({ secondsAgo: fc.nat(120), seconds: fc.nat(60), sending: fc.boolean() })),
  joined: fc.boolean(),
  asked: fc.constantFrom("outline", "result", "nothing"),
});

const outcome = fc.record({ neverConnected: fc.constant(false), dropped: fc.boolean() });

test("an outline has the number of the result, whatever is learnt late and whatever was asked before", () => {
  let changed = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), outcome, (steps, how) => {
      const [asked, whole]: ScoreCollector[] = [0, 1].map(() => createScoreCollector({ sessionStart }));
      if (asked === undefined || whole === undefined) return;
      const before: (number | null)[] = [];
      for (const [index, { quiet, lost, video, muted, confirmed, joined, asked: what }] of steps.entries()) {
        const from = index * 5;
        const end = sessionStart + (from + 5) * 1_000;
        const silence = quiet ? { packetsReceived: 0, bytesReceived: 0, totalSamplesReceived: 0 } : {};
        for (const collector of [asked, whole]) {
          if (index === 0) collector.connectionAttempted(sessionStart - 3_000);
          if (joined) collector.joined(end);
          collector.push(
            audioInterval(from, from + 5, {
              packetsLost: quiet ? 0 : lost,
              ...silence,
              ...(muted && { expectation: { state: "not-expected", reason: "muted" } }),
            }),
          );
          if (video) collector.push(videoInterval(from, from + 5, { packetsLost: lost, rampUp: index < 2 }));
          if (confirmed === null) continue;
          const to = end - confirmed.secondsAgo * 1_000;
          const { sending, seconds } = confirmed;
          collector.senderConfirmed({ pcId: "pc1", trackId: "a1", from: to - seconds * 1_000, to, sending });
        }
        const result = whole.result(end, how);
        const scored = result.windows.filter(({ scope }) => scope === "session").map(({ mos }) => mos);
        if (scored.slice(0, -6).some((mos, at) => before[at] !== mos)) changed += 1;
        before.splice(0, before.length, ...scored);
        if (what === "nothing") continue;
        if (what === "result") asked.result(end, how);
        const { value, coverage, windows, class: word } = asked.outline(end, how);
        expect([value, coverage, word]).toEqual([result.value, result.coverage, result.class]);
        const ofSession = result.windows.filter(({ scope }) => scope === "session");
        expect(windows).toEqual(ofSession.slice(ofSession.length - windows.length));
      }
    }),
    { seed, numRuns: 300 },
  );
  // Windows of long ago did change, so that what was told of them had to be told anew.
  expect(changed).toBeGreaterThan(20);
});
