import type { SessionAnalysis } from "@peerscope/schema";
import { expect, test } from "vitest";
import { analyseCall } from "../../call-observer.ts";
import { buildCall, outage } from "../../testing/call-builder.ts";
import { noticed, person, received, second, times } from "../../testing/call-people.ts";

const found = (sessions: readonly SessionAnalysis[]): string[] =>
  analyseCall(sessions)
    .observations.filter(({ id }) => id === "call-dropped")
    .map(({ severity, scope, startedAt }) => `${severity} ${scope.sessionId} ${startedAt - second(0)}`);

const stays = (change: Partial<SessionAnalysis> = {}): SessionAnalysis =>
  person("ben", [received(1, times(30, 0))], change);
const lost = (change: Parameters<typeof person>[2] = {}): SessionAnalysis =>
  person("anna", [received(2, times(6, 0))], { share: { lostAt: second(55) }, ...change });

test("a recorded call whose path failed and did not come back", () => {
  const state = (to: string): { state: string } => ({ state: to });
  const records = buildCall()
    .event("connection-state-changed", state("connected"), true)
    .run(40)
    .event("connection-state-changed", state("disconnected"), true)
    .run(10, outage)
    .event("connection-state-changed", state("failed"), true)
    .run(3, outage);
  const session = records.analyse();
  const { observations, verdict } = analyseCall([session]);
  const dropped = observations.filter(({ id }) => id === "call-dropped");
  expect(dropped).toMatchObject([{ severity: "critical", scope: { sessionId: "session" } }]);
  // The session says why; the drop is its effect.
  expect(dropped[0]?.parentId).toMatch(/^(ice-|transport-)/);
  expect(verdict.statedCause).toMatch(/^(ice-|transport-)/);
});

test("no path was left, nobody came back", () => {
  expect(found([lost(), stays()])).toEqual(["critical anna 55000"]);
});

test("who joins again within a minute was not dropped; a second later it is too late", () => {
  const again = (seconds: number, userId: string | null = "anna"): SessionAnalysis =>
    person("later", [received(3, times(3, 0))], { userId, share: { joinedAt: [second(seconds)] } });
  expect(found([lost(), stays(), again(115)])).toEqual([]);
  expect(found([lost(), stays(), again(116)])).toEqual(["critical anna 55000"]);
  expect(found([lost(), stays(), again(100, "cleo")])).toEqual(["critical anna 55000"]);
  // Without a name it may be the same person.
  expect(found([lost(), stays(), again(100, null)])).toEqual([]);
});

const gone = noticed("ice-disconnected", 62, 80, { scope: { sessionId: "ben", participantId: null } });

test("a recording that stops while the other side notices that the path is gone", () => {
  const stops = lost({ share: { lostAt: null } });
  expect(found([stops, stays({ observations: [gone] })])).toEqual(["critical anna 60000"]);
  expect(analyseCall([stops, stays({ observations: [gone] })]).observations[0]?.missing).not.toEqual([]);
});

test.each<[string, SessionAnalysis[]]>([
  ["the recording just stops", [lost({ share: { lostAt: null } }), stays()]],
  ["the person left", [lost({ ended: true, share: { lostAt: null } }), stays({ observations: [gone] })]],
  [
    "the others end soon after",
    [lost({ share: { lostAt: null } }), stays({ end: second(119), observations: [gone] })],
  ],
  [
    "it never connected",
    [lost({ share: { lostAt: null, connectedAt: null } }), stays({ observations: [gone] })],
  ],
])("not raised: %s", (_name, sessions) => {
  expect(found(sessions)).toEqual([]);
});
