import { readCapture } from "@peerscope/scenarios";
import type { SessionAnalysis } from "@peerscope/schema";
import { expect, test } from "vitest";
import { analyseCall } from "../../call-observer.ts";
import { analyseRecords } from "../../testing/call-builder.ts";
import { noticed, person, received, second, times } from "../../testing/call-people.ts";

const found = (sessions: readonly SessionAnalysis[]): string[] =>
  analyseCall(sessions)
    .observations.filter(({ id }) => id === "call-partially-failed")
    .map(
      ({ severity, scope, parentId }) =>
        `${severity} ${scope.sessionId} <- ${parentId?.split("@")[0] ?? null}`,
    );

const never = noticed("connection-never-established", 1, 30, {
  severity: "critical",
  scope: { sessionId: "anna", participantId: null },
});
const outside = (change: Parameters<typeof person>[2] = {}): SessionAnalysis =>
  person("anna", [], {
    end: second(30),
    observations: [never],
    ...change,
    share: { connectedAt: null, ...change.share },
  });
const inside = (id: string): SessionAnalysis => person(id, [received(1, times(6, 0))]);

test("one person stays outside while another one is in", () => {
  expect(found([outside(), inside("ben")])).toEqual(["major anna <- connection-never-established"]);
  expect(analyseCall([outside(), inside("ben")]).verdict.statedCause).toBe("connection-never-established");
});

test.each<[string, SessionAnalysis[]]>([
  ["left within 5 s", [outside({ end: second(4.9) }), inside("ben")]],
  ["nobody connected", [outside(), { ...outside(), sessionId: "ben", userId: "ben" }]],
  ["the browser still tries", [outside({ observations: [] }), inside("ben")]],
  ["never tried", [outside({ share: { attemptedAt: null } }), inside("ben")]],
  ["got in in another session", [outside(), { ...inside("again"), userId: "anna" }, inside("ben")]],
])("not raised: %s", (_name, sessions) => {
  expect(found(sessions)).toEqual([]);
});

test("a recorded call in which both failed failed as a whole", () => {
  const sessions = readCapture("ice-failure-initial").sessions.map(({ sessionId, records }) =>
    analyseRecords(records, { sessionId }),
  );
  expect(found(sessions)).toEqual([]);
  const good = analyseRecords(readCapture("good-call").sessions[0]?.records ?? [], { sessionId: "third" });
  // The good call is one of the same two people: who got in in another session is not outside.
  expect(found([...sessions, good])).toHaveLength(1);
  expect(found([...sessions, { ...good, userId: "cleo" }])).toHaveLength(2);
});
