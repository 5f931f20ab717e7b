import type { SessionAnalysis } from "@peerscope/schema";
import { expect, test } from "vitest";
import { analyseCall } from "../../call-observer.ts";
import { noticed, room, second } from "../../testing/call-people.ts";

const found = (sessions: SessionAnalysis[]): string[] =>
  analyseCall(sessions)
    .observations.filter(({ id }) => id === "receiver-affected-alone")
    .map(
      ({ scope, startedAt, clearedAt }) =>
        `${scope.sessionId} ${startedAt - second(0)}..${(clearedAt ?? 0) - second(0)}`,
    );

const column = [
  [null, 0, 0, 9],
  [0, null, 0, 8],
  [0, 0, null, 7],
  [0, 0, 0, null],
];

test("one receiver, three senders, two windows: its way in is stated", () => {
  expect(found(room(column))).toEqual(["p3 20000..40000"]);
  expect(analyseCall(room(column)).verdict).toMatchObject({
    statedCause: "receiver-affected-alone",
    faultDomain: "receiver-downlink",
    confidence: 0.8,
  });
});

test.each<[string, SessionAnalysis[]]>([
  ["in one window only", room(column, { bad: [3] })],
  [
    "when two of three streams are bad",
    room([
      [null, 0, 0, 9],
      [0, null, 0, 8],
      [0, 0, null, 0],
      [0, 0, 0, null],
    ]),
  ],
  [
    "when the others are affected too",
    room([
      [null, 9, 0, 9],
      [9, null, 9, 8],
      [0, 9, null, 7],
      [0, 0, 0, null],
    ]),
  ],
  ["when the ways of the senders were bad", room(column, { uplinks: [9, 8, 7, 0] })],
  [
    "when all of it comes from one sender",
    room([
      [null, 0, 9],
      [null, null, null],
      [null, null, null],
    ]),
  ],
  [
    "with two senders and nothing else to say so",
    room([
      [null, 0, 9],
      [0, null, 9],
      [0, 0, null],
    ]),
  ],
  ["when nobody else was recorded", room(column).slice(3)],
])("not raised %s", (_name, sessions) => {
  expect(found(sessions)).toEqual([]);
});

test("two senders are enough with an own observation of the way in, which is then its parent", () => {
  const sessions = room([
    [null, 0, 9],
    [0, null, 9],
    [0, 0, null],
  ]);
  const own = noticed("downlink-loss", 20, 40, {
    scope: { sessionId: "p2", participantId: null, direction: "inbound", kind: "audio", ssrc: 102 },
  });
  const withOwn = sessions.map((session) =>
    session.sessionId === "p2" ? { ...session, observations: [own] } : session,
  );
  expect(found(withOwn)).toEqual(["p2 20000..40000"]);
  const call = analyseCall(withOwn);
  expect(call.observations[0]?.parentId).toBe(own.key);
  expect(call.verdict.statedCause).toBe("downlink-loss");
});
