import { type EndedTrack, isDeviceSource } from "../../model/devices.ts";
import type { SessionModel } from "../../model/session.ts";
import { objectOf, stringOf } from "../../model/stat-members.ts";
import type { Board } from "../board.ts";
import { captureTrackSubject, isLastConnection } from "../capture-calls.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Moment, Occurrence } from "../view.ts";

const thresholds = { deviceChangeWithinSeconds: 2 };

export const definition: ObservationDefinition = {
  id: "capture-track-ended",
  category: "capture",
  tier: "A",
  title: "Microphone or camera stopped by itself",
  meaning: "A microphone or camera that was being sent ended, and the application had not stopped it.",
  domainHint: "publisher-device",
  effect: false,
  severities: ["info", "major", "critical"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "the track ended without stop() of the app, and 2 s later no other has taken its place; critical when it was the only source, info when nobody knows whether it was a device",
  clearText: "another live track of that kind, or another track on that sender",
  evidence: ["track.readyState", "track.source", "devices.removed", "derived.otherSources"],
  exceptions: [
    { guard: "G14", when: "the app stopped the track, or closed its connections" },
    { guard: "G14", when: "the page is left" },
    { guard: "G6", when: "the sender has another track by then" },
    {
      when: "it was a screen, a window, or something the page made itself: people end a screen share in the browser's own bar",
    },
  ],
  blindIn: "",
  signals: [{ family: "event", weight: 0.9, text: "the browser ended the track, the application did not" }],
  thresholds,
};

/** Microphone or camera stopped unexpectedly. */
export const captureTrackEnded: Detector = {
  definition,
  onTime({ model, at, board }: Moment): void {
    const { ended } = model.capture;
    if (ended.size === 0) return;
    const { deviceChangeWithinSeconds } = board.thresholds(definition, thresholds);
    for (const track of ended.values()) {
      // A device that was pulled out shows in the list of devices a moment before or after.
      if (track.judged || at - track.at < deviceChangeWithinSeconds * 1000) continue;
      track.judged = true;
      if (isDeviceSource(track.source)) raise(model, board, track, deviceChangeWithinSeconds * 1000);
    }
  },
  onEvent({ model, event, board }: Occurrence): void {
    if (model.capture.ended.size === 0) return;
    const data = objectOf(event.data) ?? {};
    if (event.name === "sender-track-replaced") {
      const from = stringOf(data, "from");
      const track = from === null ? undefined : model.capture.ended.get(from);
      if (track !== undefined) forget(model, board, track, event.at);
    } else if (event.name === "session-resumed") {
      forgetAll(model, board, event.at);
    } else if (event.name === "track-state-changed") {
      if (data["direction"] !== "local" || data["readyState"] !== "live") return;
      for (const track of model.capture.ended.values()) {
        if (track.kind === data["kind"]) forget(model, board, track, event.at);
      }
    }
  },
  onEnd({ model, connection, at, board }: Moment): void {
    if (isLastConnection(model, connection)) forgetAll(model, board, at);
  },
};

function raise(model: SessionModel, board: Board, track: EndedTrack, withinMs: number): void {
  const others = otherSources(model, track);
  const severity = track.source === null ? "info" : others === 0 ? "critical" : "major";
  const record = board.raise(definition, captureTrackSubject(track), track.at, severity);
  if (record === null) return;
  const { lastChange } = model.capture;
  const isNear =
    lastChange !== null && lastChange.at >= track.at - withinMs && lastChange.from <= track.at + withinMs;
  record.onEvidence = [
    evidence("track", "readyState", "ended", "", track.at, track.at),
    ...(track.source === null ? [] : [evidence("track", "source", track.source, "", track.at, track.at)]),
    ...(isNear && lastChange.removed.length > 0
      ? [evidence("devices", "removed", lastChange.removed.join(", "), "", lastChange.from, lastChange.at)]
      : []),
    evidence("derived", "otherSources", others, "", track.at, track.at),
  ];
  if (track.source === null) record.missing = ["track.source (track-state-changed)"];
}

/** Live local tracks besides this one. */
function otherSources(model: SessionModel, { trackId }: EndedTrack): number {
  let others = 0;
  for (const track of model.tracks.values()) {
    if (track.direction !== "local" || track.ended || track.trackId === trackId) continue;
    if (!model.capture.replaced.has(track.trackId)) others += 1;
  }
  return others;
}

function forget(model: SessionModel, board: Board, track: EndedTrack, at: number): void {
  board.clear(definition, captureTrackSubject(track), at);
  model.capture.ended.delete(track.trackId);
}

/** Nothing is captured any more: the connections are closed, or another page goes on with the session. */
function forgetAll(model: SessionModel, board: Board, at: number): void {
  for (const track of model.capture.ended.values()) {
    board.clear(definition, captureTrackSubject(track), at, "subject-removed");
  }
  model.capture.ended.clear();
}
