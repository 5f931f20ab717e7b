import type { DrySpan, SessionAnalysis } from "@peerscope/schema";
import { expect, test } from "vitest";
import { analyseCall } from "../../call-observer.ts";
import { noticed, person, received, second, sent, times } from "../../testing/call-people.ts";

const found = (sessions: SessionAnalysis[]): string[] =>
  analyseCall(sessions)
    .observations.filter(({ id }) => id === "remote-media-not-sent")
    .map(
      ({ severity, scope, startedAt, clearedAt }) =>
        `${severity} ${scope.sessionId} ${startedAt - second(0)}..${(clearedAt ?? 0) - second(0)}`,
    );

const dry = (from: number, to: number, intended = false): DrySpan[] => [
  { from: second(from), to: second(to), ...(intended ? { intended: true } : {}) },
];
const clean = times(6, 0);

const call = (ofSender: DrySpan[], ofReceivers: DrySpan[][]): SessionAnalysis[] => [
  person("p0", [sent(1, clean, { dry: ofSender })]),
  ...ofReceivers.map((spans, index) => person(`p${index + 1}`, [received(1, clean, { dry: spans })])),
];

test("nothing sent and nothing received by anybody: the sender's side, device or app", () => {
  const sessions = call(dry(20, 40), [dry(20, 40), dry(21, 41)]);
  expect(found(sessions)).toEqual(["major p0 21000..40000"]);
  expect(analyseCall(sessions).verdict).toMatchObject({
    statedCause: "remote-media-not-sent",
    faultDomain: "unknown",
  });
});

test.each<[string, SessionAnalysis[]]>([
  ["when the sender is muted", call(dry(20, 40, true), [dry(20, 40), dry(20, 40)])],
  ["when any receiver gets data", call(dry(20, 40), [dry(20, 40), []])],
  ["for less than 5 s in common", call(dry(20, 26), [dry(22, 30)])],
  ["without a receiver that is known to get it", call(dry(20, 40), [])],
  ["of a track that has not sent yet", call([], [dry(20, 40)])],
])("not raised %s", (_name, sessions) => {
  expect(found(sessions)).toEqual([]);
});

test("five seconds are enough, and what the sender's session found is the parent", () => {
  const [sender, ...others] = call(dry(20, 25), [dry(20, 25)]);
  if (sender === undefined) throw new Error("no call");
  const cause = noticed("capture-track-ended", 20, 30, {
    scope: { sessionId: "p0", participantId: null, kind: "audio", direction: "outbound" },
  });
  const call_ = analyseCall([{ ...sender, observations: [cause] }, ...others]);
  expect(call_.observations[0]).toMatchObject({ id: "remote-media-not-sent", parentId: cause.key });
  expect(call_.verdict.statedCause).toBe("capture-track-ended");
});
