import { expect, test } from "vitest";
import { buildCall, type CallBuilder } from "../../testing/call-builder.ts";
import { calls, facts } from "../../testing/negotiate.ts";

const ask = (call: CallBuilder, error: string | null, message = "", method = "getUserMedia"): CallBuilder =>
  calls(
    call,
    method,
    { constraints: { audio: true, video: true } },
    {
      page: true,
      message,
      ...(error === null ? {} : { error }),
    },
  );

const found = (call: CallBuilder): string[] =>
  call
    .analyse()
    .observations.filter(({ id }) => id === "media-device-in-use")
    .map(({ severity, scope, endReason }) => `${severity} ${scope.kind} ${endReason}`);

const busy = (message = "Could not start video source"): CallBuilder =>
  ask(buildCall(), "NotReadableError", message);

test.each<[string, CallBuilder, string[]]>([
  ["the camera, by Chromium's words", busy(), ["major video session-end"]],
  ["the microphone, by Firefox's", busy("Failed to allocate audiosource"), ["major audio session-end"]],
  ["without saying which", busy("Starting failed"), ["major audio session-end", "major video session-end"]],
  [
    "AbortError",
    ask(buildCall(), "AbortError", "Timeout starting video source"),
    ["major video session-end"],
  ],
  ["opens after 4 s, while devices are switched", ask(busy().skip(4), null), ["info video cleared"]],
  ["opens after 6 s", ask(busy().skip(6), null), ["major video cleared"]],
  ["a screen", ask(buildCall(), "NotReadableError", "", "getDisplayMedia"), []],
  ["refused by the person", ask(buildCall(), "NotAllowedError"), []],
])("%s", (_name, call, expected) => {
  expect(found(call)).toEqual(expected);
});

test("it is this device, with the system and the browser in evidence", () => {
  const call = buildCall();
  call.records.push({ kind: "context", at: call.now, context: { osName: "Windows", browserName: "Chrome" } });
  call.event("devices-listed", { audioInputs: 1, videoInputs: 2, audioOutputs: 1, devices: [] });
  const { verdict, observations } = ask(call, "NotReadableError", "Could not start video source").analyse();
  expect(verdict).toMatchObject({ faultDomain: "publisher-device", statedCause: "media-device-in-use" });
  expect(facts(observations[0])).toEqual([
    "error.name=NotReadableError",
    "kindsAsked=audio, video",
    "audioInputs=1",
    "videoInputs=2",
    "osName=Windows",
    "browserName=Chrome",
  ]);
});
