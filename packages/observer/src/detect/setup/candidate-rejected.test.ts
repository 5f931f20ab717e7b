import type { JsonObject } from "@peerscope/schema";
import { expect, test } from "vitest";
import { buildCall, type CallBuilder } from "../../testing/call-builder.ts";
import { agrees, begins, calls, outcomes, state } from "../../testing/negotiate.ts";

const candidate: JsonObject = {
  candidate: "candidate:1 1 udp 1 192.0.2.0 9 typ host ufrag Ufrg",
  sdpMid: "0",
};

const adds = (call: CallBuilder, error?: string, given: JsonObject | null = candidate): CallBuilder =>
  calls(call, "addIceCandidate", { candidate: given }, error === undefined ? {} : { error });
const refuses = (call: CallBuilder, given: JsonObject | null = candidate): CallBuilder =>
  adds(call, "OperationError", given);
const trying = (): CallBuilder => state(agrees(begins()), "connecting");
const later = (call: CallBuilder, seconds: number, next: string): CallBuilder =>
  state(call.skip(seconds), next).skip(1).event("session-ended", { reason: "stopped" });

test.each<[string, CallBuilder, string[]]>([
  ["connected after 2 s", later(refuses(trying()), 2, "connected"), ["info cleared"]],
  ["connected after 8 s", later(refuses(trying()), 8, "connected"), ["minor cleared"]],
  ["fails without any other candidate", later(refuses(trying()), 15, "failed"), ["major session-end"]],
  ["fails, and another one was taken", later(refuses(adds(trying())), 15, "failed"), ["minor session-end"]],
  ["before the remote description is there", later(refuses(begins()), 15, "failed"), ["major session-end"]],
  ["on a path that stands", refuses(state(buildCall(), "connected").run(10)).run(10), []],
  [
    "of before an ICE restart",
    later(refuses(trying(), { candidate: "candidate:1 typ host", usernameFragment: "old" }), 15, "failed"),
    [],
  ],
  ["the end of the list", later(refuses(trying(), { candidate: "" }), 15, "failed"), []],
  ["no candidate at all", later(refuses(trying(), null), 15, "failed"), []],
  ["the connection is closed", refuses(trying().event("connection-closed", {}, true)), []],
  ["taken", later(adds(trying()), 15, "failed"), []],
])("%s", (_name, call, expected) => {
  expect(outcomes(call, "candidate-rejected")).toEqual(expected);
});

test("with nothing else to try it is the app's", () => {
  const { verdict, observations } = later(refuses(refuses(trying())), 15, "failed").analyse();
  expect(verdict).toMatchObject({ faultDomain: "application", statedCause: "candidate-rejected" });
  const found = observations.find(({ id }) => id === "candidate-rejected");
  const at = (field: string): unknown => found?.evidence.findLast((item) => item.field === field)?.value;
  expect(at("refusedCandidates")).toBe(2);
  expect(at("ufragMatches")).toBe("yes");
  expect(at("remoteDescriptionSet")).toBe(true);
});
