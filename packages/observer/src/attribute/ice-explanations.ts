import type { FaultDomain, Observation } from "@peerscope/schema";
import { type Explanation, weights } from "./confidence.ts";
import { capped, type Explained } from "./explained.ts";
import type { Missing } from "./session-verdict.ts";
import { signal } from "./signals.ts";

/** The line of this client, whichever way the media goes: neither can be told from the other here. */
const ownLine = ["publisher-uplink", "receiver-downlink"] as const satisfies readonly FaultDomain[];

/** A network may be found lost this long after it changed, and the change be told this much later. Catalogue 4 and 3.2. */
const lostAfterMs = 30_000;
const toldLaterMs = 10_000;

function valueOf(cause: Observation, name: string): unknown {
  return cause.evidence.find(({ stat, field }) => `${stat}.${field}` === name)?.value;
}

const otherRecording: Missing = {
  what: "the other side's recording",
  why: "it shows whether the checks arrived there, and whether its own were answered",
  wouldDecide: ["publisher-uplink", "receiver-downlink", "remote"],
};

/**
 * No check was answered. Without any relay a direct path was all there was; with one on both sides the relays themselves do
 * not reach each other, or the sides do not have each other's credentials.
 */
export function neverConnected(cause: Observation): Explained {
  const relay = valueOf(cause, "derived.relayCandidates");
  const unanswered = signal(cause, "checks", weights.secondary, "checks were sent and none was answered");
  const explanations = ownLine.map((domain) => capped(domain, [unanswered]));
  if (relay === false) {
    const text = "neither side had a relay candidate to fall back on";
    explanations.push(capped("application", [signal(cause, "candidates", weights.pattern, text)]));
  } else if (valueOf(cause, "derived.relayOnBothSides") === true) {
    const text =
      "both sides had a relay and still nothing was answered: the credentials of a side may be wrong";
    explanations.push(capped("application", [signal(cause, "candidates", weights.pattern, text)]));
  }
  const missing: Missing[] = [otherRecording];
  if (relay !== true) {
    missing.push({
      what: "a relay (TURN) candidate",
      why: "whether a relayed path works tells a blocked direct path from a dead network",
      wouldDecide: ["application", "publisher-uplink", "receiver-downlink"],
    });
  }
  return { explanations, missing };
}

/** The app gave no relay and no direct path was found. What does not even reach a STUN server would not reach a relay. */
export function withoutRelay(cause: Observation): Explained {
  const stun = valueOf(cause, "derived.stunAnswered");
  const blocked = signal(cause, "stun", weights.secondary, "no STUN server answered this client either");
  return {
    explanations: [
      {
        faultDomain: "application",
        for: [
          signal(cause, "configuration", weights.direct, "the app configured no relay"),
          signal(cause, "checks", weights.secondary, "no direct path was answered, which a relay is for"),
        ],
        against: stun === false ? [blocked] : [],
      },
      ...(stun === false ? ownLine.map((domain) => capped(domain, [blocked])) : []),
    ],
    missing: [otherRecording],
  };
}

/** Nobody answers: this network, the servers, or their addresses. One session cannot tell. */
export function unreachableRelays(cause: Observation): Explained {
  const silent = signal(cause, "icecandidateerror", weights.direct, "no TURN server could be reached");
  const open = signal(cause, "stun", weights.secondary, "a STUN server answered at the same time");
  const stun = valueOf(cause, "derived.stunAnswered") === true;
  return {
    explanations: [
      ...ownLine.map((faultDomain) => capped(faultDomain, [silent], stun ? [open] : [])),
      capped("turn", stun ? [silent, open] : [silent]),
    ],
    missing: [
      {
        what: "other sessions with the same TURN servers",
        why: "when they fail too it is the servers or their addresses, when they do not it is this network",
        wouldDecide: ["turn", "application", "publisher-uplink", "receiver-downlink"],
      },
    ],
  };
}

/** UDP does not pass: the network of this client, unless the servers do not listen there. */
export function blockedUdp(cause: Observation): Explained {
  const tcp = signal(cause, "path", weights.secondary, "a path over TCP works where those over UDP do not");
  const servers = signal(cause, "udp-servers", weights.secondary, "nothing was answered over UDP");
  return {
    explanations: ownLine.map((domain) => capped(domain, [tcp, servers])),
    missing: [
      {
        what: "other sessions with the same servers",
        why: "when those reach them over UDP, it is this network that blocks it",
        wouldDecide: ["publisher-uplink", "receiver-downlink", "turn"],
      },
    ],
  };
}

/** A long way over a relay is the relay's only where the direct way was measured and is shorter. */
export function distantRelay(cause: Observation): Explained {
  const support = [
    signal(cause, "round-trip", weights.direct, "answers over the relay take long all the time"),
  ];
  const direct = valueOf(cause, "derived.directRoundTripTime");
  if (typeof direct === "number") {
    const text = "a direct path answers faster at the same time";
    return {
      explanations: [
        {
          faultDomain: "turn",
          for: [...support, signal(cause, "direct", weights.control, text)],
          against: [],
        },
      ],
      missing: [],
    };
  }
  return {
    explanations: [capped("turn", support), ...ownLine.map((domain) => capped(domain, support))],
    missing: [
      {
        what: "the round trip of a direct path",
        why: "when it is as long, the two sides are far apart and the relay adds nothing",
        wouldDecide: ["turn", "publisher-uplink", "receiver-downlink"],
      },
    ],
  };
}

/** The network of this client changed when the path was lost: that is this end of it. Null when it did not. */
export function ownNetworkChanged(
  cause: Observation,
  observations: readonly Observation[],
): Explanation | null {
  const change = observations.find(
    ({ id, startedAt }) =>
      id === "network-interface-changed" &&
      startedAt >= cause.startedAt - lostAfterMs &&
      startedAt <= cause.startedAt + toldLaterMs,
  );
  if (change === undefined) return null;
  return {
    faultDomain: "publisher-uplink",
    for: [
      signal(change, "network", weights.direct, "this person's device changed its network at that time"),
      signal(cause, "ice", weights.secondary, "the path stopped answering in both directions"),
    ],
    against: [],
  };
}
