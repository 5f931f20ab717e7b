import { ratio } from "../../derive/delta.ts";
import type { InboundInterval } from "../../derive/inbound-interval.ts";
import type { InboundStream } from "../../model/streams.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { isRampingUp, isSwitchingLayer, pageIsHidden } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

const thresholds = {
  /** Frames dropped of those decoded or dropped: raised above, cleared below. Catalogue. */
  droppedRaisesPercent: 10,
  droppedClearsPercent: 5,
  /** Packets lost above which the network explains it. Catalogue. */
  lossPercent: 2,
  /**
   * How busy a decoder is that drops frames because it has no time, %. Ours: frames that a server repairs late are dropped by
   * decoders that need a few percent.
   */
  busyPercent: 30,
  /** Jitter above which frames come too late to be decoded. Ours: the mildest level of video jitter. */
  lateJitterMs: 60,
  /** Share of the usual frame rate below which the sender sends less than it did. Ours, as for the encoder's frames. */
  steadyFrameShare: 0.7,
  minimumFrames: 10,
};

/** Of the frame rate that was usual, what counts on after a step. Ours: follows a new rate within half a minute. */
const usualShare = 0.9;

export const definition: ObservationDefinition = {
  id: "decoder-overloaded",
  category: "cpu",
  tier: "A",
  title: "Decoding cannot keep up",
  meaning:
    "This device needs nearly all the time between two frames to decode one, or drops frames it received.",
  domainHint: "receiver-device",
  effect: false,
  severities: ["major"],
  unit: "%",
  levels: [{ severity: "major", on: 60, clear: 50 }],
  on: { rule: "share", need: 3, of: 5, strong: 1.5 },
  clearSeconds: 10,
  onText:
    "decoding a frame takes more than 60 % of the time from frame to frame, or more than 10 % of the frames are dropped by a busy decoder, or from all streams at once, in 3 of 5 steps (more than 90 % counts twice), with less than 2 % loss while the sender's frame rate is steady",
  clearText: "below 50 %, and less than 5 % dropped, for 10 s",
  evidence: [
    "inbound-rtp.totalDecodeTime",
    "inbound-rtp.framesDropped",
    "inbound-rtp.framesDecoded",
    "inbound-rtp.framesReceived",
    "inbound-rtp.decoderImplementation",
    "inbound-rtp.frameHeight",
    "derived.decodedStreams",
  ],
  exceptions: [
    { when: "the sender's own frame rate fell: its device may be slow, not this one" },
    { when: "packets are lost, or come so unevenly that frames are late" },
    { when: "frames of one stream are dropped by a decoder that has time: they came too late" },
    { when: "frames are dropped while sound of the same connection is lost or patched over" },
    { guard: "G2", when: "the page is hidden" },
    { guard: "G5", when: "the layer or resolution was switched a moment ago" },
    { guard: "G9", when: "the stream is still starting" },
    { guard: "G12", when: "fewer than 10 frames came in the step" },
  ],
  blindIn: "",
  signals: [
    {
      family: "decoder",
      weight: 0.6,
      text: "decoding takes the time that frames have, or frames are dropped",
    },
    {
      family: "control",
      weight: 0.5,
      text: "frames came at their usual rate and next to nothing was lost on the way",
    },
  ],
  thresholds,
};

/** Decoding cannot keep up. */
export const decoderOverloaded: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    for (const inbound of interval.inbound) {
      const { stream } = inbound;
      if (stream.kind !== "video") continue;
      const decodeSeconds = ratio(inbound.totalDecodeTime, inbound.framesDecoded);
      const droppedShare = shareDropped(inbound);
      const steady = comesSteadily(stream, inbound, board.inForce(definition).thresholds);
      if (inbound.framesReceived === 0 && inbound.framesDecoded === 0) {
        // With nothing to decode, what was too much is over.
        board.vote(definition, stream.subject, from, to, 0);
        continue;
      }
      if (inbound.totalDecodeTime === null && droppedShare === null) {
        board.absent(definition, "inbound-rtp.totalDecodeTime");
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      const inForce = board.inForce(definition);
      const { thresholds: limits, levels } = inForce;
      const excluded =
        !steady ||
        isDisturbed(stream, inbound, limits) ||
        pageIsHidden(model, to) ||
        isSwitchingLayer(stream, to) ||
        isRampingUp(model, connection, stream, to);
      let value: number | null = null;
      if (!excluded) {
        const busy = ratio(inbound.totalDecodeTime, inbound.seconds);
        const level = levels[0];
        value = Math.max(
          busy === null ? 0 : 100 * busy,
          level === undefined || !dropsForLackOfTime(inbound, interval.inbound, limits)
            ? 0
            : asLoad(100 * (droppedShare ?? 0), level, limits),
        );
      }
      const change = board.vote(definition, stream.subject, from, to, value);
      if (change === null) continue;
      const perSecond = (count: number | null): number | null =>
        count === null ? null : count / inbound.seconds;
      attach(change, [
        ...known(
          "inbound-rtp",
          "totalDecodeTime",
          decodeSeconds === null ? null : 1000 * decodeSeconds,
          "ms",
          from,
          to,
        ),
        ...known("inbound-rtp", "framesDecoded", perSecond(inbound.framesDecoded), "per second", from, to),
        ...known("inbound-rtp", "framesReceived", perSecond(inbound.framesReceived), "per second", from, to),
        ...known("inbound-rtp", "framesDropped", inbound.framesDropped, "frames", from, to),
        ...known("inbound-rtp", "decoderImplementation", inbound.now.decoderImplementation, "", from, to),
        ...known("inbound-rtp", "frameHeight", inbound.now.frameHeight, "px", from, to),
        evidence("derived", "decodedStreams", decodedStreams(interval.inbound), "", from, to),
      ]);
    }
  },
};

