import type { FaultDomain, Observation } from "@peerscope/schema";
import { overlap } from "./causes.ts";
import { type Signal, weights } from "./confidence.ts";
import { capped, type Explained, otherSide, type Situation } from "./explained.ts";
import { ownNetworkChanged } from "./ice-explanations.ts";
import { direct, signal } from "./signals.ts";

/** A path with two ends that look the same from here. */
export function path(support: readonly Signal[]): Explained {
  const ends: FaultDomain[] = ["publisher-uplink", "receiver-downlink"];
  return {
    explanations: ends.map((faultDomain) => capped(faultDomain, support)),
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

/** The path is gone, for a while or for good: what this end says of its own network decides, if it says something. */
export function lostPath(cause: Observation, { observations }: Situation): Explained {
  const text =
    cause.id === "ice-path-flapping"
      ? "the browser went from path to path"
      : "the path stopped answering in both directions";
  const either = path([direct(cause, "ice", text)]);
  const own = ownNetworkChanged(cause, observations);
  if (own === null) return either;
  const others = either.explanations.filter(({ faultDomain }) => faultDomain !== own.faultDomain);
  return { explanations: [own, ...others], missing: either.missing };
}

/** The way out: with a server in between it is this client's uplink, else the path to the other side. */
export function wayOut(cause: Observation, situation: Situation): Explained {
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
  if (situation.topology === "unknown") return path(support);
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
export function wayIn(cause: Observation, situation: Situation): Explained {
  const support = [direct(cause, "inbound-rtp", "measured at this end of the way in")];
  for (const other of situation.observations) {
    if (other === cause || other.severity === "info" || !overlap(cause, other, situation.end)) continue;
    if (other.id === "high-rtt") {
      support.push(signal(other, "round-trip", weights.secondary, "the round trip grew at the same time"));
    }
  }
  if (situation.topology === "unknown") return path(support);
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
        capped("sfu", [
          signal(cause, "all-streams", weights.pattern, "a server in trouble would look the same from here"),
        ]),
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
    explanations: [capped("remote", [control]), capped("receiver-downlink", support, [control])],
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
    explanations: [capped("receiver-downlink", support), capped("remote", [same])],
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
