import type { OutboundInterval, SourceInterval } from "../../derive/outbound-interval.ts";
import type { CapturedSource } from "../../model/captured-sources.ts";
import type { ObservationDefinition } from "../definition.ts";
import {
  isFirstOfSource,
  isReplacingTrack,
  isScreenShare,
  isSentByDesign,
  localTrack,
  pageIsHidden,
  sourceIsOff,
} from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

const thresholds = { withoutFramesSeconds: 5 };

export const definition: ObservationDefinition = {
  id: "camera-no-frames",
  category: "capture",
  tier: "A",
  title: "Camera delivers no picture",
  meaning: "The camera is on and not muted, and no frame comes from it.",
  domainHint: "publisher-device",
  effect: false,
  severities: ["info", "major"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "no new frame of the source for 5 s while the track is live, enabled, not muted and negotiated to be sent; info when nobody knows whether it was switched off",
  clearText: "frames in 2 steps in a row, or the track is switched off",
  evidence: [
    "media-source.frames",
    "media-source.framesPerSecond",
    "outbound-rtp.framesEncoded",
    "derived.withoutFramesSeconds",
    "track.enabled",
  ],
  exceptions: [
    { guard: "G1", when: "the camera is switched off, muted or over" },
    { guard: "G2", when: "the page is hidden: what it draws or plays itself stands still then" },
    { guard: "G4", when: "it is a screen share: nothing moves on the screen" },
    { guard: "G6", when: "the track is being replaced" },
    { guard: "G14", when: "the call is on hold, or every encoding is switched off" },
    { when: "the page makes the picture itself, from a canvas for instance" },
  ],
  blindIn:
    "Where the source has no count of frames it is not computable. A covered lens delivers black frames and is not seen.",
  signals: [
    { family: "media-source", weight: 0.6, text: "the source itself delivers no frame" },
    { family: "track", weight: 0.5, text: "the track is live, enabled and not muted" },
  ],
  thresholds,
};

/** Unmuted camera delivers nothing. */
export const cameraNoFrames: Detector = {
  definition,
  onStep(view: View): void {
    const { connection, interval } = view;
    for (const outbound of interval.outbound) {
      const { source } = outbound;
      if (outbound.now.kind !== "video" || source === null) continue;
      const captured = connection.sources.get(source.now.id);
      if (captured === undefined || !isFirstOfSource(outbound, interval.outbound)) continue;
      if (source.frames === null) {
        view.board.absent(definition, "media-source.frames");
        continue;
      }
      view.board.present(definition);
      if (source.frames > 0 && captured.stillSince === null && !captured.foundStill) continue;
      judge(view, outbound, source, captured);
    }
  },
};

function judge(
  view: View,
  outbound: OutboundInterval,
  source: SourceInterval,
  captured: CapturedSource,
): void {
  const { model, board, interval } = view;
  const { from, to } = interval;
  if (sourceIsOff(model, captured.trackId) === true) {
    if (captured.foundStill) letGo(view, captured, from);
    captured.stillSince = null;
    return;
  }
  if (isExpected(view, outbound, captured)) {
    captured.stillSince = null;
    return;
  }
  if ((source.frames ?? 0) > 0) {
    captured.stillSince = null;
    if (!captured.foundStill) return;
    if (captured.advancingSince === null) captured.advancingSince = from;
    else letGo(view, captured, captured.advancingSince, source);
    return;
  }
  captured.advancingSince = null;
  captured.stillSince ??= from;
  const { withoutFramesSeconds } = board.thresholds(definition, thresholds);
  const since = captured.stillSince;
  if (captured.foundStill || to - since < withoutFramesSeconds * 1000) return;
  captured.foundStill = true;
  // Statistics alone cannot tell a camera that is switched off from a dead one: context then, not an accusation.
  const isKnown = localTrack(model, captured.trackId)?.source === "camera";
  const record = board.raise(definition, captured.subject, since, isKnown ? "major" : "info");
  if (record === null) return;
  record.onEvidence = [
    evidence("media-source", "frames", 0, "frames", since, to),
    ...known("media-source", "framesPerSecond", source.now.framesPerSecond, "frames/s", to, to),
    ...known("outbound-rtp", "framesEncoded", outbound.framesEncoded, "frames", from, to),
    evidence("derived", "withoutFramesSeconds", (to - since) / 1000, "s", since, to, withoutFramesSeconds),
    ...(isKnown ? [evidence("track", "enabled", true, "", since, to)] : []),
  ];
  if (!isKnown) record.missing = ["track.enabled (track-state-changed)"];
}

/** Guards G2, G4, G6, G14, and pictures that the page makes itself. */
function isExpected(
  { model, connection, interval }: View,
  outbound: OutboundInterval,
  captured: CapturedSource,
): boolean {
  const { stream } = outbound;
  return (
    connection.state !== "connected" ||
    localTrack(model, captured.trackId)?.source === "other" ||
    isScreenShare(model, stream) ||
    pageIsHidden(model, interval.to) ||
    isReplacingTrack(connection, "video", interval.to) ||
    !isSentByDesign(model, connection, outbound, interval.outbound)
  );
}

function letGo(
  { board, interval }: View,
  captured: CapturedSource,
  at: number,
  source?: SourceInterval,
): void {
  captured.foundStill = false;
  captured.advancingSince = null;
  const record = board.clear(definition, captured.subject, at);
  if (record === null || source === undefined) return;
  record.clearEvidence = known("media-source", "frames", source.frames, "frames", interval.from, interval.to);
}
