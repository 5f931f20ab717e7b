import { readCapture } from "@peerscope/scenarios";
import type { Observation, SessionAnalysis } from "@peerscope/schema";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { analyseCall } from "./call-observer.ts";
import { parseThresholds } from "./extend/thresholds.ts";
import { analyseRecords } from "./testing/call-builder.ts";
import { noticed, person, received, room, second, sent, times } from "./testing/call-people.ts";

const recorded = (name: "sfu-3p" | "cpu-throttle" | "good-call"): SessionAnalysis[] =>
  readCapture(name).sessions.map(({ sessionId, peer, records }) =>
    analyseRecords(records, { sessionId, peer }),
  );

test("sfu-3p: both ways of anna are named, ben and cleo are told that it is hers, and nobody else is blamed", () => {
  const { sessions, legs, observations } = analyseCall(recorded("sfu-3p"));
  const [anna, ben, cleo] = sessions;
  expect(anna?.verdict).toMatchObject({ statedCause: "uplink-loss", faultDomain: "publisher-uplink" });
  for (const [session, receiver] of [
    [ben, "ben"],
    [cleo, "cleo"],
  ] as const) {
    expect(session?.alone.faultDomain).toBe("unknown");
    expect(session?.verdict).toMatchObject({ statedCause: "uplink-loss", faultDomain: "publisher-uplink" });
    expect(session?.people).toEqual({ sender: "anna", receiver });
  }
  expect(
    legs
      .filter(({ sessionId }) => sessionId.endsWith("-a"))
      .map(({ direction, verdict }) => [direction, verdict.faultDomain]),
  ).toEqual([
    ["inbound", "receiver-downlink"],
    ["outbound", "publisher-uplink"],
  ]);
  expect(observations.filter(({ severity }) => severity !== "info")).toEqual([]);
});

test("a good call has nothing of a call either", () => {
  const { observations, legs, explained, sessions } = analyseCall(recorded("good-call"));
  expect([observations, legs, explained]).toEqual([[], [], []]);
  for (const { alone, verdict, explained: links } of sessions) {
    expect(verdict).toEqual(alone);
    expect(links).toEqual([]);
  }
});

const clean = times(6, 0);
const lossy = (ssrc: number): Observation =>
  noticed("downlink-loss", 20, 40, {
    peak: { stat: "derived", field: "downlink-loss", value: 9, unit: "%", from: second(20), to: second(22) },
    scope: { sessionId: "b", participantId: null, pcId: "pc", direction: "inbound", kind: "audio", ssrc },
  });
const partly = {
  faultDomain: "unknown",
  confidence: 0.5,
  statedCause: "downlink-loss",
  for: [],
  against: [],
  missing: [],
  alternatives: [{ faultDomain: "remote", confidence: 0.5 }],
} as const;
const b = (streams: Parameters<typeof person>[1]): SessionAnalysis =>
  person("b", streams, { observations: [lossy(7)], verdict: partly });

test("over a server, with the only sender's way clean, it is the receiver's way in; unknown without its report", () => {
  const call = (uplink: (number | null)[]): unknown => {
    const { faultDomain, confidence } = analyseCall([
      person("a", [sent(7, uplink)]),
      b([received(7, clean)]),
    ]).verdict;
    return [faultDomain, confidence];
  };
  expect(call(clean)).toEqual(["receiver-downlink", 0.8]);
  expect(call(times(6, null))).toEqual(["unknown", 0.6]);
  expect(call([0, 0, 3, 3, 0, 0])).toEqual(["unknown", 0.6]);
});

test("over a server, one of several streams with all ways to it clean: between the two, and neither is named", () => {
  const { verdict } = analyseCall([
    person("a", [sent(7, clean)]),
    b([received(7, clean), received(8, clean)]),
    person("c", [sent(8, clean)]),
  ]);
  expect(verdict.faultDomain).toBe("unknown");
  expect(verdict.alternatives.map(({ faultDomain }) => faultDomain)).toEqual(["application", "sfu"]);
});

test("three people connected directly: a row names the sender, a single pair nobody", () => {
  const mesh = (rows: (number | null)[][]): SessionAnalysis[] =>
    room(rows, { topology: "unknown" }).map((session, index) =>
      index !== 1
        ? session
        : {
            ...session,
            observations: [
              noticed("downlink-loss", 20, 40, {
                scope: {
                  sessionId: "p1",
                  participantId: null,
                  pcId: "from-0",
                  direction: "inbound",
                  kind: "audio",
                  ssrc: 101,
                },
              }),
            ],
            ...(session.callShare === undefined
              ? {}
              : {
                  callShare: {
                    ...session.callShare,
                    streams: session.callShare.streams.map((stream) =>
                      stream.trackId === "track-0" ? { ...stream, pcId: "from-0" } : stream,
                    ),
                  },
                }),
          },
    );
  const row = analyseCall(
    mesh([
      [null, 9, 9],
      [0, null, 0],
      [0, 0, null],
    ]),
  );
  expect(row.verdict).toMatchObject({ statedCause: "downlink-loss", faultDomain: "publisher-uplink" });
  expect(row.people).toEqual({ sender: "p0", receiver: "p1" });
  const pair = analyseCall(
    mesh([
      [null, 9, 0],
      [0, null, 0],
      [0, 0, null],
    ]),
  );
  expect(pair.verdict.faultDomain).toBe("unknown");
  expect(pair.people).toEqual({ sender: "p0", receiver: "p1" });
});

test("a project tunes what a call shows, or turns it off", () => {
  const sessions = room([
    [null, 9, 9, 0],
    [0, null, 0, 0],
    [0, 0, null, 0],
    [0, 0, 0, null],
  ]);
  const ids = (input: unknown): string[] =>
    analyseCall(sessions, { thresholds: parseThresholds(input) }).observations.map(({ id }) => id);
  expect(ids({})).toEqual([]);
  expect(ids({ "publisher-affects-many": { thresholds: { receivers: 2 } } })).toEqual([
    "publisher-affects-many",
  ]);
  expect(ids({ "publisher-affects-many": { thresholds: { receivers: 2 }, off: true } })).toEqual([]);
});

test("the order of the sessions never matters, and keys are unique", () => {
  const loss = fc.constantFrom(null, 0, 3, 9, 30);
  const rows = fc
    .integer({ min: 2, max: 5 })
    .chain((size) =>
      fc.tuple(
        fc.array(fc.array(loss, { minLength: size, maxLength: size }), { minLength: size, maxLength: size }),
        fc.array(loss, { minLength: size, maxLength: size }),
        fc.shuffledSubarray([...Array(size).keys()], { minLength: size, maxLength: size }),
        fc.constantFrom("server" as const, "unknown" as const),
      ),
    );
  fc.assert(
    fc.property(rows, ([matrix, uplinks, order, topology]) => {
      const sessions = room(matrix, { uplinks, topology });
      const shuffled = order.flatMap((index) => sessions.slice(index, index + 1));
      const call = analyseCall(sessions);
      expect(analyseCall(shuffled)).toEqual(call);
      const keys = call.observations.map(({ key }) => key);
      expect(new Set(keys).size).toBe(keys.length);
      for (const { verdict } of [call, ...call.sessions, ...call.legs]) {
        expect(verdict.confidence).toBeLessThanOrEqual(0.95);
      }
    }),
    { seed: 20_260_106, numRuns: 150 },
  );
});
