import type { CaptureSettings } from "../../model/devices.ts";
import type { SessionModel, Track } from "../../model/session.ts";
import type { Board } from "../board.ts";
import { captureTrackSubject, isLastConnection } from "../capture-calls.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Moment, Occurrence } from "../view.ts";

export const definition: ObservationDefinition = {
  id: "audio-processing-off",
  category: "capture",
  tier: "B",
  title: "Audio processing switched off",
  meaning:
    "Echo cancellation, noise suppression or automatic gain of the microphone is off, because the application asked for that or the browser has none.",
  domainHint: "application",
  effect: false,
  severities: ["info"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText: "the settings of a live microphone track say false for any of the three",
  clearText: "none of them is false any more, or the track is over or replaced",
  evidence: ["track.echoCancellation", "track.noiseSuppression", "track.autoGainControl"],
  exceptions: [{ when: "the sound does not come from a microphone" }],
  blindIn: "What a browser does not name in the settings of the track is not known.",
  thresholds: {},
};

const switches = ["echoCancellation", "noiseSuppression", "autoGainControl"] as const;

/** AEC, NS or AGC disabled by constraints. */
export const audioProcessingOff: Detector = {
  definition,
  onTime({ model, at, board }: Moment): void {
    const { settings, settingsChangedAt } = model.capture;
    if (settingsChangedAt === null) return;
    model.capture.settingsChangedAt = null;
    for (const [trackId, current] of settings) {
      const track = model.tracks.get(trackId);
      if (track === undefined || track.kind !== "audio") continue;
      const subject = captureTrackSubject(track);
      if (!isMicrophoneInUse(model, track)) {
        board.clear(definition, subject, settingsChangedAt, "subject-removed");
        continue;
      }
      if (!isAnyOff(current)) {
        board.clear(definition, subject, settingsChangedAt);
        continue;
      }
      const record = board.raise(definition, subject, track.changedAt, "info");
      if (record === null) continue;
      record.onEvidence = switches.flatMap((name) =>
        current[name] === null ? [] : [evidence("track", name, current[name], "", track.changedAt, at)],
      );
    }
  },
  onEvent({ model, event, board }: Occurrence): void {
    if (event.name === "session-resumed") forgetAll(model, board, event.at);
  },
  onEnd({ model, connection, at, board }: Moment): void {
    if (isLastConnection(model, connection)) forgetAll(model, board, at);
  },
};

function isMicrophoneInUse({ capture }: SessionModel, { source, ended, trackId }: Track): boolean {
  return source === "microphone" && !ended && !capture.replaced.has(trackId);
}

function isAnyOff(settings: CaptureSettings): boolean {
  return switches.some((name) => settings[name] === false);
}

/** Nothing is captured any more: the connections are closed, or another page goes on with the session. */
function forgetAll(model: SessionModel, board: Board, at: number): void {
  for (const trackId of model.capture.settings.keys()) {
    const track = model.tracks.get(trackId);
    if (track !== undefined) board.clear(definition, captureTrackSubject(track), at, "subject-removed");
  }
}
