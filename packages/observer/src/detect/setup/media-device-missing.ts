import type { SessionModel } from "../../model/session.ts";
import { captureSubject } from "../capture-calls.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, Occurrence } from "../view.ts";

export const definition: ObservationDefinition = {
  id: "media-device-missing",
  category: "setup",
  tier: "A",
  title: "No microphone or camera found",
  meaning: "The application asked for a microphone or camera that this machine does not have.",
  domainHint: "publisher-device",
  effect: false,
  severities: ["info", "major"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "getUserMedia was rejected with NotFoundError; only for the kind without a device when their numbers are known; info when devices of all kinds asked for exist",
  clearText: "a later success for that kind",
  evidence: [
    "event.error.name",
    "devices.audioInputs",
    "devices.videoInputs",
    "derived.kindsAsked",
    "event.outcome",
  ],
  exceptions: [
    {
      when: "the request named one device by its id and others are there: the constraints were wrong, not the device",
    },
  ],
  blindIn: "",
  thresholds: {},
};

/** No such device. */
export const mediaDeviceMissing: Detector = {
  definition,
  onEvent({ model, board, call }: Occurrence): void {
    if (call === null || call.display) return;
    if (call.fulfilled) {
      for (const kind of call.kinds) {
        const record = board.clear(definition, captureSubject(kind), call.at);
        if (record === null) continue;
        record.clearEvidence = [evidence("event", "outcome", "fulfilled", "", call.at, call.at)];
      }
      return;
    }
    if (call.errorName !== "NotFoundError" && call.errorName !== "DevicesNotFoundError") return;
    const counted = call.kinds.filter((kind) => countOf(model, kind) !== null);
    const missing = call.kinds.filter((kind) => countOf(model, kind) === 0);
    // Devices of every kind are there: a deviceId that is gone, which is the application's constraint.
    const present = counted.length === call.kinds.length && missing.length === 0;
    const blamed = missing.length > 0 ? missing : call.kinds;
    for (const kind of blamed) {
      const record = board.raise(definition, captureSubject(kind), call.at, present ? "info" : "major");
      if (record === null) continue;
      const counts = [
        ...known("devices", "audioInputs", countOf(model, "audio"), "", call.at, call.at),
        ...known("devices", "videoInputs", countOf(model, "video"), "", call.at, call.at),
      ];
      record.onEvidence = [
        evidence("event", "error.name", call.errorName, "", call.at, call.at),
        evidence("derived", "kindsAsked", call.kinds.join(", "), "", call.at, call.at),
        ...counts,
      ];
      if (present) record.counter = counts;
      record.missing = counted.length === call.kinds.length ? [] : ["devices-changed"];
    }
  },
};

function countOf(model: SessionModel, kind: "audio" | "video"): number | null {
  if (model.devices === null) return null;
  return kind === "audio" ? model.devices.audioInputs : model.devices.videoInputs;
}
