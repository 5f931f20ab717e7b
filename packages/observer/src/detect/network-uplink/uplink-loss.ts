import { longestReportMs } from "../../derive/receiver-reports.ts";
import type { LossMeasurement, OutboundStream } from "../../model/streams.ts";
import { type Board, attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { lossRule } from "../loss-rule.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";
import { mostByCount } from "../votes.ts";

const thresholds = {
  reportOlderThanSeconds: 30,
  /** Another stream on the same way is clean below this, where it would have lost this many packets. Ours: one in a hundred errs. */
  cleanPercent: 0.5,
  expectedLostPackets: 5,
};

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
    "measurements above the level that are worth 3, of all streams on the way in 10 s: 2 lost of 100 packets are worth a good one at 1 %, many up to 2.5 (of four seconds or more: twice that); a measurement is the time between receiver reports with at least 50 packets sent and 2 s, each report used once",
  evidence: [
    "remote-inbound-rtp.packetsLost",
    "remote-inbound-rtp.fractionLost",
    "remote-inbound-rtp.roundTripTime",
    "outbound-rtp.packetsSent",
    "outbound-rtp.bytesSent",
    "outbound-rtp.retransmittedPacketsSent",
    "derived.lossOfOtherStream",
  ],
  exceptions: [
    { guard: "G11", when: "the report is an old one" },
    { guard: "G12", when: "fewer than 50 packets were sent since the report before" },
    { guard: "G3", when: "the sender pauses between words" },
    { when: "packets only came late: what was taken for lost before is taken back" },
  ],
  blindIn: "",
  thresholds,
};

/** Own packets lost on the way to the server or peer. */
export const uplinkLoss: Detector = {
  definition,
  onSample(view: View): void {
    const { connection, interval, board } = view;
    for (const outbound of interval.outbound) {
      const { stream } = outbound;
      const measured = stream.measuredLoss;
      stream.measuredLoss = null;
      if (measured === null) {
        if (stream.lossBase === null) noteAbsence({ connection, interval, board });
        else if (interval.to - stream.lossBase.at > reportOlderThanMs(board)) {
          board.unknown(definition, stream.subject, interval.from, interval.to);
        }
        continue;
      }
      const { from, to, sent, lost } = measured;
      stream.latestLoss = measured;
      const percent = (100 * lost) / sent;
      const isClean = percent < (board.inForce(definition).levels[0]?.clear ?? 0);
      stream.cleanSince = isClean ? (stream.cleanSince ?? from) : null;
      const quietSince = isClean ? wayIsCleanSince(view, stream, measured) : null;
      const change = board.vote(definition, stream.subject, from, to, percent, {
        counted: sent,
        ...(quietSince === null ? {} : { quietSince }),
        ...(isToldSooner(view, stream, measured) ? { atMost: mostByCount } : {}),
      });
      if (lost > 0) compareWithOthers(view, stream, measured);
      if (change === null) continue;
      const { remote } = outbound;
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

/**
 * Since when another stream that suffered with this one is clean: packets of this one that a long report calls lost got lost before. Null
 * when there is none.
 */
function wayIsCleanSince(
  { connection, board }: View,
  stream: OutboundStream,
  { to }: LossMeasurement,
): number | null {
  const record = board.open(definition, stream.subject);
  if (record === null) return null;
  let since: number | null = null;
  for (const { cleanSince, latestLoss, subject } of connection.outbound.values()) {
    if (subject === stream.subject || cleanSince === null || cleanSince <= record.startedAt) continue;
    if (latestLoss !== null && to - latestLoss.to < longestReportMs)
      since = Math.min(since ?? cleanSince, cleanSince);
  }
  return since;
}

/** What is lost at once is lost for at most so long, ms: more is no burst. Ours. */
const longestBurstMs = 1000;

/** May it have been one burst, and was another stream measured within the same time? Then it waits for what the shorter times say. */
function isToldSooner(
  { connection }: View,
  stream: OutboundStream,
  { from, to, sent, lost }: LossMeasurement,
): boolean {
  const lengthMs = to - from;
  if (lost * lengthMs > longestBurstMs * sent) return false;
  for (const { latestLoss, subject } of connection.outbound.values()) {
    if (subject === stream.subject || latestLoss === null || latestLoss.from < from) continue;
    if ((latestLoss.to - latestLoss.from) * 2 <= lengthMs) return true;
  }
  return false;
}

function reportOlderThanMs(board: Board): number {
  return 1000 * (board.inForce(definition).thresholds["reportOlderThanSeconds"] ?? 0);
}

/**
 * Loss of one of several streams on one way is not the way's. What another stream lost since this loss began is held against it, or
 * takes that back.
 */
function compareWithOthers(
  { connection, board }: View,
  stream: OutboundStream,
  { sent, lost }: LossMeasurement,
): void {
  const record = board.open(definition, stream.subject);
  if (record === null) return;
  const limits = board.inForce(definition).thresholds;
  const limit = limits["cleanPercent"] ?? 0;
  for (const { latestLoss, subject } of connection.outbound.values()) {
    if (subject === stream.subject || latestLoss === null || latestLoss.from < record.startedAt) continue;
    if ((latestLoss.sent * lost) / sent < (limits["expectedLostPackets"] ?? 0)) continue;
    const percent = (100 * latestLoss.lost) / latestLoss.sent;
    if (percent >= limit) {
      record.counter = [];
      return;
    }
    const { from, to } = latestLoss;
    record.counter = [evidence("derived", "lossOfOtherStream", percent, "%", from, to, limit)];
  }
}

/** Reports come every five seconds or so; a connection that stood for half a minute without any has none. */
function noteAbsence({ connection, interval, board }: Pick<View, "connection" | "interval" | "board">): void {
  const since = connection.lastConnectedAt;
  if (connection.state !== "connected" || since === null) return;
  if (interval.to - since < reportOlderThanMs(board)) return;
  board.absent(definition, "remote-inbound-rtp.packetsLost");
}
