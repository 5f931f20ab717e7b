import type { FaultDomain, Observation, SessionAnalysis, Verdict } from "@peerscope/schema";
import { candidateCauses, pathDirection } from "./causes.ts";
import { type Explanation, type Signal, oneSidedConfidence, weights } from "./confidence.ts";
import { type Missing, decide } from "./session-verdict.ts";

/** A cause, and whose session it was found in. */
interface Located {
  readonly session: SessionAnalysis;
  readonly cause: Observation;
}

/** Fault domain of a call from the sessions in it. The order of the sessions does not matter. */
export function callVerdict(sessions: readonly SessionAnalysis[]): Verdict {
  const found: Located[] = [];
  for (const session of [...sessions].sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1))) {
    for (const cause of candidateCauses(session.observations)) found.push({ session, cause });
  }
  const byKey = new Map(found.map((located) => [located.cause, located]));
  const first = candidateCauses(found.map(({ cause }) => cause))[0];
  const stated = first === undefined ? undefined : byKey.get(first);
  if (stated === undefined) return quiet(sessions);
  // What one side could decide alone stays decided: the others cannot know better what its device or browser did.
  if (
    stated.session.verdict.faultDomain !== "unknown" &&
    stated.session.verdict.statedCause === stated.cause.id
  ) {
    return { ...stated.session.verdict, missing: notBlind(stated.session.verdict.missing) };
  }
  const direction = pathDirection(stated.cause.id);
  if (direction === null) return stated.session.verdict;
  return sessions.length >= 3 ? manyPeople(stated, sessions) : twoPeople(stated, sessions);
}

function quiet(sessions: readonly SessionAnalysis[]): Verdict {
  const effects = sessions.find(({ verdict }) => verdict.for.length > 0);
  return (
    effects?.verdict ?? {
      faultDomain: "unknown",
      confidence: 0,
      statedCause: null,
      for: [],
      against: [],
      missing: [],
      alternatives: [],
    }
  );
}

/** What a browser cannot compute explains a session, not the call. */
function notBlind(missing: readonly Missing[]): Missing[] {
  return missing.filter(({ wouldDecide }) => wouldDecide.length > 0);
}

const name = ({ peer, userId, sessionId }: SessionAnalysis): string => peer ?? userId ?? sessionId;

const mirrored: Readonly<Record<string, string>> = {
  "uplink-loss": "downlink-loss",
  "downlink-loss": "uplink-loss",
  "uplink-jitter": "downlink-jitter",
  "downlink-jitter": "uplink-jitter",
};

/** Two people: the direction is certain, the end is not (catalogue section 5, identifiability). */
function twoPeople({ session, cause }: Located, sessions: readonly SessionAnalysis[]): Verdict {
  const other = sessions.find((candidate) => candidate !== session);
  const outbound = pathDirection(cause.id) === "outbound";
  const sender = outbound ? name(session) : other === undefined ? "the other side" : name(other);
  const receiver = outbound ? (other === undefined ? "the other side" : name(other)) : name(session);
  const way = `on the way from ${sender} to ${receiver}`;
  const support: Signal[] = [
    {
      observationId: cause.id,
      family: "near",
      text: `measured ${way}, in the session of ${name(session)}`,
      weight: weights.direct,
      from: cause.startedAt,
      ...(cause.clearedAt === null ? {} : { to: cause.clearedAt }),
    },
  ];
  const counterpart = other?.observations.find(
    (candidate) =>
      candidate.id === mirrored[cause.id] && candidate.severity !== "info" && touches(candidate, cause),
  );
  if (counterpart !== undefined && other !== undefined) {
    support.push({
      observationId: counterpart.id,
      family: "far",
      text: `the same ${way}, measured in the session of ${name(other)}`,
      weight: weights.definitive,
      from: counterpart.startedAt,
      ...(counterpart.clearedAt === null ? {} : { to: counterpart.clearedAt }),
    });
  }
  const ends: FaultDomain[] = ["publisher-uplink", "receiver-downlink"];
  const explanations: Explanation[] = ends.map((faultDomain) => ({
    faultDomain,
    for: support,
    against: [],
    cap: oneSidedConfidence,
  }));
  return decide(cause, explanations, [
    {
      what: "a third participant, or a media server in between",
      why: `only it would measure the ends of the path from ${sender} to ${receiver} on their own`,
      wouldDecide: ends,
    },
    {
      what: `what the devices of ${sender} and ${receiver} know of their own networks`,
      why: "Wi-Fi signal, interface counters or another connection at the same time",
      wouldDecide: ends,
    },
  ]);
}

/** Several people over a server: others on the same server are the control. */
function manyPeople({ session, cause }: Located, sessions: readonly SessionAnalysis[]): Verdict {
  const outbound = pathDirection(cause.id) === "outbound";
  const prefix = outbound ? "uplink-" : "downlink-";
  const others = sessions.filter((candidate) => candidate !== session);
  const bad = others.filter(({ observations }) =>
    observations.some(
      (candidate) =>
        candidate.id.startsWith(prefix) && candidate.severity !== "info" && touches(candidate, cause),
    ),
  );
  const domain: FaultDomain = outbound ? "publisher-uplink" : "receiver-downlink";
  const support: Signal[] = [
    {
      observationId: cause.id,
      family: "near",
      text: `measured in the session of ${name(session)}`,
      weight: weights.direct,
      from: cause.startedAt,
      ...(cause.clearedAt === null ? {} : { to: cause.clearedAt }),
    },
  ];
  const control: Signal = {
    family: "others",
    stat: outbound ? "remote-inbound-rtp" : "inbound-rtp",
    text: `${others.length - bad.length} of the ${others.length} others were clean in the same direction at the time`,
    weight: weights.control,
  };
  const share = bad.length / Math.max(1, others.length);
  if (share <= 0.2) support.push(control);
  const common: Explanation[] =
    share >= 0.6
      ? [
          {
            faultDomain: "sfu",
            for: [
              {
                family: "others",
                stat: control.stat ?? "inbound-rtp",
                text: `${bad.length} of the ${others.length} others suffered at the same time`,
                weight: weights.control,
              },
            ],
            against: [],
          },
        ]
      : [];
  return decide(cause, [{ faultDomain: domain, for: support, against: [] }, ...common], []);
}

function touches(a: Observation, b: Observation): boolean {
  const endA = a.clearedAt ?? Number.POSITIVE_INFINITY;
  const endB = b.clearedAt ?? Number.POSITIVE_INFINITY;
  // Receiver reports tell late: ten seconds, one window, either way.
  return a.startedAt <= endB + 10_000 && b.startedAt <= endA + 10_000;
}
