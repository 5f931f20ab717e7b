import { milliseconds, ratio } from "../../derive/delta.ts";
import type { InboundInterval } from "../../derive/inbound-interval.ts";
import type { Connection } from "../../model/connection.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import {
  endIsIntended,
  hasEnough,
  hasEnoughFrames,
  isChangingPath,
  isReordering,
  usesDtx,
} from "../guards.ts";
import { type JitterConstants, jitterRule, jitterThresholds, judgedJitter } from "../jitter-rule.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

export const definition: ObservationDefinition = {
  id: "downlink-jitter",
  category: "network-downlink",
  tier: "A",
  title: "Uneven arrival of what is received",
  meaning: "What the far end sends arrives here unevenly.",
  domainHint: "receiver-downlink",
  ...jitterRule,
  onText:
    "3 of 5 steps above the level; video is judged at half its value, audio at one and a half while packets overtake one another",
  evidence: [
    "inbound-rtp.jitter",
    "inbound-rtp.jitterBufferDelay",
    "inbound-rtp.jitterBufferTargetDelay",
    "inbound-rtp.concealedSamples",
  ],
  exceptions: [
    { when: "video is judged at half its value" },
    { guard: "G12", when: "too few frames arrive" },
    {
      when: "the sender makes fewer frames than it did, nothing was lost for ten seconds, and no sound on the same way is uneven: its device may be slow",
    },
    { guard: "G3", when: "the sender pauses between words" },
    { guard: "G7", when: "the path changed a moment ago" },
    { guard: "G14", when: "the end is intended" },
  ],
  blindIn: "",
  thresholds: jitterThresholds,
};

/** Jitter of what arrives. Levels are those of audio; video counts half. */
export const downlinkJitter: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    const mildest = board.inForce(definition).levels[0]?.on ?? 0;
    const constants = board.thresholds<JitterConstants>(definition, jitterThresholds);
    for (const inbound of interval.inbound) {
      const { stream } = inbound;
      const { jitter } = inbound.now;
      if (jitter === null) {
        board.absent(definition, "inbound-rtp.jitter");
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      const excluded =
        !hasEnough(inbound) ||
        !hasEnoughFrames(stream.kind, inbound.framesReceived ?? inbound.framesDecoded, inbound.seconds) ||
        usesDtx(stream, inbound) ||
        mayBeTheSender(connection, inbound, to, mildest, constants) ||
        isChangingPath(connection, to) ||
        endIsIntended(model, connection, stream);
      const jitterMs = jitter * 1000;
      const isOpen = board.open(definition, stream.subject) !== null;
      const judged = judgedJitter(stream.kind, jitterMs, connection.reorderedAt, to, isOpen, constants);
      const change = board.vote(definition, stream.subject, from, to, excluded ? null : judged);
      if (change === null) continue;
      const limit = stream.kind === "video" ? mildest * constants.videoFactor : mildest;
      const buffer = ratio(inbound.jitterBufferDelay, inbound.jitterBufferEmittedCount);
      const target = ratio(inbound.jitterBufferTargetDelay, inbound.jitterBufferEmittedCount);
      const concealed = ratio(inbound.concealedSamples, inbound.totalSamplesReceived);
      attach(change, [
        evidence("inbound-rtp", "jitter", jitterMs, "ms", from, to, limit),
        ...known("inbound-rtp", "jitterBufferDelay", milliseconds(buffer), "ms", from, to),
        ...known("inbound-rtp", "jitterBufferTargetDelay", milliseconds(target), "ms", from, to),
        ...known(
          "inbound-rtp",
          "concealedSamples",
          concealed === null ? null : concealed * 100,
          "%",
          from,
          to,
        ),
      ]);
    }
  },
};

/** A device that is too slow sends its frames in clumps. The way would show it in the sound, in loss, or in packets out of order. */
function mayBeTheSender(
  connection: Connection,
  { stream, framesReceived, seconds }: InboundInterval,
  at: number,
  mildest: number,
  constants: JitterConstants,
): boolean {
  if (stream.kind !== "video" || framesReceived === null) return false;
  if (framesReceived >= constants.steadyFrameShare * stream.frameRate.full * seconds) return false;
  if (isReordering(connection, at)) return false;
  for (const { kind, latest, recentLoss } of connection.inbound.values()) {
    if (recentLoss.grewAt !== null && at - recentLoss.grewAt <= constants.reorderingSeconds * 1000)
      return false;
    if (kind === "audio" && 1000 * (latest.jitter ?? 0) > mildest) return false;
  }
  return true;
}
