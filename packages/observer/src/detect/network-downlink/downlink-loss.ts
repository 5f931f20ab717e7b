import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { endIsIntended, hasEnoughPackets, isChangingPath } from "../guards.ts";
import { lossRule } from "../loss-rule.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

export const definition: ObservationDefinition = {
  id: "downlink-loss",
  category: "network-downlink",
  tier: "A",
  title: "Packets lost on the way in",
  meaning:
    "Part of what was sent to this client never arrived. Between two browsers this is the whole path, not one end of it.",
  domainHint: "receiver-downlink",
  ...lossRule,
  onText:
    "steps above the level that are worth 3 in 10 s, of all streams on the way, each of at least 50 packets: 2 lost of 100 are worth a good one at 1 %, many up to 2.5; packets that come late after all are no loss",
  evidence: [
    "inbound-rtp.packetsLost",
    "inbound-rtp.packetsReceived",
    "inbound-rtp.concealedSamples",
    "inbound-rtp.bytesReceived",
    "inbound-rtp.retransmittedBytesReceived",
    "candidate-pair.currentRoundTripTime",
  ],
  exceptions: [
    { when: "packets come late after all" },
    { guard: "G12", when: "fewer than 50 packets were expected" },
    { guard: "G7", when: "the path is changing" },
    { guard: "G14", when: "the end is intended" },
  ],
  blindIn: "",
  thresholds: {},
};

/** Packets lost on the way in. */
export const downlinkLoss: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    for (const inbound of interval.inbound) {
      const { stream } = inbound;
      const { packetsReceived: received, packetsLost } = inbound;
      if (received === null || packetsLost === null) {
        board.absent(definition, "inbound-rtp.packetsLost");
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      // Reordering moves packetsLost up and down; only what exceeds its highest value is loss.
      const lost = stream.sinceStep.newlyLost;
      const excluded =
        !hasEnoughPackets(received + lost) ||
        isChangingPath(connection, to) ||
        endIsIntended(model, connection, stream);
      const value = excluded ? null : (100 * lost) / (received + lost);
      const change = board.vote(definition, stream.subject, from, to, value, {
        from: stream.sinceStep.lostFrom ?? from,
        counted: received + lost,
      });
      if (change === null) continue;
      const rtt = interval.path?.pair.currentRoundTripTime ?? null;
      const concealed =
        inbound.concealedSamples === null ||
        inbound.totalSamplesReceived === null ||
        inbound.totalSamplesReceived === 0
          ? null
          : (100 * inbound.concealedSamples) / inbound.totalSamplesReceived;
      attach(change, [
        evidence("inbound-rtp", "packetsLost", lost, "packets", from, to),
        evidence("inbound-rtp", "packetsReceived", received, "packets", from, to),
        ...known(
          "inbound-rtp",
          "concealedSamples",
          stream.kind === "audio" ? concealed : null,
          "%",
          from,
          to,
        ),
        ...known(
          "inbound-rtp",
          "bytesReceived",
          inbound.bytesReceived === null ? null : (8 * inbound.bytesReceived) / inbound.seconds,
          "bit/s",
          from,
          to,
        ),
        ...known(
          "inbound-rtp",
          "retransmittedBytesReceived",
          inbound.retransmittedBytesReceived,
          "bytes",
          from,
          to,
        ),
        ...known(
          "candidate-pair",
          "currentRoundTripTime",
          rtt === null || rtt === 0 ? null : 1000 * rtt,
          "ms",
          from,
          to,
        ),
      ]);
    }
  },
};
