import type { DeviceChange } from "../../model/devices.ts";
import type { Subject } from "../../model/streams.ts";
import type { Board } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Moment } from "../view.ts";

const thresholds = { mergedWithinSeconds: 3 };

export const definition: ObservationDefinition = {
  id: "device-changed",
  category: "capture",
  tier: "A",
  title: "Devices came or went",
  meaning: "A microphone, camera or loudspeaker was plugged in or unplugged, or changed its kind.",
  domainHint: "publisher-device",
  effect: false,
  severities: ["info"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText: "the browser says that devices came or went; what comes within 3 s is one change",
  clearText: "at once: it is an event",
  evidence: ["devices.added", "devices.removed", "devices.changed"],
  exceptions: [
    { when: "the list is the same as before" },
    { when: "a Bluetooth headset changes its profile and tells several changes: they are one" },
  ],
  blindIn:
    "Firefox and Safari may tell it late, and without the permission of the user no browser says which device it was.",
  thresholds,
};

const subject: Subject = { key: "devices", scope: {} };

/** Device list changed. */
export const deviceChanged: Detector = {
  definition,
  onTime({ model, at, board }: Moment): void {
    const { lastChange } = model.capture;
    if (lastChange === null || lastChange.told) return;
    const { mergedWithinSeconds } = board.thresholds(definition, thresholds);
    if (at - lastChange.at >= mergedWithinSeconds * 1000) tell(board, lastChange);
  },
  onEnd({ model, board }: Moment): void {
    const { lastChange } = model.capture;
    if (lastChange !== null && !lastChange.told) tell(board, lastChange);
  },
};

function tell(board: Board, change: DeviceChange): void {
  change.told = true;
  const { from, at: to, added, removed, compared } = change;
  if (compared && added.length + removed.length === 0) return;
  const record = board.raise(definition, subject, from, "info");
  if (record === null) return;
  record.onEvidence = [
    ...(added.length === 0 ? [] : [evidence("devices", "added", added.join(", "), "", from, to)]),
    ...(removed.length === 0 ? [] : [evidence("devices", "removed", removed.join(", "), "", from, to)]),
    ...(compared ? [] : [evidence("devices", "changed", true, "", from, to)]),
  ];
  board.clear(definition, subject, to);
}
