import type { CallAnalysis, MicrophoneSpan, SessionAnalysis } from "@peerscope/schema";
import { expect, test } from "vitest";
import { adviceOf, callSideOf, microphoneWords } from "./call-side.ts";
import { exampleAnalysis, exampleVerdict } from "./testing/example-analysis.ts";

const { start, end } = exampleAnalysis();
const off = (
  from: number,
  to: number,
  reason: MicrophoneSpan["reason"] = "switched-off",
): MicrophoneSpan => ({
  from: start + from * 1000,
  to: start + to * 1000,
  reason,
});
const since = (at: number): string => `${(at - start) / 1000} s`;
const nobody = new Map<string, string | null>();

/** The call as seen from outside, with this much known of each session. */
function callOf(sessions: readonly Partial<CallAnalysis["sessions"][number]>[]): CallAnalysis {
  return {
    sessions: sessions.map((one) => ({
      sessionId: "s",
      alone: exampleVerdict,
      verdict: exampleVerdict,
      people: null,
      explained: [],
      ...one,
    })),
  } as unknown as CallAnalysis;
}
const muted = (spans: readonly MicrophoneSpan[]): SessionAnalysis =>
  exampleAnalysis({
    callShare: { ...exampleAnalysis().callShare, microphoneOff: spans } as unknown as NonNullable<
      SessionAnalysis["callShare"]
    >,
  });

test("a good call in which a microphone was off never says that there is nothing to do", () => {
  const nothing = "Nothing to do.";
  const quiet = exampleAnalysis();
  expect(adviceOf(quiet, nothing, callSideOf(quiet, null, nobody))).toBe(nothing);

  const own = muted([off(10, 25)]);
  const ownAdvice = adviceOf(own, nothing, callSideOf(own, null, nobody));
  expect(ownAdvice).toMatch(/this person’s microphone was switched off/);
  expect(ownAdvice).not.toMatch(/nothing to do/i);

  const call = callOf([{ sessionId: "other", microphoneOff: [off(10, 25, "silent")] }]);
  const others = callSideOf(quiet, call, new Map([["other", "anna"]]));
  expect(others.microphones).toMatchObject([{ name: "anna", isChosen: false }]);
  expect(adviceOf(quiet, nothing, others)).toMatch(/the other person’s microphone gave no sound.*muted/);
});

test("somebody's own trouble keeps its own advice, whoever was muted", () => {
  const hurt = muted([off(10, 25)]);
  const cause = { ...exampleVerdict, statedCause: "uplink-loss" };
  const side = callSideOf(hurt, null, nobody);
  expect(adviceOf({ ...hurt, verdict: cause }, "Use a cable.", side)).toBe("Use a cable.");
});

test("this person stands first, then who was silent longest; times outside of the session do not count", () => {
  const own = muted([off(50, 52)]);
  const call = callOf([
    { sessionId: own.sessionId, microphoneOff: [off(50, 52)] },
    { sessionId: "short", microphoneOff: [off(1, 3)] },
    { sessionId: "long", microphoneOff: [off(1, 30)] },
    { sessionId: "before", microphoneOff: [off(-90, -10)] },
  ]);
  const { microphones } = callSideOf(own, call, nobody);
  expect(microphones.map(({ sessionId }) => sessionId)).toEqual([own.sessionId, "long", "short"]);
});

test("two times are named, more are counted, and one that lasts to the end says so", () => {
  const words = (spans: readonly MicrophoneSpan[]): string =>
    microphoneWords({ sessionId: "s", name: null, isChosen: true, spans }, end, since).what;
  expect(words([off(10, 25)])).toBe(
    "was switched off from 10 s to 25 s (0:15): nobody could hear them then.",
  );
  expect(words([off(10, 20), off(30, 40), off(50, 60)])).toMatch(
    /from 10 s to 20 s and from 30 s to 40 s and 1 more time \(0:30 in all\)/,
  );
  expect(words([{ ...off(10, 20), to: end }])).toMatch(/from 10 s to the end/);
});

test("what the call says of the session is told only where it says more", () => {
  const own = exampleAnalysis();
  const verdict = {
    ...exampleVerdict,
    statedCause: "downlink-loss",
    faultDomain: "receiver-downlink" as const,
  };
  const told = (one: object): unknown =>
    callSideOf(own, callOf([{ sessionId: own.sessionId, ...one }]), nobody).told;
  expect(told({})).toBeNull();
  expect(told({ verdict })).toMatchObject({ advice: expect.stringMatching(/cable|Wi-Fi/) });
});
