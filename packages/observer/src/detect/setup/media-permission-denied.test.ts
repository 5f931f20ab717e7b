import type { JsonObject } from "@peerscope/schema";
import { expect, test } from "vitest";
import { buildCall, type CallBuilder } from "../../testing/call-builder.ts";

let callId = 0;
function ask(
  call: CallBuilder,
  method: string,
  constraints: JsonObject | null,
  error: string | null,
): CallBuilder {
  callId += 1;
  call.event("api-called", {
    callId,
    method,
    ...(constraints === null ? {} : { arguments: { constraints } }),
  });
  return call.event("api-settled", {
    callId,
    method,
    outcome: error === null ? "fulfilled" : "rejected",
    durationMs: 20,
    ...(error === null ? {} : { error: { name: error, message: "no" } }),
  });
}

const found = (call: CallBuilder): string[] =>
  call
    .analyse()
    .observations.filter(({ id }) => id === "media-permission-denied")
    .map(({ severity, scope, endReason }) => `${severity} ${scope.kind} ${endReason}`);

const both = { audio: true, video: { width: 640 } };

test.each<[string, CallBuilder, string[]]>([
  [
    "microphone and camera",
    ask(buildCall(), "getUserMedia", both, "NotAllowedError"),
    ["critical audio session-end", "critical video session-end"],
  ],
  [
    "camera only, with a microphone being sent",
    ask(buildCall().run(10), "getUserMedia", { video: true }, "NotAllowedError"),
    ["major video session-end"],
  ],
  [
    "a screen picker that was cancelled",
    ask(buildCall(), "getDisplayMedia", { video: true }, "NotAllowedError"),
    ["info video session-end"],
  ],
  ["another error", ask(buildCall(), "getUserMedia", both, "NotReadableError"), []],
  [
    "granted half a minute later",
    ask(
      ask(buildCall(), "getUserMedia", { audio: true }, "NotAllowedError").skip(30),
      "getUserMedia",
      { audio: true },
      null,
    ),
    ["critical audio cleared"],
  ],
  [
    "granted five seconds later",
    ask(
      ask(buildCall(), "getUserMedia", { audio: true }, "NotAllowedError").skip(5),
      "getUserMedia",
      { audio: true },
      null,
    ),
    ["info audio cleared"],
  ],
  [
    "arguments not recorded",
    ask(buildCall(), "navigator.mediaDevices.getUserMedia", null, "NotAllowedError"),
    ["critical audio session-end", "critical video session-end"],
  ],
])("%s", (_name, call, expected) => {
  expect(found(call)).toEqual(expected);
});

test("the verdict is definitive", () => {
  expect(ask(buildCall(), "getUserMedia", both, "NotAllowedError").analyse().verdict).toMatchObject({
    faultDomain: "publisher-device",
    confidence: 0.9,
    statedCause: "media-permission-denied",
    alternatives: [],
  });
});

test("evidence shows what the browser has noted about the permission of that device", () => {
  const call = buildCall()
    .event("permission-state-changed", { name: "microphone", state: "denied" })
    .event("permission-state-changed", { name: "camera", state: "prompt" });
  const states = ask(call, "getUserMedia", both, "NotAllowedError")
    .analyse()
    .observations.map(({ evidence }) => evidence.find(({ stat }) => stat === "permissions")?.value);
  expect(states).toEqual(["denied", "prompt"]);
});
