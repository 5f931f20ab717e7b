import type { Observation, SessionAnalysis } from "@peerscope/schema";
import { expect, test } from "vitest";
import { analyseCall } from "../../call-observer.ts";
import { noticed, person, received, second, sent, times } from "../../testing/call-people.ts";

/* remote-capture-problem and remote-uplink-problem: what is noticed at a receiver, and recorded at the sender. */

const clean = times(6, 0);
const percent = (value: number): Partial<Observation> => ({
  peak: { stat: "derived", field: "loss", value, unit: "%", from: second(20), to: second(22) },
});
const inbound = (ssrc: number, kind: "audio" | "video" = "video"): Partial<Observation> => ({
  scope: { sessionId: "", participantId: null, pcId: "pc", direction: "inbound", kind, ssrc },
});
const outbound = (kind: "audio" | "video" = "video"): Partial<Observation> => ({
  scope: { sessionId: "", participantId: null, pcId: "pc", direction: "outbound", kind },
});
const device: Partial<Observation> = {
  verdict: {
    faultDomain: "publisher-device",
    confidence: 0.8,
    statedCause: "cpu-limited-encoding",
    for: [],
    against: [],
    missing: [],
    alternatives: [],
  },
};

/** p0 and p1 send a picture to everybody; observations are by person. */
function room(
  observations: readonly (readonly Observation[])[],
  topology: "server" | "unknown" = "server",
): SessionAnalysis[] {
  const streams = [0, 1].map((own) => sent(own + 1, clean, { kind: "video" }));
  return observations.map((own, index) =>
    person(
      `p${index}`,
      [
        ...streams.slice(index, index + 1),
        ...[0, 1]
          .filter((other) => other !== index)
          .map((other) => received(other + 1, clean, { kind: "video" })),
      ],
      { observations: own, share: { topology } },
    ),
  );
}

const found = (sessions: readonly SessionAnalysis[]): string[] =>
  analyseCall(sessions)
    .observations.filter(({ category }) => category === "remote")
    .map(
      ({ id, severity, scope, parentId }) =>
        `${id} ${severity} ${scope.sessionId} from ${scope.peerParticipantId} <- ${parentId?.split("@")[0]}`,
    );

const cpu = noticed("cpu-limited-encoding", 15, 45, { ...outbound(), ...device });
const frozen = (ssrc: number): Observation => noticed("video-freeze", 20, 40, inbound(ssrc));

test("N4: a starved sender explains what every receiver sees, and no receiver is blamed", () => {
  const slow = noticed("decoder-overloaded", 20, 40, inbound(1));
  const sessions = room([[cpu], [frozen(1)], [slow]]);
  expect(found(sessions)).toEqual([
    "remote-capture-problem info p1 from p0 <- cpu-limited-encoding",
    "remote-capture-problem info p2 from p0 <- cpu-limited-encoding",
  ]);
  const call = analyseCall(sessions);
  expect(call.verdict).toMatchObject({
    statedCause: "cpu-limited-encoding",
    faultDomain: "publisher-device",
  });
  for (const session of call.sessions.slice(1)) {
    expect(session.verdict).toMatchObject({
      statedCause: "cpu-limited-encoding",
      faultDomain: "publisher-device",
    });
    expect(session.people).toMatchObject({ sender: "p0" });
    expect(session.explained).toHaveLength(1);
  }
});

test.each<[string, SessionAnalysis[]]>([
  ["the media of somebody else", room([[cpu], [], [frozen(2)]])],
  [
    "less than half of the time in common",
    room([[noticed("cpu-limited-encoding", 31, 60, outbound())], [frozen(1)]]),
  ],
  ["what the receiver's own network explains", room([[cpu], [{ ...frozen(1), parentId: "downlink-loss" }]])],
  [
    "a microphone and a picture",
    room([[noticed("microphone-silent", 15, 45, outbound("audio"))], [frozen(1)]]),
  ],
  ["context at the sender", room([[{ ...cpu, severity: "info" }], [frozen(1)]])],
])("not joined: %s", (_name, sessions) => {
  expect(found(sessions)).toEqual([]);
});

test("exactly half of the time in common is enough", () => {
  expect(found(room([[noticed("cpu-limited-encoding", 30, 60, outbound())], [frozen(1)]]))).toHaveLength(1);
});

const uplink = (value: number): Observation =>
  noticed("uplink-loss", 18, 42, { ...outbound(), ...percent(value) });
const downlink = (ssrc: number, value: number): Observation =>
  noticed("downlink-loss", 20, 40, { ...inbound(ssrc), ...percent(value) });

test("a sender's lossy way to the server explains the loss of all its receivers", () => {
  const sessions = room([[uplink(8)], [downlink(1, 9)], [downlink(1, 10)]]);
  expect(found(sessions)).toEqual([
    "remote-uplink-problem info p1 from p0 <- uplink-loss",
    "remote-uplink-problem info p2 from p0 <- uplink-loss",
  ]);
  const call = analyseCall(sessions);
  expect(call.sessions[1]).toMatchObject({
    verdict: { statedCause: "uplink-loss", faultDomain: "publisher-uplink" },
    people: { sender: "p0", receiver: "p1" },
  });
  expect(call.sessions[1]?.alone).toEqual(sessions[1]?.verdict);
  expect(
    call.legs.map(({ sessionId, direction, verdict }) => `${sessionId} ${direction} ${verdict.faultDomain}`),
  ).toEqual(["p0 outbound publisher-uplink", "p1 inbound publisher-uplink", "p2 inbound publisher-uplink"]);
});

test("the sender must have lost at least half as much", () => {
  expect(found(room([[uplink(5)], [downlink(1, 10)], []]))).toHaveLength(1);
  expect(found(room([[uplink(4.9)], [downlink(1, 10)], []]))).toEqual([]);
});

test("other senders are equally bad there: then it is the receiver's own way in", () => {
  const sessions = room([[uplink(8)], [], [downlink(1, 9), downlink(2, 9)]]);
  expect(found(sessions)).toEqual([]);
});

test("two people who talk directly share one path: nothing is said about the sender's end", () => {
  const sessions = room([[uplink(8)], [downlink(1, 9)]], "unknown");
  expect(found(sessions)).toEqual([]);
  const call = analyseCall(sessions);
  expect(call.sessions[1]?.verdict).toMatchObject({ statedCause: "uplink-loss", faultDomain: "unknown" });
  expect(call.sessions[1]?.verdict.alternatives).toEqual([
    { faultDomain: "publisher-uplink", confidence: 0.5 },
    { faultDomain: "receiver-downlink", confidence: 0.5 },
  ]);
});
