import type { JsonValue } from "@peerscope/schema";
import type { SessionModel } from "../../model/session.ts";
import { objectOf } from "../../model/stat-members.ts";
import { asksForOneDevice, type CaptureCall, captureSubject } from "../capture-calls.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, Occurrence } from "../view.ts";
import { lacksDevice } from "./media-device-missing.ts";

export const definition: ObservationDefinition = {
  id: "media-constraints-unsatisfiable",
  category: "setup",
  tier: "A",
  title: "No device meets what the app asked for",
  meaning: "The application asked for a microphone or camera with properties that none here has.",
  domainHint: "application",
  effect: false,
  severities: ["major"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "getUserMedia was rejected with OverconstrainedError; or with NotFoundError when one device was asked for by its id and others of its kind are there",
  clearText: "a later success for that kind",
  evidence: [
    "event.error.name",
    "event.error.constraint",
    "derived.constraintValue",
    "derived.kindsAsked",
    "devices.audioInputs",
    "devices.videoInputs",
    "event.outcome",
  ],
  exceptions: [{ when: "there is no device of the kind at all: that is media-device-missing" }],
  blindIn: "",
  signals: [
    {
      family: "event",
      weight: 0.9,
      text: "the browser refused the constraints, not the person or the device",
    },
  ],
  thresholds: {},
};

/** Constraints cannot be met. */
export const mediaConstraintsUnsatisfiable: Detector = {
  definition,
  onEvent({ model, board, call }: Occurrence): void {
    if (call === null || call.display) return;
    const kinds = call.fulfilled ? call.kinds : unmetKinds(model, call);
    for (const kind of kinds) {
      const subject = captureSubject(kind);
      if (call.fulfilled) {
        const record = board.clear(definition, subject, call.at);
        if (record === null) continue;
        record.clearEvidence = [evidence("event", "outcome", "fulfilled", "", call.at, call.at)];
        continue;
      }
      const record = board.raise(definition, subject, call.at, "major");
      if (record === null) continue;
      record.onEvidence = describe(model, call, kind);
      record.missing = call.kindsKnown ? [] : ["api-called.arguments"];
    }
  },
};

/** Kinds whose constraints were too much: those that name the constraint, all that were asked for when none or all do. */
function unmetKinds(model: SessionModel, call: CaptureCall): readonly ("audio" | "video")[] {
  const { errorName, constraint, constraints, kinds } = call;
  if (errorName === "OverconstrainedError" || errorName === "ConstraintNotSatisfiedError") {
    const naming = kinds.filter((kind) => constraintIn(constraints?.[kind], constraint) !== undefined);
    return naming.length === 0 ? kinds : naming;
  }
  if (errorName !== "NotFoundError" && errorName !== "DevicesNotFoundError") return [];
  if (lacksDevice(model, call)) return [];
  return kinds.filter((kind) => asksForOneDevice(call, kind));
}

function constraintIn(asked: JsonValue | undefined, name: string | null): JsonValue | undefined {
  const members = objectOf(asked);
  return members === null || name === null ? undefined : members[name];
}

function describe(
  { devices }: SessionModel,
  call: CaptureCall,
  kind: "audio" | "video",
): ReturnType<typeof evidence>[] {
  const { at } = call;
  const constraint = call.constraint ?? (asksForOneDevice(call, kind) ? "deviceId" : null);
  const value = constraintIn(call.constraints?.[kind], constraint);
  // Of a device the id is not recorded: that one was asked for is all there is to know.
  const shown = value === undefined || value === true ? null : JSON.stringify(value).slice(0, 100);
  return [
    ...known("event", "error.name", call.errorName, "", at, at),
    ...known("event", "error.constraint", constraint, "", at, at),
    ...known("derived", "constraintValue", shown, "", at, at),
    evidence("derived", "kindsAsked", call.kinds.join(", "), "", at, at),
    ...known("devices", "audioInputs", devices?.audioInputs ?? null, "", at, at),
    ...known("devices", "videoInputs", devices?.videoInputs ?? null, "", at, at),
  ];
}
