import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { lossRule } from "../loss-rule.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

const thresholds = { reportOlderThanSeconds: 30 };

export const definition: ObservationDefinition = {
  id: "uplink-loss",
  category: "network-uplink",
  tier: "A",
  title: "Packets lost on the way out",
  meaning:
    "The far end did not receive part of what this client sent. Between two browsers this is the whole path, not one end of it.",
  domainHint: "publisher-uplink",
  ...lossRule,
  onText:
    "3 of the last 5 measurements above the level; a measurement is the time between receiver reports with at least 50 packets sent and 2 s, each report used once",
  evidence: [
    "remote-inbound-rtp.packetsLost",
    "remote-inbound-rtp.fractionLost",
    "remote-inbound-rtp.roundTripTime",
    "outbound-rtp.packetsSent",
    "outbound-rtp.bytesSent",
    "outbound-rtp.retransmittedPacketsSent",
  ],
  exceptions: [
    { guard: "G11", when: "the report is an old one" },
    { guard: "G12", when: "fewer than 50 packets were sent since the report before" },
    { guard: "G3", when: "the sender pauses between words" },
  ],
  blindIn: "",
  thresholds,
};

/** Own packets lost on the way to the server or peer. */
export const uplinkLoss: Detector = {
  definition,
  onSample({ connection, interval, board }: View): void {
    for (const outbound of interval.outbound) {
      const stream = connection.outbound.get(outbound.id);
      if (stream === undefined) continue;
      const measured = stream.measuredLoss;
      stream.measuredLoss = null;
      if (measured === null) {
        if (stream.lossBase === null) noteAbsence({ connection, interval, board });
        else if (interval.to - stream.lossBase.at > thresholds.reportOlderThanSeconds * 1000) {
          board.unknown(definition, stream.subject, interval.from, interval.to);
        }
        continue;
      }
      const { from, to, sent, lost } = measured;
      const change = board.vote(definition, stream.subject, from, to, (100 * lost) / sent);
      if (change === null) continue;
      const remote = interval.report.remoteInbound.get(outbound.id);
      const rtt = remote?.roundTripTime ?? null;
      const { bytesSent, seconds } = outbound;
      attach(change, [
        evidence("remote-inbound-rtp", "packetsLost", lost, "packets", from, to),
        evidence("outbound-rtp", "packetsSent", sent, "packets", from, to),
        ...known(
          "remote-inbound-rtp",
          "fractionLost",
          remote === undefined || remote.fractionLost === null ? null : 100 * remote.fractionLost,
          "%",
          from,
          to,
        ),
        ...known(
          "remote-inbound-rtp",
          "roundTripTime",
          rtt === null || rtt === 0 ? null : 1000 * rtt,
          "ms",
          from,
          to,
        ),
        ...known(
          "outbound-rtp",
          "bytesSent",
          bytesSent === null ? null : (8 * bytesSent) / seconds,
          "bit/s",
          interval.from,
          interval.to,
        ),
        ...known(
          "outbound-rtp",
          "retransmittedPacketsSent",
          outbound.retransmittedPacketsSent,
          "packets",
          interval.from,
          interval.to,
        ),
      ]);
    }
  },
};

/** Reports come every five seconds or so; a connection that stood for half a minute without any has none. */
function noteAbsence({ connection, interval, board }: Pick<View, "connection" | "interval" | "board">): void {
  const since = connection.lastConnectedAt;
  if (connection.state !== "connected" || since === null) return;
  if (interval.to - since < thresholds.reportOlderThanSeconds * 1000) return;
  board.absent(definition, "remote-inbound-rtp.packetsLost");
}
