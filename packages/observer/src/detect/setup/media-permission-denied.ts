import { captureSubject, receivesMedia, screenSubject, sendsMedia } from "../capture-calls.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, Moment, Occurrence } from "../view.ts";

const thresholds = { excusedBySuccessWithinSeconds: 10 };

export const definition: ObservationDefinition = {
  id: "media-permission-denied",
  category: "setup",
  tier: "A",
  title: "Microphone or camera access refused",
  meaning: "The browser, the system or the person refused access to microphone or camera.",
  domainHint: "publisher-device",
  effect: false,
  severities: ["info", "major", "critical"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "getUserMedia was rejected with NotAllowedError; critical when no other media is sent, else major; a refused screen picker is info",
  clearText: "a later success for that kind; within 10 s it becomes info",
  evidence: [
    "event.error.name",
    "event.method",
    "derived.kindsAsked",
    "event.durationMs",
    "permissions.state",
    "event.outcome",
  ],
  exceptions: [
    { when: "the same kind is granted within 10 s" },
    { when: "a screen picker was cancelled: that is info" },
  ],
  blindIn: "",
  thresholds,
};

/** Microphone or camera access refused. */
export const mediaPermissionDenied: Detector = {
  definition,
  onEvent({ model, board, call }: Occurrence): void {
    if (call === null) return;
    if (call.fulfilled) {
      const { excusedBySuccessWithinSeconds } = board.thresholds(definition, thresholds);
      const granted = call.display ? [screenSubject] : call.kinds.map(captureSubject);
      for (const subject of granted) {
        const record = board.clear(definition, subject, call.at);
        if (record === null) continue;
        const success = evidence("event", "outcome", "fulfilled", "", call.at, call.at);
        record.clearEvidence = [success];
        if (call.at - record.startedAt > excusedBySuccessWithinSeconds * 1000) continue;
        record.severity = "info";
        record.counter = [success];
      }
      return;
    }
    if (call.errorName !== "NotAllowedError") return;
    const severity = call.display ? "info" : sendsMedia(model) ? "major" : "critical";
    for (const kind of call.display ? (["video"] as const) : call.kinds) {
      const subject = call.display ? screenSubject : captureSubject(kind);
      const record = board.raise(definition, subject, call.at, severity);
      if (record === null) continue;
      record.onEvidence = [
        evidence("event", "error.name", call.errorName, "", call.at, call.at),
        evidence("event", "method", call.display ? "getDisplayMedia" : "getUserMedia", "", call.at, call.at),
        evidence("derived", "kindsAsked", call.kinds.join(", "), "", call.at, call.at),
        ...known("event", "durationMs", call.durationMs, "ms", call.at - (call.durationMs ?? 0), call.at),
        ...known(
          "permissions",
          "state",
          call.display ? null : model.joining.permissions[kind],
          "",
          call.at,
          call.at,
        ),
      ];
      record.missing = call.kindsKnown ? [] : ["api-called.arguments"];
      // Someone who only listens lacks a device of the receiving side, by the catalogue.
      if (!sendsMedia(model) && receivesMedia(model)) record.domainHint = "receiver-device";
    }
  },
  onTime({ model, board }: Moment): void {
    if (board.records.length === 0) return;
    for (const kind of ["audio", "video"] as const) {
      const record = board.open(definition, captureSubject(kind));
      // Something else is sent after all: worse things would have been critical.
      if (record?.severity === "critical" && sendsMedia(model)) record.severity = "major";
    }
  },
};
