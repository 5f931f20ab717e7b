import { readCapture } from "@peerscope/scenarios";
import type { SessionAnalysis } from "@peerscope/schema";
import { expect, test } from "vitest";
import { analyseRecords } from "../testing/call-builder.ts";
import { person, received, sent, times } from "../testing/call-people.ts";
import { joinStreams } from "./joins.ts";

const clean = times(6, 0);
const legs = (sessions: readonly SessionAnalysis[]): string[] =>
  joinStreams(sessions)
    .map(
      ({ sender, receiver, received: { kind, ssrc }, sent: streams }) =>
        `${sender}>${receiver} ${kind} ${ssrc} of ${streams.map((stream) => stream.ssrc).join("+")}`,
    )
    .toSorted();

test("a recorded direct call is joined both ways, sound and picture", () => {
  const sessions = readCapture("good-call").sessions.map(({ sessionId, records }) =>
    analyseRecords(records, { sessionId }),
  );
  expect(legs(sessions).map((leg) => leg.slice(0, 9))).toEqual([
    "0>1 audio",
    "0>1 video",
    "1>0 audio",
    "1>0 video",
  ]);
});

test("a recorded server that gives streams new numbers joins nobody", () => {
  const sessions = readCapture("sfu-3p").sessions.map(({ sessionId, records }) =>
    analyseRecords(records, { sessionId }),
  );
  expect(sessions.map(({ callShare }) => callShare?.topology)).toEqual(["server", "server", "server"]);
  expect(legs(sessions)).toEqual([]);
});

test.each<[string, SessionAnalysis[], string[]]>([
  [
    "by SSRC",
    [person("a", [sent(7, clean)]), person("b", [received(7, clean)]), person("c", [])],
    ["0>1 audio 7 of 7"],
  ],
  [
    "by the id of the track",
    [
      person("a", [sent(7, clean, { trackId: "t" })]),
      person("b", [received(8, clean, { trackId: "t" })]),
      person("c", []),
    ],
    ["0>1 audio 8 of 7"],
  ],
  [
    "one layer, and with it all of its source",
    [
      person("a", [sent(7, clean, { kind: "video", mid: "1" }), sent(9, clean, { kind: "video", mid: "1" })]),
      person("b", [received(9, clean, { kind: "video" })]),
    ],
    ["0>1 video 9 of 7+9"],
  ],
  [
    "an SSRC of two people is nobody's",
    [person("a", [sent(7, clean)]), person("b", [sent(7, clean)]), person("c", [received(7, clean)])],
    [],
  ],
  [
    "an SSRC of another kind",
    [person("a", [sent(7, clean)]), person("b", [received(7, clean, { kind: "video" })]), person("c", [])],
    [],
  ],
  [
    "an SSRC of another time",
    [
      person("a", [sent(7, clean)]),
      person("b", [received(7, clean, { from: received(1, []).from + 600_000 })]),
      person("c", []),
    ],
    [],
  ],
  [
    "two people and one stream of a kind",
    [person("a", [sent(7, clean)]), person("b", [received(8, clean)])],
    ["0>1 audio 8 of 7"],
  ],
  [
    "several streams of a kind, and nothing to tell them apart",
    [person("a", [sent(7, clean)]), person("b", [received(8, clean), received(9, clean)])],
    [],
  ],
  [
    "several streams of a kind, by mid",
    [
      person("a", [sent(7, clean, { mid: "0" }), sent(6, clean, { mid: "1" })]),
      person("b", [received(8, clean, { mid: "0" }), received(9, clean, { mid: "1" })]),
    ],
    ["0>1 audio 8 of 7", "0>1 audio 9 of 6"],
  ],
])("%s", (_name, sessions, expected) => {
  expect(legs(sessions)).toEqual(expected);
});

test("an analysis of an older version joins nobody", () => {
  const { callShare: _share, ...older } = person("a", [sent(7, clean)]);
  expect(legs([older, person("b", [received(7, clean)])])).toEqual([]);
});
