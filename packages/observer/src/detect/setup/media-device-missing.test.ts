import type { JsonObject } from "@peerscope/schema";
import { expect, test } from "vitest";
import { buildCall, type CallBuilder } from "../../testing/call-builder.ts";

function ask(
  call: CallBuilder,
  error: string | null,
  callId: number,
  constraints: JsonObject = { audio: true, video: true },
): CallBuilder {
  call.event("api-called", { callId, method: "getUserMedia", arguments: constraints });
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
    .observations.filter(({ id }) => id !== "media-permission-denied")
    .map(({ id, severity, scope, endReason }) => `${id} ${severity} ${scope.kind} ${endReason}`);

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
    "all are there and no id was named",
    ask(devices(1, 1), "NotFoundError", 1),
    ["media-device-missing info audio session-end", "media-device-missing info video session-end"],
  ],
  [
    "all are there, and one was asked for by its id",
    ask(devices(1, 1), "NotFoundError", 1, { audio: { deviceId: true }, video: true }),
    ["media-constraints-unsatisfiable major audio session-end"],
  ],
  [
    "one was asked for by its id, and there is none of its kind",
    ask(devices(1, 0), "NotFoundError", 1, { video: { deviceId: true } }),
    ["media-device-missing major video session-end"],
  ],
  [
    "plugged in later",
    ask(ask(devices(1, 0), "NotFoundError", 1).skip(20), null, 2),
    ["media-device-missing major video cleared"],
  ],
  ["refused instead", ask(devices(1, 1), "NotAllowedError", 1), []],
])("%s", (_name, call, expected) => {
  expect(found(call)).toEqual(expected);
});
