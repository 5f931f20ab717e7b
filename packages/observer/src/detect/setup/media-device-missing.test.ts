import { expect, test } from "vitest";
import { buildCall, type CallBuilder } from "../../testing/call-builder.ts";

function ask(call: CallBuilder, error: string | null, callId: number): CallBuilder {
  call.event("api-called", { callId, method: "getUserMedia", arguments: { audio: true, video: true } });
  return call.event("api-settled", {
    callId,
    method: "getUserMedia",
    outcome: error === null ? "fulfilled" : "rejected",
    durationMs: 5,
    ...(error === null ? {} : { error: { name: error, message: "none" } }),
  });
}

const devices = (audioInputs: number, videoInputs: number): CallBuilder =>
  buildCall().event("devices-changed", { audioInputs, videoInputs, audioOutputs: 1 });

const found = (call: CallBuilder): string[] =>
  call
    .analyse()
    .observations.map(({ id, severity, scope, endReason }) => `${id} ${severity} ${scope.kind} ${endReason}`);

test.each<[string, CallBuilder, string[]]>([
  [
    "only the camera is missing",
    ask(devices(1, 0), "NotFoundError", 1),
    ["media-device-missing major video session-end"],
  ],
  [
    "nobody counted",
    ask(buildCall(), "NotFoundError", 1),
    ["media-device-missing major audio session-end", "media-device-missing major video session-end"],
  ],
  [
    "all are there: an exact deviceId is gone",
    ask(devices(1, 1), "NotFoundError", 1),
    ["media-device-missing info audio session-end", "media-device-missing info video session-end"],
  ],
  [
    "plugged in later",
    ask(ask(devices(1, 0), "NotFoundError", 1).skip(20), null, 2),
    ["media-device-missing major video cleared"],
  ],
  ["refused instead", ask(devices(1, 1), "NotReadableError", 1), []],
])("%s", (_name, call, expected) => {
  expect(found(call)).toEqual(expected);
});
