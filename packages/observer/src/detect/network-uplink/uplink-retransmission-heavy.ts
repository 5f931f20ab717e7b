import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { hasEnoughPackets, isReordering } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";
import { noticedAtFarEnd } from "./far-end.ts";

export const definition: ObservationDefinition = {
  id: "uplink-retransmission-heavy",
  category: "network-uplink",
  tier: "A",
  title: "Much is sent again",
  meaning: "A good part of what this client sends is repair, because receivers ask for packets again.",
  domainHint: "publisher-uplink",
  effect: false,
  severities: ["minor", "major"],
  unit: "%",
  levels: [
    { severity: "minor", on: 5, clear: 2.5 },
    { severity: "major", on: 15, clear: 7.5 },
  ],
  on: { rule: "share", need: 3, of: 5 },
  clearSeconds: 10,
  onText:
    "more of the sent packets were sent again than the level says, because it was asked for, in 3 of 5 steps",
  clearText: "below half of the level for 10 s",
  evidence: [
    "outbound-rtp.retransmittedPacketsSent",
    "outbound-rtp.packetsSent",
    "outbound-rtp.nackCount",
    "derived.retransmittedShare",
    "remote-inbound-rtp.packetsLost",
    "remote-inbound-rtp.jitter",
  ],
  exceptions: [
    { guard: "G18", when: "nobody asked: old packets are sent to probe the bandwidth" },
    { when: "packets overtake one another: they are asked for again, and come by themselves" },
    { guard: "G12", when: "fewer than 50 packets were sent in the step" },
    {
      when: "over a server that sees nothing lost: one of the receivers behind it asks, and this way out is not accused",
    },
  ],
  blindIn: "",
  thresholds: {},
};

/** Much of the uplink is repair. */
export const uplinkRetransmissionHeavy: Detector = {
  definition,
  onStep({ connection, interval, board }: View): void {
    const { from, to } = interval;
    for (const outbound of interval.outbound) {
      const { stream } = outbound;
      const { retransmittedPacketsSent, packetsSent, nackCount } = outbound;
      if (retransmittedPacketsSent === null || packetsSent === null) {
        board.absent(definition, "outbound-rtp.retransmittedPacketsSent");
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      // Nobody asked: the repetitions are padding that probes the bandwidth.
      const asked = nackCount !== 0;
      const share = asked && packetsSent > 0 ? Math.min(1, retransmittedPacketsSent / packetsSent) : 0;
      // Nothing is sent, so nothing is repaired: that ends it. A few packets say nothing.
      const judged = packetsSent === 0 || (hasEnoughPackets(packetsSent) && !isReordering(connection, to));
      const value = judged ? 100 * share : null;
      const change = board.vote(definition, stream.subject, from, to, value);
      const open = board.open(definition, stream.subject);
      if (open !== null && open.counter.length === 0) open.counter = noticedAtFarEnd(connection, interval);
      if (change === null) continue;
      const lost = stream.reportedLossRatio;
      attach(
        change,
        [
          evidence("derived", "retransmittedShare", 100 * share, "%", from, to),
          evidence("outbound-rtp", "retransmittedPacketsSent", retransmittedPacketsSent, "packets", from, to),
          evidence("outbound-rtp", "packetsSent", packetsSent, "packets", from, to),
          ...known("outbound-rtp", "nackCount", nackCount, "", from, to),
          ...known("remote-inbound-rtp", "packetsLost", lost === null ? null : 100 * lost, "%", from, to),
        ],
        // The next hop received it all: somebody behind it asks again, or packets overtook one another.
        lost === 0 ? "unknown" : "publisher-uplink",
      );
    }
  },
};
