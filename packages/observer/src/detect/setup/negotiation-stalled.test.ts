import { expect, test } from "vitest";
import { buildCall, type CallBuilder } from "../../testing/call-builder.ts";
import { agrees, begins, calls, connecting, describes, outcomes, state } from "../../testing/negotiate.ts";

const stands = (): CallBuilder => state(agrees(begins()), "connected").run(10);
const offers = (call: CallBuilder): CallBuilder => describes(call, "Local", "offer");
const answers = (call: CallBuilder): CallBuilder => describes(call, "Remote", "answer");
const addsTrack = (call: CallBuilder): CallBuilder =>
  calls(call, "addTransceiver", {}).event("negotiation-needed", {}, true);
const end = (call: CallBuilder): CallBuilder => call.event("session-ended", { reason: "stopped" });

test.each<[string, CallBuilder, string[]]>([
  ["a later offer, 15 s", offers(stands()).run(15), ["major session-end"]],
  ["a later offer, 9 s", answers(offers(stands()).run(9)).run(5), []],
  ["a later offer, answered after 15 s", answers(offers(stands()).run(15)).run(5), ["major cleared"]],
  [
    "the connection is closed while it waits",
    offers(stands()).run(5).event("connection-closed", {}, true),
    [],
  ],
  ["the first offer: a person may be asked", end(offers(begins()).skip(30)), ["info session-end"]],
  ["the first offer, for over a minute", offers(begins()).run(65, connecting), ["major session-end"]],
  [
    "the first offer, and the far end sent candidates",
    end(calls(offers(begins()), "addIceCandidate", { candidate: { candidate: "candidate:1" } }).skip(15)),
    ["major session-end"],
  ],
  ["a track is added and nothing follows", addsTrack(stands()).run(15), ["major session-end"]],
  ["a track is added and the far end offers", agrees(addsTrack(stands()).run(3)).run(15), []],
  [
    "a track is removed and the app leaves it at that",
    stands().event("negotiation-needed", {}, true).run(20),
    [],
  ],
  ["a warm connection without a call", end(addsTrack(begins()).skip(60)), []],
  [
    "data alone",
    end(
      describes(buildCall().event("connection-created", {}, true), "Local", "offer", [
        { kind: "application" },
      ]).skip(90),
    ),
    [],
  ],
  ["asleep while it waits", answers(offers(stands()).skip(600)).run(5), []],
])("%s", (_name, call, expected) => {
  expect(outcomes(call, "negotiation-stalled")).toEqual(expected);
});

test("on a connection that stands it is the app's; who owes a first answer is not known", () => {
  expect(offers(stands()).run(15).analyse().verdict).toMatchObject({
    faultDomain: "application",
    statedCause: "negotiation-stalled",
    confidence: 0.8,
  });
  expect(offers(begins()).run(65, connecting).analyse().verdict).toMatchObject({
    faultDomain: "unknown",
    statedCause: "negotiation-stalled",
  });
});

test("where a media server owes the answer, it may be the server", () => {
  const call = offers(stands().run(5)).run(15);
  const more = call.records.map((record) =>
    record.kind === "sample"
      ? {
          ...record,
          stats: record.stats.flatMap((stats) =>
            stats.id === "IA"
              ? [stats, { ...stats, id: "IA2", ssrc: 77, trackIdentifier: "third" }]
              : [stats],
          ),
        }
      : record,
  );
  call.records.splice(0, call.records.length, ...more);
  const { verdict } = call.analyse();
  expect(verdict.faultDomain).toBe("unknown");
  expect(verdict.alternatives).toEqual([
    { faultDomain: "application", confidence: 0.5 },
    { faultDomain: "sfu", confidence: 0.5 },
  ]);
});
