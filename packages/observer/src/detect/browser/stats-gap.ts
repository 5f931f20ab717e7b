import { inboundColumn, type KeptReport, numberAt } from "../../model/kept-report.ts";
import type { Report } from "../../model/report.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, Gap } from "../view.ts";

const thresholds = { shortestSeconds: 5, intervals: 2, minorSeconds: 60, arrivedShare: 0.5 };

export const definition: ObservationDefinition = {
  id: "stats-gap",
  category: "browser",
  tier: "A",
  title: "No statistics for a while",
  meaning: "No sample was taken for longer than planned: nothing is known of the connection in that time.",
  domainHint: "browser",
  effect: false,
  severities: ["info", "minor"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "more than twice the sampling interval and more than 5 s between two samples; minor above 60 s while the page was visible and media went on",
  clearText: "the next sample",
  evidence: [
    "derived.statsGapSeconds",
    "derived.samplingIntervalSeconds",
    "page.visible",
    "inbound-rtp.packetsReceived",
  ],
  exceptions: [
    { when: "samples are delivered late with their own times" },
    { when: "the sampling interval was made longer" },
    { guard: "G8", when: "the machine slept: it stays info, nothing was received either" },
    { guard: "G2", when: "the page was hidden: it stays info" },
    { when: "the connection is closed, or never sampled again" },
  ],
  blindIn: "",
  thresholds,
};

/** No samples for longer than planned. */
export const statsGap: Detector = {
  definition,
  onGap({ model, connection, before, after, usualMs, board }: Gap): void {
    const limits = board.thresholds(definition, thresholds);
    const plannedMs = Math.max(usualMs, model.samplingIntervalMs ?? 0);
    const lengthMs = after.at - before.at;
    if (lengthMs <= limits.shortestSeconds * 1000 || lengthMs <= limits.intervals * plannedMs) return;
    const wasVisible = model.visible && (model.shownAt === null || model.shownAt < before.at);
    const packets = receivedBetween(before, after);
    const usualPackets = usualRate(connection) * (lengthMs / 1000);
    // A machine that sleeps receives nothing: then nobody waited for the page.
    const wentOn = packets !== null && packets > 0 && packets >= limits.arrivedShare * usualPackets;
    const isMinor =
      lengthMs > limits.minorSeconds * 1000 && connection.state === "connected" && wasVisible && wentOn;
    const record = board.raise(definition, connection.subject, before.at, isMinor ? "minor" : "info");
    if (record === null) return;
    record.onEvidence = [
      evidence("derived", "statsGapSeconds", lengthMs / 1000, "s", before.at, after.at),
      evidence("derived", "samplingIntervalSeconds", plannedMs / 1000, "s", before.at, after.at),
      evidence("page", "visible", wasVisible, "", before.at, after.at),
      ...known("inbound-rtp", "packetsReceived", packets, "packets", before.at, after.at),
    ];
    board.clear(definition, connection.subject, after.at);
  },
};

/** Packets received between two reports, over the streams of both; null where there are none. */
function receivedBetween(before: KeptReport, after: Report): number | null {
  let sum: number | null = null;
  let place = 0;
  for (const { id, packetsReceived, ssrc } of after.inbound.values()) {
    const { numbers } = before.inbound;
    const row = before.inbound.rowOf(id, place);
    place += 1;
    const old = row < 0 ? null : numberAt(numbers, row + inboundColumn.packetsReceived);
    if (old === null || packetsReceived === null) continue;
    if (numberAt(numbers, row + inboundColumn.ssrc) !== ssrc) continue;
    sum = (sum ?? 0) + Math.max(0, packetsReceived - old);
  }
  return sum;
}

/** Packets a second that usually arrive. */
function usualRate({ inbound }: Gap["connection"]): number {
  let rate = 0;
  for (const { usualPacketRate } of inbound.values()) rate += usualPacketRate ?? 0;
  return rate;
}
