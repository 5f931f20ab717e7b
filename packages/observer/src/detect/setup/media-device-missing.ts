import type { SessionModel } from "../../model/session.ts";
import { asksForOneDevice, type CaptureCall, captureSubject } from "../capture-calls.ts";
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
      when: "one device was asked for by its id and others of its kind are there: that is media-constraints-unsatisfiable",
    },
    { when: "sound and picture were asked for and only one of them has no device: said of that one alone" },
    { when: "devices of all kinds asked for are there and no id was named: that is info" },
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
    const present = counted.length === call.kinds.length && missing.length === 0;
    if (present && call.kinds.some((kind) => asksForOneDevice(call, kind))) return;
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

/** Is a device of a kind that was asked for missing, or not known to be there? */
export function lacksDevice(model: SessionModel, { kinds }: CaptureCall): boolean {
  return kinds.some((kind) => (countOf(model, kind) ?? 0) === 0);
}

function countOf(model: SessionModel, kind: "audio" | "video"): number | null {
  if (model.devices === null) return null;
  return kind === "audio" ? model.devices.audioInputs : model.devices.videoInputs;
}
