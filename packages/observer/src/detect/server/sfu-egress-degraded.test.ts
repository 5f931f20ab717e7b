import type { SessionAnalysis } from "@peerscope/schema";
import { expect, test } from "vitest";
import { analyseCall } from "../../call-observer.ts";
import { noticed, person, received, room, second, sent } from "../../testing/call-people.ts";

const found = (sessions: SessionAnalysis[]): string[] =>
  analyseCall(sessions)
    .observations.filter(({ id }) => id === "sfu-egress-degraded")
    .map(
      ({ severity, scope, startedAt, clearedAt }) =>
        `${severity} "${scope.sessionId}" ${startedAt - second(0)}..${(clearedAt ?? 0) - second(0)}`,
    );

/** People who send and receive one another, of whom the first `bad` lose what they receive. */
const rows = (people: number, bad: number, percent = 9): (number | null)[][] =>
  Array.from({ length: people }, (_, sender) =>
    Array.from({ length: people }, (_unused, receiver) =>
      sender === receiver ? null : receiver < bad ? percent : 0,
    ),
  );

test("three of four people at once: critical, about nobody, and the server is stated", () => {
  expect(found(room(rows(4, 3)))).toEqual(['critical "" 20000..40000']);
  expect(analyseCall(room(rows(4, 3)))).toMatchObject({
    people: null,
    verdict: { statedCause: "sfu-egress-degraded", faultDomain: "sfu", confidence: 0.75 },
  });
});

test("half of them, at the limit, is major; six of ten is critical", () => {
  expect(found(room(rows(6, 3)))).toEqual(['major "" 20000..40000']);
  expect(found(room(rows(5, 3)))).toEqual(['critical "" 20000..40000']);
});

test.each<[string, SessionAnalysis[]]>([
  ["in one window only", room(rows(4, 3), { bad: [2] })],
  ["with two people affected", room(rows(4, 2))],
  ["with fewer than half", room(rows(8, 3))],
  ["without a server", room(rows(4, 3), { topology: "unknown" })],
  ["when a sender's way to the server was bad", room(rows(4, 3), { uplinks: [5, 0, 0, 0] })],
  [
    "when nothing is known of the ways to the server",
    room(rows(4, 3), { uplinks: [null, null, null, null] }),
  ],
  [
    "when it is about one sender's media",
    room([
      [null, 9, 9, 9],
      [null, null, null, null],
      [null, null, null, null],
      [null, null, null, null],
    ]),
  ],
])("not raised %s", (_name, sessions) => {
  expect(found(sessions)).toEqual([]);
});

test("troubles that began at different times have nothing in common", () => {
  const people = (onsets: readonly number[]): SessionAnalysis[] => [
    person("sender", [
      sent(
        1,
        Array.from({ length: 12 }, () => 0),
      ),
    ]),
    ...onsets.map((onset, index) =>
      person(
        `r${index}`,
        [50, 60].map((base) =>
          received(
            base + index,
            Array.from({ length: 12 }, (_, at) => (at >= onset ? 9 : 0)),
          ),
        ),
      ),
    ),
  ];
  expect(found(people([1, 5, 9]))).toEqual([]);
  expect(found(people([5, 5, 6]))).toHaveLength(1);
});

test("it explains what those affected noticed, and they are not blamed for it", () => {
  const effect = noticed("downlink-loss", 20, 40, {
    scope: { sessionId: "p0", participantId: null, direction: "inbound", kind: "audio", ssrc: 200 },
  });
  const sessions = room(rows(4, 3)).map((session) =>
    session.sessionId === "p0" ? { ...session, observations: [effect] } : session,
  );
  const [first] = analyseCall(sessions).sessions;
  expect(first?.explained).toEqual([
    { key: effect.key, bySessionId: null, byKey: expect.stringContaining("sfu-egress-degraded") },
  ]);
  expect(first?.verdict).toMatchObject({ statedCause: "sfu-egress-degraded", faultDomain: "sfu" });
});
