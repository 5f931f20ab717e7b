import type { FaultDomain, Observation } from "@peerscope/schema";
import { observationCatalog } from "../detect/catalog.ts";
import type { SessionModel } from "../model/session.ts";
import { type OwnDefinitions, overlap } from "./causes.ts";
import { type Explanation, type Signal, oneSidedConfidence, weights } from "./confidence.ts";
import { encoderExplanation, pageExplanation, pressureExplanation } from "./device-explanations.ts";
import {
  blockedUdp,
  distantRelay,
  neverConnected,
  ownNetworkChanged,
  unreachableRelays,
  withoutRelay,
} from "./ice-explanations.ts";
import { stalledPicture } from "./picture-explanations.ts";
import type { Missing } from "./session-verdict.ts";
import {
  failedHandshake,
  refusedCandidates,
  refusedMedium,
  stalledNegotiation,
} from "./setup-explanations.ts";
import { signal } from "./signals.ts";
import type { Topology } from "./topology.ts";

/** What one side knows when it looks for the fault domain of a cause. */
export interface Situation {
  readonly model: SessionModel;
  readonly observations: readonly Observation[];
  readonly topology: Topology;
  readonly own?: OwnDefinitions;
  readonly end: number;
}

export interface Explained {
  readonly explanations: readonly Explanation[];
  readonly missing: readonly Missing[];
}

const otherSide: Missing = {
  what: "the other side's recording",
  why: "both ends of the path see the same packets; only what one of them knows of its own device or network tells them apart",
  wouldDecide: ["publisher-uplink", "receiver-downlink"],
};

