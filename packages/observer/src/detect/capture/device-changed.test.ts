import { expect, test } from "vitest";
import type { EventData } from "@peerscope/schema";
import { buildCall, type CallBuilder } from "../../testing/call-builder.ts";
import { about, evidenceOf } from "../../testing/ice-calls.ts";

const id = "device-changed";
type Change = EventData["devices-changed"];
const counts = { audioInputs: 1, videoInputs: 1, audioOutputs: 1 };
const added = (type: string): Change => ({ ...counts, added: [{ kind: "audiooutput", type }], removed: [] });
const removed = (type: string): Change => ({ ...counts, added: [], removed: [{ kind: "audioinput", type }] });

test.each<[string, () => CallBuilder, string[]]>([
  [
    "one change",
    () => buildCall().run(20).event("devices-changed", added("usb")).run(10),
    ["info 20..20 cleared"],
  ],
  [
    "a Bluetooth headset that changes its profile tells several",
    () =>
      buildCall()
        .run(20)
        .event("devices-changed", removed("bluetooth"))
        .run(2)
        .event("devices-changed", added("bluetooth"))
        .run(2)
        .event("devices-changed", added("headset"))
        .run(10),
    ["info 20..24 cleared"],
  ],
  [
    "two changes, ten seconds apart",
    () =>
      buildCall()
        .run(20)
        .event("devices-changed", removed("usb"))
        .run(10)
        .event("devices-changed", added("usb"))
        .run(10),
    ["info 20..20 cleared", "info 30..30 cleared"],
  ],
  [
    "a second before the end",
    () => buildCall().run(20).event("devices-changed", added("usb")).run(1),
    ["info 20..20 cleared"],
  ],
  [
    "without names",
    () => buildCall().run(20).event("devices-changed", counts).run(10),
    ["info 20..20 cleared"],
  ],
  [
    "the list is the same",
    () =>
      buildCall()
        .run(20)
        .event("devices-changed", { ...counts, added: [], removed: [] })
        .run(10),
    [],
  ],
])("%s", (_name, build, expected) => {
  expect(about(build().analyse(), id)).toEqual(expected);
});

test("evidence says what came and what went, by its kind", () => {
  const analysis = buildCall()
    .run(20)
    .event("devices-changed", removed("usb"))
    .run(1)
    .event("devices-changed", added("bluetooth"))
    .run(10)
    .analyse();
  expect(evidenceOf(analysis, id)).toEqual({
    "devices.added": "audiooutput (bluetooth)",
    "devices.removed": "audioinput (usb)",
  });
});
