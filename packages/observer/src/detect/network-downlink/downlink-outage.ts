import type { Evidence } from "@peerscope/schema";
import { shortestGapMs } from "../../derive/track-streams.ts";
import type { InboundStream, SenderEvidence } from "../../model/streams.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { endIsIntended } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

export const definition: ObservationDefinition = {
  id: "downlink-outage",
  category: "network-downlink",
  tier: "A",
  title: "Nothing arrives",
  meaning:
    "The far end sends, and nothing of it arrives here. Neither loss nor freeze counters show this while it lasts.",
  domainHint: "receiver-downlink",
  effect: false,
  severities: ["major", "critical"],
  unit: "s",
  levels: [
    { severity: "major", on: 0.999, clear: 0.5 },
    { severity: "critical", on: 2.95, clear: 0.5 },
  ],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "no packet for 1 s (critical: 3 s) while the far end is known to send: its sender report advanced across the gap, or the whole transport fell silent and STUN requests go unanswered (where the browser does not count those: no report of what is sent comes for twice the usual time)",
  clearText: "packets arrive",
  evidence: [
    "inbound-rtp.packetsReceived",
    "derived.gapSeconds",
    "remote-outbound-rtp.packetsSent",
    "derived.unansweredRequests",
    "derived.withoutReportSeconds",
    "candidate-pair.bytesReceived",
    "candidate-pair.bytesSent",
  ],
  exceptions: [
    { guard: "G1", when: "the sender is muted or paused" },
    { guard: "G3", when: "the sender pauses between words" },
    { guard: "G14", when: "the sender left" },
    { when: "nobody knows whether the sender sends: then it is missing, not raised" },
  ],
  blindIn: "",
  thresholds: {},
};

/** Media expected, none arrives. */
export const downlinkOutage: Detector = {
  definition,
  onSample(view: View): void {
    const { model, connection, interval, board } = view;
    const { to } = interval;
    for (const inbound of interval.inbound) {
      const { stream } = inbound;
      if (inbound.packetsReceived === null) continue;
      if (inbound.packetsReceived > 0) {
        const ended = stream.gapEndedAt ?? interval.from;
        const record = board.clear(definition, stream.subject, ended);
        if (record !== null) {
          record.clearEvidence = [
            evidence("inbound-rtp", "packetsReceived", inbound.packetsReceived, "packets", interval.from, to),
            evidence(
              "derived",
              "gapSeconds",
              (ended - record.startedAt) / 1000,
              "s",
              record.startedAt,
              ended,
            ),
          ];
        }
        raiseAfterwards(stream, { interval, board });
        continue;
      }
      const { lastPacketAt } = stream;
      if (lastPacketAt === null || stream.silentMs < shortestGapMs) continue;
      if (endIsIntended(model, connection, stream)) continue;
      const proof = stream.senderEvidence;
      if (proof === null) {
        // The far end may have muted, paused or left (G1, G3, G14): not raised, but never "ok".
        board.absent(definition, "sender state (remote-outbound-rtp.packetsSent)");
        continue;
      }
      const seconds = stream.silentMs / 1000;
      const change = board.vote(definition, stream.subject, lastPacketAt, to, seconds);
      if (change === null) continue;
      const path = interval.path;
      attach(change, [
        evidence("inbound-rtp", "packetsReceived", 0, "packets", lastPacketAt, to),
        evidence("derived", "gapSeconds", seconds, "s", lastPacketAt, to, shortestGapMs / 1000),
        proofOf(proof, stream, view),
        ...known("candidate-pair", "bytesReceived", path?.bytesReceived ?? null, "bytes", interval.from, to),
        ...known("candidate-pair", "bytesSent", path?.bytesSent ?? null, "bytes", interval.from, to),
      ]);
      if (proof.stat !== "remote-outbound-rtp") {
        change.record.missing = ["remote-outbound-rtp.packetsSent of the time of the gap"];
      }
    }
  },
};

/** What shows that the far end sends, or that nothing at all comes from it. */
function proofOf(
  { stat, value }: SenderEvidence,
  { lastPacketAt }: InboundStream,
  { connection, interval: { from, to } }: View,
): Evidence {
  if (stat === "remote-outbound-rtp")
    return evidence("remote-outbound-rtp", "packetsSent", value, "packets", lastPacketAt ?? from, to);
  if (stat === "remote-inbound-rtp")
    return evidence("derived", "withoutReportSeconds", value, "s", to - 1000 * value, to);
  const since = connection.unansweredSince ?? lastPacketAt ?? from;
  return evidence("derived", "unansweredRequests", value, "", since, to);
}

/** The first sender report after a gap proved that the far end had gone on sending. */
function raiseAfterwards(stream: InboundStream, { interval, board }: Pick<View, "interval" | "board">): void {
  const gap = stream.confirmedGap;
  if (gap === null || !gap.sending || gap.to - gap.from < shortestGapMs) return;
  const seconds = (gap.to - gap.from) / 1000;
  const change = board.vote(definition, stream.subject, gap.from, gap.to, seconds);
  attach(change, [
    evidence("inbound-rtp", "packetsReceived", 0, "packets", gap.from, gap.to),
    evidence("derived", "gapSeconds", seconds, "s", gap.from, gap.to, shortestGapMs / 1000),
    evidence("remote-outbound-rtp", "packetsSent", gap.sent, "packets", gap.from, interval.to),
  ]);
  board.clear(definition, stream.subject, gap.to);
}
