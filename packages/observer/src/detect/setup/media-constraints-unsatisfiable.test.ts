import type { JsonObject } from "@peerscope/schema";
import { expect, test } from "vitest";
import { buildCall, type CallBuilder } from "../../testing/call-builder.ts";
import { calls, facts } from "../../testing/negotiate.ts";

const asked: JsonObject = { audio: true, video: { width: { exact: 9999 } } };

const ask = (call: CallBuilder, constraints: JsonObject | null, constraint: string | null): CallBuilder =>
  calls(call, "getUserMedia", constraints === null ? null : { constraints }, {
    page: true,
    ...(constraint === null ? {} : { error: "OverconstrainedError", constraint }),
  });

const missing = (call: CallBuilder, constraints: JsonObject): CallBuilder =>
  calls(call, "getUserMedia", { constraints }, { page: true, error: "NotFoundError" });

const devices = (audioInputs: number, videoInputs: number): CallBuilder =>
  buildCall().event("devices-changed", { audioInputs, videoInputs, audioOutputs: 1 });

const found = (call: CallBuilder): string[] =>
  call
    .analyse()
    .observations.filter(({ id }) => id === "media-constraints-unsatisfiable")
    .map(({ severity, scope, endReason }) => `${severity} ${scope.kind} ${endReason}`);

test.each<[string, CallBuilder, string[]]>([
  ["the kind that names the constraint", ask(buildCall(), asked, "width"), ["major video session-end"]],
  [
    "a constraint that nobody named",
    ask(buildCall(), asked, "height"),
    ["major audio session-end", "major video session-end"],
  ],
  [
    "arguments not recorded",
    ask(buildCall(), null, "width"),
    ["major audio session-end", "major video session-end"],
  ],
  [
    "asked again with less",
    ask(ask(buildCall(), asked, "width").skip(20), asked, null),
    ["major video cleared"],
  ],
  [
    "a device that is gone, where others are",
    missing(devices(1, 2), { video: { deviceId: true } }),
    ["major video session-end"],
  ],
  ["no device of the kind at all", missing(devices(1, 0), { video: { deviceId: true } }), []],
  ["nobody counted the devices", missing(buildCall(), { video: { deviceId: true } }), []],
])("%s", (_name, call, expected) => {
  expect(found(call)).toEqual(expected);
});

test("it is the app's, with the constraint in evidence", () => {
  const { verdict, observations } = ask(buildCall(), asked, "width").analyse();
  expect(verdict).toMatchObject({ faultDomain: "application", confidence: 0.9 });
  expect(facts(observations[0])).toEqual([
    "error.name=OverconstrainedError",
    "error.constraint=width",
    'constraintValue={"exact":9999}',
    "kindsAsked=audio, video",
  ]);
});
