import { ratio } from "../../derive/delta.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { isChangingPath } from "../guards.ts";
import { evidence } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

export const definition: ObservationDefinition = {
  id: "high-rtt",
  category: "network-downlink",
  tier: "A",
  title: "Long round trip",
  meaning: "Answers take long: distance, a relay, a VPN or a queue on the path.",
  domainHint: "unknown",
  effect: false,
  severities: ["minor", "major"],
  unit: "ms",
  levels: [
    { severity: "minor", on: 300, clear: 250 },
    { severity: "major", on: 500, clear: 400 },
  ],
  on: { rule: "share", need: 3, of: 5, strong: 2 },
  clearSeconds: 8,
  onText: "3 of the last 5 new measurements above the level; 0 counts as unknown",
  clearText: "below 250 ms (major: 400 ms) for 8 s",
  evidence: [
    "candidate-pair.currentRoundTripTime",
    "candidate-pair.totalRoundTripTime",
    "remote-inbound-rtp.roundTripTime",
    "derived.lowestRoundTripTime",
    "local-candidate.candidateType",
    "remote-candidate.candidateType",
  ],
  exceptions: [
    { when: "the value is 0: that is unknown" },
    { guard: "G7", when: "ICE restarted a moment ago" },
  ],
  blindIn: "Firefox before 142 has no round trip of the pair; the reports of the far end are used.",
  thresholds: {},
};

/** Long round trip. */
export const highRtt: Detector = {
  definition,
  onStep({ connection, interval, board }: View): void {
    const { from, to } = interval;
    const measured = measure(connection, interval, board.open(definition, connection.subject) !== null);
    if (measured === "absent") {
      const since = connection.lastConnectedAt;
      if (connection.state !== "connected" || since === null || to - since < 10_000) return;
      board.absent(definition, "candidate-pair.currentRoundTripTime");
      board.absent(definition, "remote-inbound-rtp.roundTripTime");
      return;
    }
    if (measured === null) return;
    const { ms, stat, field } = measured;
    connection.lowestRttMs = connection.lowestRttMs === null ? ms : Math.min(connection.lowestRttMs, ms);
    const excluded = isChangingPath(connection, to);
    const change = board.vote(definition, connection.subject, from, to, excluded ? null : ms);
    if (change === null) return;
    const pair = interval.path?.pair;
    const items = [
      evidence(stat, field, ms, "ms", from, to, board.inForce(definition).levels[0]?.on),
      evidence("derived", "lowestRoundTripTime", connection.lowestRttMs, "ms", connection.firstSeenAt, to),
    ];
    for (const [side, id] of [
      ["local-candidate", pair?.localCandidateId],
      ["remote-candidate", pair?.remoteCandidateId],
    ] as const) {
      const type = id === undefined || id === null ? null : interval.report.candidates.get(id)?.type;
      if (type !== undefined && type !== null)
        items.push(evidence(side, "candidateType", type, "", from, to));
    }
    attach(change, items);
  },
};

interface Measured {
  readonly ms: number;
  readonly stat: string;
  readonly field: string;
}

/** A round trip measured in this step, once; null when nothing new was measured; "absent" when nothing can be. */
function measure(
  connection: View["connection"],
  { path, outbound }: View["interval"],
  isOpen: boolean,
): Measured | null | "absent" {
  if (path !== null) {
    const mean = ratio(path.totalRoundTripTime, path.responsesReceived);
    if (mean !== null && mean > 0) {
      return { ms: mean * 1000, stat: "candidate-pair", field: "totalRoundTripTime" };
    }
    const current = path.pair.currentRoundTripTime;
    if (current !== null && current > 0 && (path.responsesReceived ?? 0) > 0) {
      return { ms: current * 1000, stat: "candidate-pair", field: "currentRoundTripTime" };
    }
  }
  let present = (path?.pair.currentRoundTripTime ?? 0) > 0;
  // What the far end's report says is older than what the pair measures: it would hold a delay that is over.
  if (present && isOpen) return null;
  let worst: number | null = null;
  for (const { id, remote } of outbound) {
    if (remote === undefined || remote.roundTripTime === null || remote.roundTripTime <= 0) continue;
    present = true;
    const seen = connection.rttReportAt.get(id);
    if (seen !== undefined && remote.timestamp <= seen) continue;
    connection.rttReportAt.set(id, remote.timestamp);
    worst = Math.max(worst ?? 0, remote.roundTripTime * 1000);
  }
  if (worst !== null) return { ms: worst, stat: "remote-inbound-rtp", field: "roundTripTime" };
  return present ? null : "absent";
}
