import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes } from "../../testing/call-builder.ts";
import { agrees, begins, connecting, facts, ice, outcomes, state } from "../../testing/negotiate.ts";

/** A path was found, and DTLS is in that state. */
const path = (dtlsState: string, answered = 1): Changes => ({
  ...connecting,
  transport: { iceState: "connected", dtlsState, bytesReceived: 0, bytesSent: 0 },
  pair: { state: "succeeded", requestsSent: 1, responsesReceived: answered },
});

const pathByEvents = (): CallBuilder => ice(state(agrees(begins()), "connecting"), "connected");
const end = (call: CallBuilder): CallBuilder => call.event("session-ended", { reason: "stopped" });

test.each<[string, CallBuilder, string[]]>([
  ["connecting for 15 s, by statistics", buildCall().run(15, path("connecting")), ["critical session-end"]],
  ["connecting for 9 s", buildCall().run(9, path("connecting")).run(10), []],
  ["comes up after 15 s", buildCall().run(15, path("connecting")).run(10), ["critical cleared"]],
  ["failed at once", buildCall().run(2, path("connecting")).run(3, path("failed")), ["critical session-end"]],
  ["15 s, by events alone", end(pathByEvents().skip(15)), ["critical session-end"]],
  [
    "an error, by events",
    end(pathByEvents().event("dtls-failed", {}, true).skip(1)),
    ["critical session-end"],
  ],
  ["ICE alone is told", end(ice(agrees(begins()), "connected").skip(30)), []],
  ["no path yet", buildCall().run(25, connecting), []],
  ["the path is lost again", end(ice(pathByEvents().skip(3), "disconnected").skip(20)), []],
  ["most checks are unanswered", buildCall().run(20, path("connecting", 0.3)), []],
  [
    "asleep meanwhile",
    buildCall().run(3, path("connecting")).skip(600).run(3, path("connecting")).run(10),
    [],
  ],
  [
    "the far end closes a call that worked",
    end(
      state(pathByEvents(), "connected")
        .run(10)
        .event("dtls-failed", { errorDetail: "dtls-failure" }, true)
        .event("dtls-state-changed", { state: "failed" }, true)
        .skip(0.5)
        .event("connection-closed", {}, true),
    ),
    [],
  ],
])("%s", (_name, call, expected) => {
  expect(outcomes(call, "dtls-failed")).toEqual(expected);
});

test("explains that it never connected; a fingerprint that does not fit is the app's", () => {
  const failed = (errorDetail: string): ReturnType<CallBuilder["analyse"]> =>
    end(
      state(pathByEvents().event("dtls-failed", { errorDetail, sentAlert: 42 }, true).skip(1), "failed").skip(
        1,
      ),
    ).analyse();
  const { observations, verdict } = failed("fingerprint-failure");
  const never = observations.find(({ id }) => id === "connection-never-established");
  expect(never?.parentId).toMatch(/^dtls-failed/);
  expect(verdict).toMatchObject({ faultDomain: "application", statedCause: "dtls-failed", confidence: 0.9 });
  expect(failed("dtls-failure").verdict).toMatchObject({
    faultDomain: "unknown",
    statedCause: "dtls-failed",
    alternatives: [
      { faultDomain: "application", confidence: 0.5 },
      { faultDomain: "browser", confidence: 0.5 },
    ],
  });
});

test("evidence shows state, role, version and whether a fingerprint was signalled", () => {
  const call = agrees(begins());
  call.run(15, {
    ...path("connecting"),
    transport: { ...path("connecting").transport, dtlsRole: "client", tlsVersion: "FEFD" },
  });
  const found = call.analyse().observations.find(({ id }) => id === "dtls-failed");
  expect(facts(found)).toEqual([
    "dtlsState=connecting",
    "tlsVersion=FEFD",
    "dtlsRole=client",
    "state=succeeded",
    "handshakeSeconds=11",
    "fingerprintInDescription=true",
  ]);
});
