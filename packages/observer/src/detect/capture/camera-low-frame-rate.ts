import type { OutboundInterval, SourceInterval } from "../../derive/outbound-interval.ts";
import type { CapturedSource } from "../../model/captured-sources.ts";
import { attach } from "../board.ts";
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

const thresholds = {
  /** A source below this is looked at although nobody knows what it was set to. */
  suspiciousFramesPerSecond: 15,
  settlingSeconds: 10,
};

export const definition: ObservationDefinition = {
  id: "camera-low-frame-rate",
  category: "capture",
  tier: "A",
  title: "Camera delivers few frames",
  meaning: "The camera delivers less than half of the frames a second that it is set to.",
  domainHint: "publisher-device",
  effect: false,
  severities: ["minor"],
  unit: "%",
  // Of the frames that the settings promise, how many are missing.
  levels: [{ severity: "minor", on: 50, clear: 30 }],
  on: { rule: "share", need: 3, of: 5 },
  clearSeconds: 4,
  onText:
    "more than 50 % of the frames a second in the track's settings are missing, in 3 of the last 5 steps",
  clearText: "less than 30 % missing for 2 steps",
  evidence: [
    "derived.sourceFrameRate",
    "track.frameRate",
    "outbound-rtp.framesPerSecond",
    "outbound-rtp.frameHeight",
    "page.computePressure",
  ],
  exceptions: [
    { when: "the rate that was asked for is itself low" },
    { when: "bandwidth or processor limit the encoder: it takes fewer frames from the camera then" },
    { when: "the app limits the frame rate of an encoding" },
    { guard: "G1", when: "the camera is switched off, muted or over" },
    { guard: "G2", when: "the page is hidden" },
    { guard: "G4", when: "it is a screen share" },
    { guard: "G6", when: "the track was replaced a moment ago" },
    { guard: "G9", when: "the source began a moment ago" },
    { when: "no frame comes at all: that is `camera-no-frames`" },
  ],
  blindIn:
    "Where the settings of the track are not known, and in browsers that do not say what limits the encoder (Firefox), it is not computable.",
  signals: [
    {
      family: "media-source",
      weight: 0.6,
      text: "the source itself delivers fewer frames than it is set to",
    },
    { family: "encoder", weight: 0.5, text: "neither bandwidth nor processor limited the encoder" },
  ],
  thresholds,
};

/** Camera delivers fewer frames than configured. */
export const cameraLowFrameRate: Detector = {
  definition,
  onStep(view: View): void {
    const { connection, interval } = view;
    for (const outbound of interval.outbound) {
      const { source } = outbound;
      if (outbound.now.kind !== "video" || source === null || source.frames === null) continue;
      const captured = connection.sources.get(source.now.id);
      if (captured === undefined || !isFirstOfSource(outbound, interval.outbound)) continue;
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
  const { model, interval, board } = view;
  const { from, to } = interval;
  const frameRate = (source.frames ?? 0) / source.seconds;
  const configured = settingOf(view, captured);
  if (configured === null) {
    const { suspiciousFramesPerSecond } = board.thresholds(definition, thresholds);
    if (frameRate > 0 && frameRate < suspiciousFramesPerSecond) board.absent(definition, "track.frameRate");
    return;
  }
  const missing = Math.max(0, 100 * (1 - frameRate / configured));
  const [level] = board.inForce(definition).levels;
  if (!captured.wasSlow && (level === undefined || missing <= level.on)) return;
  if (outbound.now.qualityLimitationReason === null) {
    board.absent(definition, "outbound-rtp.qualityLimitationReason");
    return;
  }
  captured.wasSlow = true;
  const isExcluded = source.frames === 0 || isExpected(view, outbound, captured);
  const change = board.vote(definition, captured.subject, from, to, isExcluded ? null : missing);
  if (change === null) return;
  const pressure = model.machine.pressure?.state ?? null;
  attach(change, [
    evidence("derived", "sourceFrameRate", frameRate, "frames/s", from, to, configured / 2),
    evidence("track", "frameRate", configured, "frames/s", from, to),
    ...known("outbound-rtp", "framesPerSecond", outbound.now.framesPerSecond, "frames/s", to, to),
    ...known("outbound-rtp", "frameHeight", outbound.now.frameHeight, "px", to, to),
    ...known("page", "computePressure", pressure, "", to, to),
  ]);
}

/** Frames a second that the track is set to; null when nobody said, or it is no camera. */
function settingOf({ model }: View, { trackId }: CapturedSource): number | null {
  if (trackId === null || localTrack(model, trackId)?.source !== "camera") return null;
  const frameRate = model.capture.settings.get(trackId)?.frameRate ?? null;
  return frameRate === null || frameRate <= 0 ? null : frameRate;
}

function isExpected(view: View, outbound: OutboundInterval, captured: CapturedSource): boolean {
  const { model, connection, interval, board } = view;
  const { stream } = outbound;
  if (connection.state !== "connected") return true;
  const { settlingSeconds } = board.thresholds(definition, thresholds);
  return (
    model.capture.frameRateLimited ||
    isLimited(outbound, interval.outbound) ||
    interval.to - stream.firstSeenAt < settlingSeconds * 1000 ||
    sourceIsOff(model, captured.trackId) === true ||
    isScreenShare(model, stream) ||
    pageIsHidden(model, interval.to) ||
    isReplacingTrack(connection, "video", interval.to) ||
    !isSentByDesign(model, connection, outbound, interval.outbound)
  );
}

/** An encoder that has to save takes fewer frames from its source: the source shows what the encoder wanted. */
function isLimited({ source }: OutboundInterval, all: readonly OutboundInterval[]): boolean {
  for (const layer of all) {
    if (layer.source?.now.id !== source?.now.id) continue;
    const { qualityLimitationReason } = layer.now;
    if (qualityLimitationReason !== null && qualityLimitationReason !== "none") return true;
    if ((layer.limitedByBandwidth ?? 0) > 0 || (layer.limitedByCpu ?? 0) > 0) return true;
  }
  return false;
}
