import type { Observation } from "@peerscope/schema";
import type { ObservationDefinition } from "../detect/definition.ts";
import { severityRank } from "../detect/open-record.ts";

/**
 * Decision order of the catalogue (3.2): set-up, ICE and DTLS, capture, computing power, network, application, playout. Inside the
 * network: outage, loss, jitter, bandwidth, round trip. Effects are not in it: they are never stated as causes. Ids that have no
 * detector yet do no harm.
 */
const decisionOrder: readonly string[] = [
  "media-permission-denied",
  "media-device-missing",
  "media-device-in-use",
  "media-constraints-unsatisfiable",
  "negotiation-error",
  "no-common-codec",
  "negotiation-stalled",
  "negotiation-glare",
  "candidate-rejected",
  "turn-auth-failed",
  "turn-capacity-reached",
  "turn-unreachable",
  "turn-not-configured",
  "ice-checks-failed",
  "dtls-failed",
  "connection-never-established",
  "connection-without-media",
  "ice-disconnected",
  "ice-failed-midcall",
  "ice-restart-missing",
  "transport-stalled",
  "capture-track-ended",
  "capture-muted-by-system",
  "microphone-silent",
  "camera-no-frames",
  "remote-media-not-sent",
  "system-pressure",
  "cpu-limited-encoding",
  "encoder-overloaded",
  "decoder-overloaded",
  // After them, unlike the catalogue: coding has threads of its own, and a machine without time blocks the page as well.
  "main-thread-blocked",
  "sfu-egress-degraded",
  "uplink-outage",
  "downlink-outage",
  "uplink-bandwidth-limited",
  "uplink-loss",
  "downlink-loss",
  "downlink-loss-burst",
  "publisher-affects-many",
  "receiver-affected-alone",
  "uplink-bufferbloat",
  "uplink-jitter",
  "downlink-jitter",
  "relay-detour",
  "udp-blocked",
  "ice-path-flapping",
  "high-rtt",
  "uplink-send-delay",
  "uplink-retransmission-heavy",
  "sfu-forwarding-gap",
  "sfu-layer-too-low",
  "one-way-audio",
  "sender-bitrate-capped",
  "playout-delay-forced",
  "video-stalled",
  "video-larger-than-shown",
  "connection-churn",
  "playback-blocked",
  "no-audio-played-out",
  "playout-glitches",
  "camera-low-frame-rate",
  "microphone-too-quiet",
  "echo-likely",
  "remote-audio-too-quiet",
  "av-desync",
  "join-slow",
  "dtls-slow",
  "ice-gathering-slow",
];

/** Observations that the project defined itself, by id: as causes they come after those of the catalogue. */
export type OwnDefinitions = ReadonlyMap<string, Pick<ObservationDefinition, "effect" | "signals">>;

const rankOf = new Map(decisionOrder.map((id, rank) => [id, rank]));

/** Conditions that need not have hurt anything: they are stated last where nothing was explained by them. */
const circumstances: ReadonlySet<string> = new Set([
  "system-pressure",
  "main-thread-blocked",
  "turn-auth-failed",
  "turn-capacity-reached",
  "turn-unreachable",
  "turn-not-configured",
  "udp-blocked",
]);

/** How a browser answers to a way that is not good: causes only where they are heavy, and nothing was noticed of the way. */
const reactions: ReadonlySet<string> = new Set(["uplink-send-delay", "uplink-retransmission-heavy"]);

function isMereReaction({ id, severity, counter }: Observation): boolean {
  return reactions.has(id) && (severityRank(severity) < severityRank("major") || counter.length > 0);
}

/**
 * Observations that may be the cause of what was wrong, first the one to state: above info, not explained by another one,
 * and not an effect. What hurt more comes before what hurt little; then the decision order; then the earliest.
 * `effects`: where the observations that may have them as parent are, when that is elsewhere.
 */
export function candidateCauses(
  observations: readonly Observation[],
  own: OwnDefinitions = new Map(),
  effects: readonly Observation[] = observations,
): Observation[] {
  const parents = new Set(effects.map(({ parentId }) => parentId));
  const isBare = ({ id, key }: Observation): boolean => circumstances.has(id) && !parents.has(key);
  return observations
    .filter((observation) => {
      const { id, severity, parentId } = observation;
      if (severity === "info" || parentId !== null || isMereReaction(observation)) return false;
      return rankOf.has(id) || own.get(id)?.effect === false;
    })
    .sort((a, b) => {
      const bare = Number(isBare(a)) - Number(isBare(b));
      if (bare !== 0) return bare;
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
    case "uplink-bufferbloat":
    case "uplink-send-delay":
    case "uplink-retransmission-heavy":
      return "outbound";
    case "downlink-loss":
    case "downlink-loss-burst":
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