/** Dropped frames on the scale of the levels: what raises lies above the level, what clears below. */
function asLoad(
  droppedPercent: number,
  level: { readonly on: number; readonly clear: number },
  limits: { readonly [name: string]: number },
): number {
  const raises = limits["droppedRaisesPercent"] ?? 100;
  if (droppedPercent > raises)
    return level.on + (droppedPercent - raises) * ((100 - level.on) / (100 - raises));
  return droppedPercent < (limits["droppedClearsPercent"] ?? 0) ? 0 : level.clear;
}

/** Is it this device that drops frames? Its decoder is busy, or it drops of every stream while nothing is missing of the sound. */
function dropsForLackOfTime(
  inbound: InboundInterval,
  all: readonly InboundInterval[],
  limits: { readonly [name: string]: number },
): boolean {
  const lossShare = (limits["lossPercent"] ?? 0) / 100;
  if (all.some((other) => other.now.kind === "audio" && isPatchy(other, lossShare))) return false;
  const busy = ratio(inbound.totalDecodeTime, inbound.seconds);
  if (busy !== null && 100 * busy >= (limits["busyPercent"] ?? 0)) return true;
  const raises = (limits["droppedRaisesPercent"] ?? 0) / 100;
  const others = all.filter(({ id, now, framesReceived }) => {
    return id !== inbound.id && now.kind === "video" && (framesReceived ?? 0) > 0;
  });
  return others.length > 0 && others.every((other) => (shareDropped(other) ?? 0) > raises);
}

/** Is more of the sound lost, or audibly patched over, than this share? */
function isPatchy(audio: InboundInterval, share: number): boolean {
  const lost = Math.max(0, audio.packetsLost ?? 0);
  const packets = lost + (audio.packetsReceived ?? 0);
  const audible = Math.max(0, (audio.concealedSamples ?? 0) - (audio.silentConcealedSamples ?? 0));
  return lost > share * packets || audible > share * (audio.totalSamplesReceived ?? 0);
}

function shareDropped({ framesDropped, framesDecoded }: InboundInterval): number | null {
  if (framesDropped === null || framesDecoded === null || framesDropped + framesDecoded <= 0) return null;
  return framesDropped / (framesDropped + framesDecoded);
}

/** Do frames come as fast as they usually do? Learns what is usual. Without the counter nobody knows how the sender is. */
function comesSteadily(
  stream: InboundStream,
  { framesReceived, seconds }: InboundInterval,
  limits: { readonly [name: string]: number },
): boolean {
  if (framesReceived === null) return false;
  const rate = framesReceived / seconds;
  const usual = stream.usualFrameRate;
  stream.usualFrameRate = usual === null ? rate : usual * usualShare + rate * (1 - usualShare);
  if (framesReceived * 2 < (limits["minimumFrames"] ?? 0) * seconds) return false;
  return usual !== null && rate >= usual * (limits["steadyFrameShare"] ?? 0);
}

/** The way here explains dropped and late frames. */
function isDisturbed(
  stream: InboundStream,
  { packetsLost, packetsReceived, now }: InboundInterval,
  limits: { readonly [name: string]: number },
): boolean {
  const lost = Math.max(0, packetsLost ?? 0, stream.sinceStep.newlyLost);
  const packets = (packetsReceived ?? 0) + lost;
  if (packets > 0 && 100 * lost >= (limits["lossPercent"] ?? 0) * packets) return true;
  return now.jitter !== null && 1000 * now.jitter > (limits["lateJitterMs"] ?? 0);
}

function decodedStreams(all: readonly InboundInterval[]): number {
  let count = 0;
  for (const { framesDecoded } of all) if ((framesDecoded ?? 0) > 0) count += 1;
  return count;
}
