import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { isReplacingTrack, isSendingAnew, isSwitchingLayer } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";
import { type VideoSender, videoSenders } from "./video-sender.ts";

const thresholds = {
  /** Encoded of the frames that the source delivers, below and above which frames are left out or not. Catalogue. */
  encodedShareRaises: 0.7,
  encodedShareClears: 0.85,
  /** A source below it is slow on purpose. Catalogue. */
  minimumSourceFramesPerSecond: 5,
  /**
   * How busy an encoder is that leaves out frames because it has no time, %. Ours: with `maxFramerate`, and in the first seconds of
   * a narrow path (cap-150kbps capture: 30 to 8 frames a second at 2 ms a frame), frames are left out by an idle encoder.
   */
  busyPercent: 50,
};

export const definition: ObservationDefinition = {
  id: "encoder-overloaded",
  category: "cpu",
  tier: "A",
  title: "Encoding takes too long",
  meaning: "This device needs nearly all the time between two frames to encode one, and leaves frames out.",
  domainHint: "publisher-device",
  effect: false,
  severities: ["major"],
  unit: "%",
  levels: [{ severity: "major", on: 60, clear: 50 }],
  on: { rule: "share", need: 3, of: 5, strong: 2 },
  clearSeconds: 10,
  onText:
    "encoding a frame takes more than 60 % of the time from frame to frame in 3 of 5 steps (more than 120 % counts twice); where less than 70 % of the source's frames are encoded and bandwidth is not the limit, time is that between frames of the source",
  clearText: "below 50 % for 10 s",
  evidence: [
    "outbound-rtp.totalEncodeTime",
    "outbound-rtp.framesEncoded",
    "media-source.frames",
    "outbound-rtp.encoderImplementation",
    "outbound-rtp.powerEfficientEncoder",
    "outbound-rtp.frameHeight",
    "derived.layers",
  ],
  exceptions: [
    { when: "frames are left out for bandwidth" },
    { when: "the app caps the frame rate: the encoder is idle then" },
    { when: "a hardware encoder takes its time and leaves no frame out: that is its pipeline" },
    { when: "the source itself delivers less than 5 frames a second" },
    { guard: "G5", when: "a layer was switched a moment ago" },
    { guard: "G6", when: "the track is being replaced" },
    { guard: "G9", when: "the stream began less than 15 s ago" },
  ],
  blindIn: "",
  thresholds,
};

/** Encoding takes too long. */
export const encoderOverloaded: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    for (const sender of videoSenders(interval.outbound)) {
      const { stream } = sender.lead;
      const { encodeMs, encodedRate, sourceRate } = sender;
      if (sender.layers === 0 || (encodedRate === 0 && (sourceRate ?? 0) === 0)) {
        // Switched off: with nothing to encode, what was too much is over.
        board.vote(definition, stream.subject, from, to, 0);
        continue;
      }
      if (encodedRate === null || sender.lead.totalEncodeTime === null) {
        board.absent(definition, "outbound-rtp.totalEncodeTime");
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      const inForce = board.inForce(definition);
      const excluded =
        (sourceRate ?? encodedRate) < (inForce.thresholds["minimumSourceFramesPerSecond"] ?? 0) ||
        isSendingAnew(model, connection, stream, to) ||
        isSwitchingLayer(stream, to) ||
        isReplacingTrack(connection, "video", to);
      const value = excluded || encodeMs === null ? null : load(sender, encodeMs, encodedRate, inForce);
      const change = board.vote(definition, stream.subject, from, to, value);
      if (change === null) continue;
      const { encoderImplementation, powerEfficientEncoder } = sender.lead.now;
      attach(change, [
        ...known("outbound-rtp", "totalEncodeTime", encodeMs, "ms", from, to),
        evidence("outbound-rtp", "framesEncoded", encodedRate, "per second", from, to),
        ...known("media-source", "frames", sourceRate, "per second", from, to),
        ...known("outbound-rtp", "encoderImplementation", encoderImplementation, "", from, to),
        ...(powerEfficientEncoder === null
          ? []
          : [evidence("outbound-rtp", "powerEfficientEncoder", powerEfficientEncoder, "", from, to)]),
        ...known("outbound-rtp", "frameHeight", sender.height, "px", from, to),
        evidence("derived", "layers", sender.layers, "", from, to),
      ]);
    }
  },
};

/** How much of the time that a frame may take is taken, %. */
function load(
  { sourceRate, bandwidthLimited, powerEfficient }: VideoSender,
  encodeMs: number,
  encodedRate: number,
  { thresholds: limits, levels }: ObservationDefinition,
): number {
  const busy = (encodeMs * encodedRate) / 10;
  const share = sourceRate === null || sourceRate <= 0 ? 1 : encodedRate / sourceRate;
  const leftOut = !bandwidthLimited && share < (limits["encodedShareRaises"] ?? 0);
  if (leftOut && sourceRate !== null && (powerEfficient || busy >= (limits["busyPercent"] ?? 0))) {
    return Math.max(busy, (encodeMs * sourceRate) / 10);
  }
  if (!powerEfficient) return busy;
  // Between the two limits nothing is raised and nothing let go.
  return share > (limits["encodedShareClears"] ?? 0) ? 0 : Math.min(busy, levels[0]?.on ?? 0);
}
