import { expect, test } from "vitest";
import type { SessionAnalysis } from "@peerscope/schema";
import { analyseCall } from "../../call-observer.ts";
import { noticed, room, second } from "../../testing/call-people.ts";

const found = (sessions: SessionAnalysis[]): string[] =>
  analyseCall(sessions)
    .observations.filter(({ id }) => id === "publisher-affects-many")
    .map(
      ({ scope, startedAt, clearedAt }) =>
        `${scope.sessionId} ${startedAt - second(0)}..${(clearedAt ?? 0) - second(0)}`,
    );

const oneSender = [
  [null, 10, 11, 9],
  [0, null, 0, 0],
  [0, 0, null, 0],
  [0, 0, 0, null],
];

test("one sender bad at three of three receivers for two windows", () => {
  expect(found(room(oneSender))).toEqual(["p0 20000..40000"]);
});

test.each<[string, SessionAnalysis[]]>([
  ["in one window only", room(oneSender, { bad: [2] })],
  ["below 5 % of loss", room([[null, 4.8, 4.8, 4.8], ...oneSender.slice(1)])],
  [
    "at two of four receivers",
    room([
      [null, 9, 9, 0, 0],
      [0, null, 0, 0, 0],
      [0, 0, null, 0, 0],
      [0, 0, 0, null, 0],
      [0, 0, 0, 0, null],
    ]),
  ],
  [
    "with two receivers",
    room([
      [null, 9, 9],
      [0, null, 0],
      [0, 0, null],
    ]),
  ],
  [
    "when those receivers lose other people's media too",
    room([
      [null, 9, 9, 9],
      [0, null, 9, 9],
      [0, 9, null, 9],
      [0, 9, 9, null],
    ]),
  ],
])("not raised %s", (_name, sessions) => {
  expect(found(sessions)).toEqual([]);
});

test("three of five receivers, at the limit, are most", () => {
  const zeros = [0, 0, 0, 0, 0];
  const rows = [
    [null, 9, 9, 9, 0, 0],
    ...[1, 2, 3, 4, 5].map((own) => [0, ...zeros].map((value, index) => (index === own ? null : value))),
  ];
  expect(found(room(rows))).toEqual(["p0 20000..40000"]);
});

test("whose streams nobody can tell apart: not computable", () => {
  const sessions = room(oneSender).map((session) => ({
    ...session,
    ...(session.callShare === undefined
      ? {}
      : {
          callShare: {
            ...session.callShare,
            streams: session.callShare.streams.map((stream) => ({ ...stream, trackId: null })),
          },
        }),
  }));
  expect(found(sessions)).toEqual([]);
});

const stated = (sessions: SessionAnalysis[]): unknown => {
  const { statedCause, faultDomain } = analyseCall(sessions).verdict;
  return [statedCause, faultDomain];
};

test("the sender's own report decides: its way out, the server, its device, or nobody", () => {
  expect(stated(room(oneSender, { uplinks: [9, 0, 0, 0] }))).toEqual([
    "publisher-affects-many",
    "publisher-uplink",
  ]);
  expect(stated(room(oneSender, { uplinks: [0, 0, 0, 0] }))).toEqual(["publisher-affects-many", "sfu"]);
  expect(stated(room(oneSender, { uplinks: [null, 0, 0, 0] }))).toEqual([
    "publisher-affects-many",
    "unknown",
  ]);
  const [first, ...others] = room(oneSender);
  if (first === undefined) throw new Error("no room");
  const slow = {
    ...first,
    observations: [
      noticed("camera-low-frame-rate", 18, 41, {
        scope: { sessionId: "p0", participantId: null, kind: "video" },
      }),
    ],
  };
  expect(stated([slow, ...others])).toEqual(["publisher-affects-many", "publisher-device"]);
});

test("the sender's observation is its parent, and it explains what receivers noticed", () => {
  const sessions = room(oneSender, { uplinks: [9, 0, 0, 0] });
  const [first, second_, ...others] = sessions;
  if (first === undefined || second_ === undefined) throw new Error("no room");
  const cause = noticed("uplink-loss", 20, 40, {
    scope: { sessionId: "p0", participantId: null, direction: "outbound", kind: "audio" },
  });
  const call = analyseCall([{ ...first, observations: [cause] }, second_, ...others]);
  expect(call.observations.find(({ id }) => id === "publisher-affects-many")?.parentId).toBe(cause.key);
  expect(call.explained).toContainEqual({
    key: expect.stringContaining("publisher-affects-many"),
    bySessionId: "p0",
    byKey: cause.key,
  });
  expect(call.verdict.statedCause).toBe("uplink-loss");
  const effect = noticed("downlink-loss", 20, 40, {
    peak: { stat: "derived", field: "downlink-loss", value: 10, unit: "%", from: second(20), to: second(22) },
    scope: { sessionId: "p1", participantId: null, direction: "inbound", kind: "audio", ssrc: 101 },
  });
  const noticing = analyseCall([first, { ...second_, observations: [effect] }, ...others]);
  expect(noticing.sessions[1]?.explained).toEqual([
    { key: effect.key, bySessionId: null, byKey: expect.stringContaining("publisher-affects-many") },
  ]);
});