/** Possible fault domains of a cause, with what speaks for and against each. */
export function explain(cause: Observation, situation: Situation): Explained {
  switch (cause.id) {
    case "media-permission-denied":
      return single(cause, cause.domainHint, [definitive(cause, "the browser refused access")]);
    case "media-device-missing":
      return single(cause, cause.domainHint, [definitive(cause, "the browser found no such device")]);
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
      return single(cause, "publisher-device", [
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
      return path(cause, [direct(cause, "round-trip", "answers took long")]);
    default:
      return byDefinition(cause, situation);
  }
}

/** What the definition itself says speaks for the domain of the record. */
function byDefinition(cause: Observation, { own }: Situation): Explained {
  const signals = (observationCatalog.get(cause.id) ?? own?.get(cause.id))?.signals ?? [];
  if (signals.length === 0 || cause.domainHint === "unknown") return { explanations: [], missing: [] };
  return single(
    cause,
    cause.domainHint,
    signals.map(({ family, weight, text }) => signal(cause, family, weight, text)),
  );
}

const definitive = (cause: Observation, text: string): Signal =>
  signal(cause, "event", weights.definitive, text);

const direct = (cause: Observation, family: string, text: string): Signal =>
  signal(cause, family, weights.direct, text);

function single(cause: Observation, faultDomain: FaultDomain, support: readonly Signal[]): Explained {
  void cause;
  return { explanations: [{ faultDomain, for: support, against: [] }], missing: [] };
}

/** A path with two ends that look the same from here. */
function path(cause: Observation, support: readonly Signal[]): Explained {
  void cause;
  const ends: FaultDomain[] = ["publisher-uplink", "receiver-downlink"];
  return {
    explanations: ends.map((faultDomain) => ({
      faultDomain,
      for: support,
      against: [],
      cap: oneSidedConfidence,
    })),
    missing: [
      otherSide,
      {
        what: "a third participant, or a media server in between",
        why: "it would measure each end of the path on its own",
        wouldDecide: ["publisher-uplink", "receiver-downlink"],
      },
    ],
  };
}

function lostPath(cause: Observation, { observations }: Situation): Explained {
  const text =
    cause.id === "ice-path-flapping"
      ? "the browser went from path to path"
      : "the path stopped answering in both directions";
  const either = path(cause, [direct(cause, "ice", text)]);
  const own = ownNetworkChanged(cause, observations);
  if (own === null) return either;
  const others = either.explanations.filter(({ faultDomain }) => faultDomain !== own.faultDomain);
  return { explanations: [own, ...others], missing: either.missing };
}

function withoutMedia(cause: Observation): Explained {
  const outbound = cause.scope.direction === "outbound";
  if (outbound) {
    return single(cause, "application", [
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
    explanations: (["application", "remote"] as const).map((faultDomain) => ({
      faultDomain,
      for: [nothing],
      against: [],
      cap: oneSidedConfidence,
    })),
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
          {
            faultDomain: "application",
            for: [
              signal(
                cause,
                "encoder",
                weights.secondary,
                "frames were encoded and vanished before the network: a transform of the application can do that",
              ),
            ],
            against: [],
            cap: oneSidedConfidence,
          },
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
    return single(cause, "application", [
      definitive(cause, "the browser refused to play before a gesture of the user"),
    ]);
  }
  return single(cause, "application", [
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
  return single(cause, "receiver-device", support);
}

/** The way out: with a server in between it is this client's uplink, else the path to the other side. */
function wayOut(cause: Observation, situation: Situation): Explained {
  const support = [wayOutSignal(cause)];
  for (const other of situation.observations) {
    if (other === cause || other.severity === "info" || !overlap(cause, other, situation.end)) continue;
    if (other.id === "high-rtt") {
      support.push(signal(other, "round-trip", weights.secondary, "the round trip grew at the same time"));
    } else if (other.id === "uplink-jitter" || other.id === "uplink-loss") {
      if (cause.id === "uplink-bandwidth-limited") {
        support.push(
          signal(other, "remote-inbound-rtp", weights.secondary, "the far end saw it in the same direction"),
        );
      } else if (other.id === cause.id && other.scope.ssrc !== cause.scope.ssrc) {
        support.push(
          signal(other, "second-stream", weights.secondary, "another stream on the same way suffered too"),
        );
      }
    }
  }
  if (situation.topology === "unknown") return path(cause, support);
  const against = cause.counter
    .filter(({ field }) => field === "lossOfOtherStream")
    .map(() =>
      signal(cause, "second-stream", weights.control, "another stream on the same way lost nothing"),
    );
  const inbound = situation.observations.some(
    (other) =>
      other.severity !== "info" && other.id.startsWith("downlink-") && overlap(cause, other, situation.end),
  );
  if (!inbound) {
    support.push({
      family: "control",
      stat: "inbound-rtp",
      text: "what this client received was clean at the time",
      weight: weights.control,
    });
  }
  return { explanations: [{ faultDomain: "publisher-uplink", for: support, against }], missing: [] };
}

/** What the cause itself shows of the way out. */
function wayOutSignal(cause: Observation): Signal {
  switch (cause.id) {
    case "uplink-bandwidth-limited":
      if (cause.evidence.some(({ field }) => field === "roundTripTime"))
        return signal(
          cause,
          "round-trip",
          weights.pattern,
          "much less goes out while packets wait in a queue and get lost",
        );
      return direct(cause, "bandwidth-estimate", "the estimate of the way out is below what is to be sent");
    case "uplink-bufferbloat":
      return direct(cause, "round-trip", "the round trip grows with what is sent");
    case "uplink-send-delay":
      return signal(cause, "bandwidth-estimate", weights.secondary, "packets wait before they may be sent");
    case "uplink-retransmission-heavy":
      return signal(
        cause,
        "repair",
        weights.secondary,
        "packets are lost on the way out and asked for again",
      );
    default:
      return direct(cause, "remote-inbound-rtp", "measured at the far end of the way out");
  }
}

/** The way in: with a server in between, all senders bad points here, one of several points there. */
function wayIn(cause: Observation, situation: Situation): Explained {
  const support = [direct(cause, "inbound-rtp", "measured at this end of the way in")];
  for (const other of situation.observations) {
    if (other === cause || other.severity === "info" || !overlap(cause, other, situation.end)) continue;
    if (other.id === "high-rtt") {
      support.push(signal(other, "round-trip", weights.secondary, "the round trip grew at the same time"));
    }
  }
  if (situation.topology === "unknown") return path(cause, support);
  const { bad, all, senders } = shareOfStreams(cause, situation);
  if (bad === all && senders < 2) return wayOfOneSender(cause, support);
  if (all >= 2 && bad === all) {
    support.push({
      family: "all-streams",
      stat: "inbound-rtp",
      text: `all ${all} received streams suffered at once`,
      weight: weights.control,
    });
    return {
      explanations: [
        { faultDomain: "receiver-downlink", for: support, against: [] },
        {
          faultDomain: "sfu",
          for: [
            signal(
              cause,
              "all-streams",
              weights.pattern,
              "a server in trouble would look the same from here",
            ),
          ],
          against: [],
          cap: oneSidedConfidence,
        },
      ],
      missing: [],
    };
  }
  const control: Signal = {
    family: "all-streams",
    stat: "inbound-rtp",
    text: `${all - bad} of ${all} received streams were clean at the time`,
    weight: weights.control,
  };
  return {
    explanations: [
      { faultDomain: "remote", for: [control], against: [], cap: oneSidedConfidence },
      { faultDomain: "receiver-downlink", for: support, against: [control], cap: oneSidedConfidence },
    ],
    missing: [{ ...otherSide, wouldDecide: ["remote", "publisher-uplink", "sfu", "receiver-downlink"] }],
  };
}

/** Sound and picture of a single sender: a server passes on the holes of its way, so they may be from there. */
function wayOfOneSender(cause: Observation, support: readonly Signal[]): Explained {
  const same = signal(
    cause,
    "inbound-rtp",
    weights.secondary,
    "losses of the only sender would look the same",
  );
  return {
    explanations: [
      { faultDomain: "receiver-downlink", for: support, against: [], cap: oneSidedConfidence },
      { faultDomain: "remote", for: [same], against: [], cap: oneSidedConfidence },
    ],
    missing: [{ ...otherSide, wouldDecide: ["remote", "publisher-uplink", "sfu", "receiver-downlink"] }],
  };
}

/** Received streams of the same connection that showed the same kind of trouble, of all that carried media. */
function shareOfStreams(
  cause: Observation,
  { model, observations, end }: Situation,
): { bad: number; all: number; senders: number } {
  const connection = cause.scope.pcId === undefined ? undefined : model.connections.get(cause.scope.pcId);
  const bad = new Set<number>();
  for (const { id, scope, severity, startedAt, clearedAt } of observations) {
    if (!id.startsWith("downlink-") || severity === "info" || scope.pcId !== cause.scope.pcId) continue;
    if (startedAt > (cause.clearedAt ?? end) || (clearedAt ?? end) < cause.startedAt) continue;
    if (scope.ssrc !== undefined) bad.add(scope.ssrc);
  }
  // Streams that came or went at another time are no control.
  const until = cause.clearedAt ?? end;
  let all = 0;
  const ofKind = { audio: 0, video: 0 };
  for (const { kind, firstSeenAt, lastPacketAt } of connection?.inbound.values() ?? []) {
    if (lastPacketAt === null || firstSeenAt > until || lastPacketAt < cause.startedAt) continue;
    all += 1;
    ofKind[kind] += 1;
  }
  for (const { from, to } of connection?.formerInbound ?? []) {
    if (from <= until && to >= cause.startedAt) all += 1;
  }
  // Nobody sends two microphones; of streams that are gone the kind is not known, two of them are one sender at least.
  const gone = all - ofKind.audio - ofKind.video;
  const senders = Math.max(ofKind.audio, ofKind.video) + Math.ceil(gone / 2);
  return { bad: bad.size, all: Math.max(all, bad.size), senders };
}
