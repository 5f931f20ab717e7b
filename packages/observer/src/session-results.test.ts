import { captureNames, readCapture } from "@peerscope/scenarios";
import type { SessionAnalysis, SessionRecord } from "@peerscope/schema";
import { expect, test } from "vitest";
import { createSessionObserver } from "./session-observer.ts";
import type { SessionOutline } from "./session-results.ts";
import { buildCall } from "./testing/call-builder.ts";

/** What an analysis says of what is in an outline. */
function outlineIn(analysis: SessionAnalysis, windows: number): SessionOutline {
  const { callId, userId, start, end, ended, context, counts, verdict, score } = analysis;
  const ofSession = score.windows.filter(({ scope }) => scope === "session");
  return {
    callId,
    userId,
    start,
    end,
    ended,
    context,
    counts,
    verdict,
    score: {
      value: score.value,
      class: score.class,
      coverage: score.coverage,
      windows: ofSession.slice(ofSession.length - windows),
    },
    observations: analysis.observations.map((observation) => ({ ...observation, verdict: null })),
  };
}

/** One is asked for outlines only, one for both, one rests besides; after every so many records. */
function compare(records: readonly SessionRecord[], every: number): number {
  const options = { sessionId: "session" };
  const whole = createSessionObserver(options);
  const both = createSessionObserver(options);
  const alone = createSessionObserver(options);
  let resting = createSessionObserver(options);
  let longest = 0;
  for (const [index, record] of records.entries()) {
    for (const observer of [whole, both, alone, resting]) observer.push(record);
    if (index % every !== 0 && index !== records.length - 1) continue;
    const analysis = whole.analysis();
    if (index % (2 * every) === 0) both.analysis();
    resting = createSessionObserver(options, resting.rest());
    for (const observer of [both, alone, resting]) {
      const outline = observer.outline();
      expect(outline).toEqual(outlineIn(analysis, outline.score.windows.length));
      const latest = analysis.score.windows.filter(
        ({ scope, to }) => scope === "session" && to >= analysis.end - 30_000,
      );
      expect(outline.score.windows.length).toBeGreaterThanOrEqual(latest.length);
      longest = Math.max(longest, outline.score.windows.length);
    }
    if (index % (3 * every) === 0) resting = createSessionObserver(options, resting.rest());
  }
  const finished = alone.finish();
  expect(alone.outline()).toBe(finished);
  return longest;
}

test.each(captureNames)("%s: an outline says what the analysis says", (name) => {
  for (const { records } of readCapture(name).sessions) compare(records, 15);
});

test("an outline of a long session has its last windows only, and what was before is in its score", () => {
  const loss = { inAudio: { packetsLost: 20, packetsReceived: 30 }, inVideo: { packetsLost: 40 } };
  const { records } = buildCall().run(200).run(60, loss).run(240).run(30, loss).run(70);
  expect(compare(records, 20)).toBeLessThanOrEqual(5);
});
