import type { SessionModel } from "../../model/session.ts";
import { type CaptureCall, captureSubject } from "../capture-calls.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, Occurrence } from "../view.ts";

const thresholds = { excusedBySuccessWithinSeconds: 5 };

/** Names of the error; the last two are those of Chromium before 2017. */
const errorNames: ReadonlySet<string> = new Set([
  "NotReadableError",
  "AbortError",
  "TrackStartError",
  "SourceUnavailableError",
]);

export const definition: ObservationDefinition = {
  id: "media-device-in-use",
  category: "setup",
  tier: "A",
  title: "Microphone or camera could not be opened",
  meaning: "The device is there, and the system did not hand it over: most often another program has it.",
  domainHint: "publisher-device",
  effect: false,
  severities: ["info", "major"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "getUserMedia was rejected with NotReadableError or AbortError; only for the kind that the browser names, when it names one",
  clearText: "a later success for that kind; within 5 s it becomes info",
  evidence: [
    "event.error.name",
    "derived.kindsAsked",
    "devices.audioInputs",
    "devices.videoInputs",
    "context.osName",
    "context.browserName",
    "event.outcome",
  ],
  exceptions: [
    { when: "the device opens on another try within 5 s, as when devices are switched: that is info" },
  ],
  blindIn: "Whether another tab of the same app or another program has the device is not visible to a page.",
  signals: [
    { family: "event", weight: 0.9, text: "the browser could not open a device that the system lists" },
  ],
  thresholds,
};

/** The device cannot be opened. */
export const mediaDeviceInUse: Detector = {
  definition,
  onEvent({ model, board, call }: Occurrence): void {
    if (call === null || call.display) return;
    if (call.fulfilled) {
      const { excusedBySuccessWithinSeconds } = board.thresholds(definition, thresholds);
      for (const kind of call.kinds) {
        const record = board.clear(definition, captureSubject(kind), call.at);
        if (record === null) continue;
        const success = evidence("event", "outcome", "fulfilled", "", call.at, call.at);
        record.clearEvidence = [success];
        if (call.at - record.startedAt > excusedBySuccessWithinSeconds * 1000) continue;
        record.severity = "info";
        record.counter = [success];
      }
      return;
    }
    if (call.errorName === null || !errorNames.has(call.errorName)) return;
    for (const kind of namedKinds(call)) {
      const record = board.raise(definition, captureSubject(kind), call.at, "major");
      if (record === null) continue;
      record.onEvidence = describe(model, call);
      record.missing = call.kindsKnown ? [] : ["api-called.arguments"];
    }
  },
};

/** Browsers say which source did not start: "Could not start video source", "Failed to allocate videosource". */
function namedKinds({ kinds, errorMessage }: CaptureCall): readonly ("audio" | "video")[] {
  const named = kinds.filter((kind) => new RegExp(`${kind} ?source`, "i").test(errorMessage ?? ""));
  return named.length === 0 ? kinds : named;
}

function describe({ devices, context }: SessionModel, call: CaptureCall): ReturnType<typeof evidence>[] {
  const { at } = call;
  const text = (member: string): string | null => {
    const value = context[member];
    return typeof value === "string" ? value : null;
  };
  return [
    ...known("event", "error.name", call.errorName, "", at, at),
    evidence("derived", "kindsAsked", call.kinds.join(", "), "", at, at),
    ...known("devices", "audioInputs", devices?.audioInputs ?? null, "", at, at),
    ...known("devices", "videoInputs", devices?.videoInputs ?? null, "", at, at),
    ...known("context", "osName", text("osName"), "", at, at),
    ...known("context", "browserName", text("browserName"), "", at, at),
  ];
}
