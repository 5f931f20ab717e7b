import type { OutboundStream } from "../../model/streams.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { hasEnoughFrames } from "../guards.ts";
import { jitterRule, jitterThresholds, judgedJitter } from "../jitter-rule.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

const thresholds = { ...jitterThresholds, rampUpSeconds: 5 };

export const definition: ObservationDefinition = {
  id: "uplink-jitter",
  category: "network-uplink",
  tier: "A",
  title: "Uneven arrival of what is sent",
  meaning: "What this client sends reaches the far end unevenly.",
  domainHint: "publisher-uplink",
  ...jitterRule,
  onText:
    "3 of the last 5 receiver reports above the level; video is judged at half its value, audio at one and a half while packets overtake one another",
  evidence: ["remote-inbound-rtp.jitter", "remote-inbound-rtp.roundTripTime"],
  exceptions: [
    { when: "video is judged at half its value: the packets of one frame have one timestamp" },
    { guard: "G12", when: "too few frames were sent, or the value still comes down from that" },
    { guard: "G11", when: "the report is an old one" },
    { guard: "G9", when: "the stream began less than 5 s ago, or it is its first report" },
    { guard: "G3", when: "nothing is sent while the sender pauses" },
  ],
  blindIn: "",
  thresholds,
};

/** Jitter at the far end of what is sent. Levels are those of audio; video counts half. */
export const uplinkJitter: Detector = {
  definition,
  onSample({ connection, interval, board }: View): void {
    for (const outbound of interval.outbound) {
      const { stream, remote } = outbound;
      if (remote === undefined) continue;
      // Each report counts once: in the sample in which it arrived.
      if (remote.timestamp === stream.jitterReportAt) continue;
      const first = stream.jitterReportAt === null;
      stream.jitterReportAt = remote.timestamp;
      if (remote.jitter === null) {
        board.absent(definition, "remote-inbound-rtp.jitter");
        continue;
      }
      const tooFew =
        outbound.packetsSent === null ||
        outbound.packetsSent === 0 ||
        !hasEnoughFrames(stream.kind, outbound.framesEncoded, outbound.seconds);
      const { thresholds: limits, levels } = board.inForce(definition);
      const young = interval.to - stream.firstSeenAt < 1000 * (limits["rampUpSeconds"] ?? 0);
      const jitterMs = remote.jitter * 1000;
      const isOpen = board.open(definition, stream.subject) !== null;
      const judged = judgedJitter(stream.kind, jitterMs, connection.reorderedOutAt, interval.to, isOpen);
      const { from, to } = interval;
      const settling = isSettling(stream, remote.jitter, tooFew, judged <= (levels[0]?.on ?? 0));
      const excluded = first || tooFew || young || settling;
      const change = board.vote(definition, stream.subject, from, to, excluded ? null : judged);
      if (change === null) continue;
      const mildest = levels[0]?.on ?? 0;
      const limit = stream.kind === "video" ? mildest * jitterThresholds.videoFactor : mildest;
      const rtt = remote.roundTripTime;
      attach(change, [
        evidence("remote-inbound-rtp", "jitter", jitterMs, "ms", from, to, limit),
        ...known(
          "remote-inbound-rtp",
          "roundTripTime",
          rtt === null || rtt === 0 ? null : rtt * 1000,
          "ms",
          from,
          to,
        ),
      ]);
    }
  },
};

/** What few frames made of the jitter comes down packet by packet (RFC 3550, 6.4.1): while it does it says nothing new. */
function isSettling(stream: OutboundStream, jitterS: number, tooFew: boolean, isLow: boolean): boolean {
  const before = stream.settlingJitterS;
  const settling = tooFew || (before !== null && !isLow && jitterS < before);
  stream.settlingJitterS = settling ? jitterS : null;
  return settling;
}
