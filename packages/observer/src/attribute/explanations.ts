import type { Observation } from "@peerscope/schema";
import { observationCatalog } from "../detect/catalog.ts";
import { overlap } from "./causes.ts";
import { type Explanation, weights } from "./confidence.ts";
import { encoderExplanation, pageExplanation, pressureExplanation } from "./device-explanations.ts";
import { capped, type Explained, otherSide, single, type Situation } from "./explained.ts";
import {
  blockedUdp,
  distantRelay,
  neverConnected,
  unreachableRelays,
  withoutRelay,
} from "./ice-explanations.ts";
import { lostPath, path, wayIn, wayOut } from "./path-explanations.ts";
import { stalledPicture } from "./picture-explanations.ts";
import {
  failedHandshake,
  refusedCandidates,
  refusedMedium,
  stalledNegotiation,
} from "./setup-explanations.ts";
import { definitive, direct, signal } from "./signals.ts";

/** Possible fault domains of a cause, with what speaks for and against each. */
export function explain(cause: Observation, situation: Situation): Explained {
  switch (cause.id) {
    case "media-permission-denied":
      return single(cause.domainHint, [definitive(cause, "the browser refused access")]);
    case "media-device-missing":
      return single(cause.domainHint, [definitive(cause, "the browser found no such device")]);
    case "negotiation-stalled":
      return stalledNegotiation(cause);
    case "no-common-codec":
      return refusedMedium(cause);
    case "candidate-rejected":
      return refusedCandidates(cause);
    case "dtls-failed":
      return failedHandshake(cause);
    case "ice-checks-failed":
    case "connection-never-established":
      return neverConnected(cause);
    case "turn-not-configured":
      return withoutRelay(cause);
    case "turn-unreachable":
      return unreachableRelays(cause);
    case "udp-blocked":
      return blockedUdp(cause);
    case "relay-detour":
      return distantRelay(cause);
    case "ice-disconnected":
    case "ice-failed-midcall":
    case "transport-stalled":
    case "ice-path-flapping":
      return lostPath(cause, situation);
    case "connection-without-media":
      return withoutMedia(cause);
    case "microphone-silent":
      return single("publisher-device", [
        direct(cause, "media-source", "the source itself delivers silence"),
        signal(cause, "track", weights.control, "the track is live, enabled and not muted"),
      ]);
    case "playback-blocked":
      return notPlayed(cause);
    case "playout-glitches":
      return stutter(cause, situation);
    case "uplink-outage":
      return stalledSender(cause);
    case "encoder-overloaded":
      return { explanations: [encoderExplanation(cause, situation)], missing: [] };
    case "system-pressure":
      return { explanations: [pressureExplanation(cause, situation)], missing: [] };
    case "main-thread-blocked":
      return { explanations: [pageExplanation(cause, situation)], missing: [] };
    case "uplink-loss":
    case "uplink-jitter":
    case "uplink-bandwidth-limited":
    case "uplink-bufferbloat":
    case "uplink-send-delay":
      return wayOut(cause, situation);
    case "uplink-retransmission-heavy":
      // What the next hop received whole is asked for by somebody behind it.
      return cause.domainHint === "unknown"
        ? { explanations: [], missing: [otherSide] }
        : wayOut(cause, situation);
    case "downlink-loss":
    case "downlink-loss-burst":
    case "downlink-jitter":
    case "downlink-outage":
      return wayIn(cause, situation);
    case "video-stalled":
      return stalledPicture(cause);
    case "high-rtt":
      return path([direct(cause, "round-trip", "answers took long")]);
    default:
      return byDefinition(cause, situation);
  }
}

/** What the definition itself says speaks for the domain of the record. */
function byDefinition(cause: Observation, { own }: Situation): Explained {
  const signals = (observationCatalog.get(cause.id) ?? own?.get(cause.id))?.signals ?? [];
  if (signals.length === 0 || cause.domainHint === "unknown") return { explanations: [], missing: [] };
  return single(
    cause.domainHint,
    signals.map(({ family, weight, text }) => signal(cause, family, weight, text)),
  );
}

function withoutMedia(cause: Observation): Explained {
  const outbound = cause.scope.direction === "outbound";
  if (outbound) {
    return single("application", [
      direct(cause, "outbound-rtp", "nothing was ever sent although the source delivers"),
      signal(cause, "ice", weights.control, "the connection itself stands"),
    ]);
  }
  const nothing = signal(
    cause,
    "inbound-rtp",
    weights.secondary,
    "nothing ever arrived although the far end says it sends",
  );
  return {
    explanations: [capped("application", [nothing]), capped("remote", [nothing])],
    missing: [otherSide],
  };
}

/** Everything about a stalled sender is known on this side: the path is not involved. */
function stalledSender(cause: Observation): Explained {
  const encoded = cause.evidence.find(({ field }) => field === "framesEncoded")?.value;
  const answered = cause.evidence.find(({ field }) => field === "responsesReceived")?.value;
  const support = [
    direct(cause, "outbound-rtp", "no packet left although the sender is active"),
    signal(cause, "media-source", weights.control, "the source went on delivering"),
  ];
  if (typeof answered === "number" && answered > 0) {
    support.push(signal(cause, "candidate-pair", weights.control, "the path went on answering"));
  }
  const transform: Explanation[] =
    typeof encoded === "number" && encoded > 0
      ? [
          capped("application", [
            signal(
              cause,
              "encoder",
              weights.secondary,
              "frames were encoded and vanished before the network: a transform of the application can do that",
            ),
          ]),
        ]
      : [];
  return {
    explanations: [{ faultDomain: "publisher-device", for: support, against: [] }, ...transform],
    missing: [],
  };
}

/** The refusal is proof; a silent AudioContext is one only together with sound that arrives. */
function notPlayed(cause: Observation): Explained {
  const isRefused = cause.evidence.some(({ stat, field }) => stat === "event" && field === "error.name");
  if (isRefused) {
    return single("application", [
      definitive(cause, "the browser refused to play before a gesture of the user"),
    ]);
  }
  return single("application", [
    direct(
      cause,
      "audio-context",
      "Web Audio was not allowed to run, and the only element with this sound is muted",
    ),
    signal(cause, "inbound-rtp", weights.control, "the sound itself arrived"),
  ]);
}

/** The loudspeaker is behind the jitter buffer: what is missing there was never lost on the network. */
function stutter(cause: Observation, { observations, end }: Situation): Explained {
  const support = [direct(cause, "media-playout", "the loudspeaker asked for sound that was not ready")];
  const isArrivingWell = !observations.some(
    (other) =>
      other.severity !== "info" &&
      (other.id.startsWith("downlink-") || other.id === "audio-concealment") &&
      overlap(cause, other, end),
  );
  if (isArrivingWell) {
    support.push(signal(cause, "inbound-rtp", weights.control, "what arrived was complete at the time"));
  }
  return single("receiver-device", support);
}
