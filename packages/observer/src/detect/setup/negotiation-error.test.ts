import { expect, test } from "vitest";
import { analyseRecords, buildCall, type CallBuilder } from "../../testing/call-builder.ts";
import { agrees, begins, calls, facts, outcomes, sdp, state } from "../../testing/negotiate.ts";

const refuse = (call: CallBuilder, method = "setRemoteDescription"): CallBuilder =>
  calls(
    call,
    method,
    { description: { type: "offer", sdp: sdp([{ kind: "video" }]) } },
    { error: "InvalidStateError" },
  );
const answersTwice = (): CallBuilder =>
  calls(
    state(agrees(begins()), "connected").run(5),
    "setRemoteDescription",
    { description: { type: "answer", sdp: sdp([{}]) } },
    { error: "InvalidStateError" },
  ).run(10);
const end = (call: CallBuilder): CallBuilder => call.event("session-ended", { reason: "stopped" });

test.each<[string, CallBuilder, string[]]>([
  ["never connects", end(refuse(begins()).skip(30)), ["critical session-end"]],
  [
    "the app gives up at once",
    refuse(begins()).event("connection-closed", {}, true),
    ["critical subject-removed"],
  ],
  ["of a connection that stands", refuse(buildCall().run(10)).run(10), ["major session-end"]],
  ["ICE fails after it", state(refuse(begins()).skip(3), "failed").skip(2), ["critical session-end"]],
  [
    "the next exchange comes through after 4 s",
    agrees(refuse(buildCall().run(10)).run(4)).run(10),
    ["major cleared"],
  ],
  ["within a second", agrees(refuse(buildCall().run(10)).skip(0.5)).run(10), ["info cleared"]],
  ["just beyond a second", agrees(refuse(buildCall().run(10)).skip(1.1)).run(10), ["major cleared"]],
  [
    "createOffer",
    refuse(buildCall().run(10), "RTCPeerConnection.createOffer").run(10),
    ["major session-end"],
  ],
  ["the connection was closed before", refuse(buildCall().run(10).event("connection-closed", {}, true)), []],
  ["an answer that is applied twice", answersTwice(), ["info session-end"]],
  ["getStats of the app", refuse(buildCall().run(10), "getStats").run(10), []],
  ["nothing is refused", agrees(begins()).run(10), []],
])("%s", (_name, call, expected) => {
  expect(outcomes(call, "negotiation-error")).toEqual(expected);
});

test("evidence names the call, its error, the state and the media", () => {
  const [found] = refuse(buildCall().run(10)).run(5).analyse().observations;
  expect(facts(found)).toEqual([
    "method=setRemoteDescription",
    "error.name=InvalidStateError",
    "signalingState=stable",
    "mediaSections=video",
  ]);
});

test("what was refused is the app's, for certain, and explains that it never connected", () => {
  const failed = end(state(state(refuse(begins()), "connecting").skip(20), "failed"));
  const { verdict, observations } = failed.analyse();
  expect(verdict).toMatchObject({
    faultDomain: "application",
    statedCause: "negotiation-error",
    confidence: 0.9,
  });
  const never = observations.find(({ id }) => id === "connection-never-established");
  expect(never?.parentId).toMatch(/^negotiation-error/);
});

test("another connection that comes up makes it a retry", () => {
  const call = refuse(begins()).event("connection-closed", {}, true);
  for (const record of state(state(buildCall(), "connecting").skip(1), "connected").records) {
    if (record.kind === "event")
      call.records.push({ ...record, at: record.at + 8000, connectionId: "second" });
  }
  const [found] = analyseRecords(call.records).observations;
  expect(found).toMatchObject({ id: "negotiation-error", severity: "major" });
});
