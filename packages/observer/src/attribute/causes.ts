import type { Observation } from "@peerscope/schema";
import { severityRank } from "../detect/open-record.ts";

/**
 * Decision order of the catalogue (3.2) for the observations that exist: set-up, ICE, capture, network. Inside the network: outage,
 * loss, jitter, bandwidth, round trip. Effects are not in it: they are never stated as causes.
 */
const decisionOrder: readonly string[] = [
  "media-permission-denied",
  "media-device-missing",
  "ice-checks-failed",
  "connection-never-established",
  "connection-without-media",
  "ice-disconnected",
  "ice-failed-midcall",
  "microphone-silent",
  "uplink-outage",
  "downlink-outage",
  "uplink-bandwidth-limited",
  "uplink-loss",
  "downlink-loss",
  "uplink-jitter",
  "downlink-jitter",
  "high-rtt",
];

const rankOf = new Map(decisionOrder.map((id, rank) => [id, rank]));

/**
 * Observations that may be the cause of what was wrong, first the one to state: above info, not explained by another one,
 * and not an effect. What hurt more comes before what hurt little; then the decision order; then the earliest.
 */
export function candidateCauses(observations: readonly Observation[]): Observation[] {
  return observations
    .filter(({ id, severity, parentId }) => severity !== "info" && parentId === null && rankOf.has(id))
    .sort((a, b) => {
      const hurt = Number(severityRank(b.severity) >= 2) - Number(severityRank(a.severity) >= 2);
      if (hurt !== 0) return hurt;
      const order = (rankOf.get(a.id) ?? 99) - (rankOf.get(b.id) ?? 99);
      if (order !== 0) return order;
      const severity = severityRank(b.severity) - severityRank(a.severity);
      if (severity !== 0) return severity;
      return a.startedAt - b.startedAt || (a.key < b.key ? -1 : 1);
    });
}

/** Network findings about one direction of a path. */
export function pathDirection(id: string): "outbound" | "inbound" | null {
  switch (id) {
    case "uplink-loss":
    case "uplink-jitter":
    case "uplink-bandwidth-limited":
      return "outbound";
    case "downlink-loss":
    case "downlink-jitter":
    case "downlink-outage":
      return "inbound";
    default:
      return null;
  }
}

/** Do the times of two observations touch? `now` ends what is open. */
export function overlap(a: Observation, b: Observation, now: number): boolean {
  return a.startedAt <= (b.clearedAt ?? now) && b.startedAt <= (a.clearedAt ?? now);
}
