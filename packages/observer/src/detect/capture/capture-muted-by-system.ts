import { type MutedTrack, isDeviceSource } from "../../model/devices.ts";
import type { SessionModel } from "../../model/session.ts";
import { objectOf, stringOf } from "../../model/stat-members.ts";
import type { Board } from "../board.ts";
import { captureTrackSubject, isLastConnection } from "../capture-calls.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, Moment, Occurrence } from "../view.ts";

const thresholds = { mutedForSeconds: 10 };

/** Without a record for this long the machine slept, and nothing lasted (guard G8). Ours: longer than any sampling interval. */
const asleepMs = 20_000;

export const definition: ObservationDefinition = {
  id: "capture-muted-by-system",
  category: "capture",
  tier: "A",
  title: "Microphone or camera muted by the system",
  meaning:
    "The browser or the operating system mutes a microphone or camera that the application has switched on.",
  domainHint: "publisher-device",
  effect: false,
  severities: ["info", "major"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "`muted` of the local track for 10 s while it is live and enabled; info when nobody knows whether it is a device",
  clearText: "unmuted, switched off by the app, replaced or over",
  evidence: ["track.muted", "track.enabled", "track.source", "page.visible", "context.osName"],
  exceptions: [
    { guard: "G1", when: "the app switched the track off" },
    { guard: "G6", when: "the sender has another track" },
    { guard: "G8", when: "the machine slept" },
    { guard: "G14", when: "the track is over" },
    { when: "it is a screen or window: those mute while there is nothing to show" },
  ],
  blindIn: "",
  signals: [{ family: "event", weight: 0.9, text: "the browser muted the source, the application did not" }],
  thresholds,
};

/** OS or browser muted the source. */
export const captureMutedBySystem: Detector = {
  definition,
  onTime({ model, at, board }: Moment): void {
    const { muted } = model.capture;
    if (muted.size === 0) return;
    const forMs = board.thresholds(definition, thresholds).mutedForSeconds * 1000;
    for (const track of muted.values()) {
      if (at - track.seenAt > asleepMs) track.since = at;
      track.seenAt = at;
      if (track.raised || at - track.since < forMs || !isDeviceSource(track.source)) continue;
      track.raised = true;
      raise(model, board, track, at);
    }
  },
  onEvent({ model, event, board }: Occurrence): void {
    if (model.capture.muted.size === 0) return;
    const data = objectOf(event.data) ?? {};
    if (event.name === "sender-track-replaced") {
      const track = mutedTrack(model, stringOf(data, "from"));
      if (track !== undefined)
        board.clear(definition, captureTrackSubject(track), event.at, "subject-removed");
    } else if (event.name === "session-resumed") {
      forgetAll(model, board, event.at);
    } else if (event.name === "track-state-changed") {
      const track = mutedTrack(model, stringOf(data, "trackId"));
      if (track === undefined) return;
      if (data["readyState"] === "ended")
        board.clear(definition, captureTrackSubject(track), event.at, "subject-removed");
      else if (data["muted"] !== true || data["enabled"] === false)
        board.clear(definition, captureTrackSubject(track), event.at);
    }
  },
  onEnd({ model, connection, at, board }: Moment): void {
    if (isLastConnection(model, connection)) forgetAll(model, board, at);
  },
};

function mutedTrack(model: SessionModel, trackId: string | null): MutedTrack | undefined {
  return trackId === null ? undefined : model.capture.muted.get(trackId);
}

function raise(model: SessionModel, board: Board, track: MutedTrack, at: number): void {
  const { since, source } = track;
  const record = board.raise(
    definition,
    captureTrackSubject(track),
    since,
    source === null ? "info" : "major",
  );
  if (record === null) return;
  const osName = model.context["osName"];
  record.onEvidence = [
    evidence("track", "muted", true, "", since, at),
    evidence("track", "enabled", true, "", since, at),
    ...known("track", "source", source, "", since, at),
    evidence("page", "visible", model.visible, "", since, at),
    ...(typeof osName === "string" ? [evidence("context", "osName", osName, "", since, at)] : []),
  ];
  if (source === null) record.missing = ["track.source (track-state-changed)"];
}

/** Nothing is captured any more: the connections are closed, or another page goes on with the session. */
function forgetAll(model: SessionModel, board: Board, at: number): void {
  for (const track of model.capture.muted.values()) {
    board.clear(definition, captureTrackSubject(track), at, "subject-removed");
  }
  model.capture.muted.clear();
}
