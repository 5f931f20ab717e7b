import type { CallPeople, FaultDomain, Observation, SessionAnalysis, Verdict } from "@peerscope/schema";
import { candidateCauses, pathDirection } from "./causes.ts";
import { type Explanation, type Signal, oneSidedConfidence, weights } from "./confidence.ts";
import { type Missing, decide } from "./session-verdict.ts";

/** A cause, and whose session it was found in. */
interface Located {
  readonly session: SessionAnalysis;
  readonly cause: Observation;
}

/** What is said of a call, and of whom. */
export interface CallVerdict {
  readonly verdict: Verdict;
  readonly people: CallPeople | null;
}

/** Fault domain of a call from the sessions in it. The order of the sessions does not matter. */
export function callVerdict(sessions: readonly SessionAnalysis[]): CallVerdict {
  const found: Located[] = [];
  for (const session of [...sessions].sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1))) {
    for (const cause of candidateCauses(session.observations)) found.push({ session, cause });
  }
  const byKey = new Map(found.map((located) => [located.cause, located]));
  const first = candidateCauses(
    found.map(({ cause }) => cause),
    undefined,
    sessions.flatMap(({ observations }) => observations),
  )[0];
  const stated = first === undefined ? undefined : byKey.get(first);
  if (stated === undefined) return quiet(sessions);
  const people = endsOf(stated, sessions);
  const bothWays = sessions.length === 2 && suffersOnTheWayBack(stated, found);
  return { verdict: verdictOf(stated, sessions), people: bothWays ? { ...people, bothWays } : people };
}

/** What goes wrong on a path, whichever way and whoever measured it: "loss" of "uplink-loss". */
function troubleOf(id: string): string {
  return id.replace(/^(uplink|downlink)-/, "");
}

/** Between two people the way back is what the same one receives instead of sends, or what the other one sends too. */
function suffersOnTheWayBack({ session, cause }: Located, found: readonly Located[]): boolean {
  const direction = pathDirection(cause.id);
  if (direction === null) return false;
  return found.some((other) => {
    const way = pathDirection(other.cause.id);
    const isBack = other.session === session ? way !== direction : way === direction;
    return (
      way !== null &&
      isBack &&
      troubleOf(other.cause.id) === troubleOf(cause.id) &&
      touches(other.cause, cause)
    );
  });
}

function verdictOf(stated: Located, sessions: readonly SessionAnalysis[]): Verdict {
  const { session, cause } = stated;
  // What one side could decide alone stays decided: the others cannot know better what its device or browser did.
  if (session.verdict.faultDomain !== "unknown" && session.verdict.statedCause === cause.id) {
    return { ...session.verdict, missing: notBlind(session.verdict.missing) };
  }
  if (pathDirection(cause.id) === null) return session.verdict;
  return sessions.length >= 3 ? manyPeople(stated, sessions) : twoPeople(stated, sessions);
}

function quiet(sessions: readonly SessionAnalysis[]): CallVerdict {
  const session = sessions.find(({ verdict }) => verdict.for.length > 0);
  if (session !== undefined) {
    // Effects are noticed by those who receive.
    return {
      verdict: session.verdict,
      people: { sender: otherName(session, sessions), receiver: nameIn(session, sessions) },
    };
  }
  return {
    verdict: {
      faultDomain: "unknown",
      confidence: 0,
      statedCause: null,
      for: [],
      against: [],
      missing: [],
      alternatives: [],
    },
    people: null,
  };
}

/** Who sends and who receives what the cause is about. */
function endsOf({ session, cause }: Located, sessions: readonly SessionAnalysis[]): CallPeople {
  const own = nameIn(session, sessions);
  const other = otherName(session, sessions);
  return (cause.scope.direction ?? pathDirection(cause.id)) === "inbound"
    ? { sender: other, receiver: own }
    : { sender: own, receiver: other };
}

/** What a browser cannot compute explains a session, not the call. */
function notBlind(missing: readonly Missing[]): Missing[] {
  return missing.filter(({ wouldDecide }) => wouldDecide.length > 0);
}

/** Longest part of a name that fits into a sentence. Ours. */
const longestName = 20;

function nameOf({ peer, userId, sessionId }: SessionAnalysis): string {
  const name = (userId ?? peer ?? "").trim();
  if (name === "") return `session ${sessionId.slice(0, 8)}`;
  const letters = Array.from(name);
  return letters.length > longestName ? `${letters.slice(0, longestName - 1).join("")}…` : name;
}

/** The name of a session in its call; whoever is there twice is told apart by the session. */
function nameIn(session: SessionAnalysis, sessions: readonly SessionAnalysis[]): string {
  const name = nameOf(session);
  const shared = sessions.some((other) => other !== session && nameOf(other) === name);
  return shared ? `${name} (${session.sessionId.slice(0, 8)})` : name;
}

/** The other one of two; nobody when there are more, or when only one was recorded. */
function otherName(session: SessionAnalysis, sessions: readonly SessionAnalysis[]): string | null {
  const others = sessions.filter((candidate) => candidate !== session);
  return others.length === 1 && others[0] !== undefined ? nameIn(others[0], sessions) : null;
}

const mirrored: Readonly<Record<string, string>> = {
  "uplink-loss": "downlink-loss",
  "downlink-loss": "uplink-loss",
  "uplink-jitter": "downlink-jitter",
  "downlink-jitter": "uplink-jitter",
};

/** Two people: the direction is certain, the end is not (catalogue section 5, identifiability). */
function twoPeople(stated: Located, sessions: readonly SessionAnalysis[]): Verdict {
  const { session, cause } = stated;
  const other = sessions.find((candidate) => candidate !== session);
  const ways = endsOf(stated, sessions);
  const sender = ways.sender ?? "the other side";
  const receiver = ways.receiver ?? "the other side";
  const way = `on the way from ${sender} to ${receiver}`;
  const support: Signal[] = [
    {
      observationId: cause.id,
      family: "near",
      text: `measured ${way}, in the session of ${nameIn(session, sessions)}`,
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
      text: `the same ${way}, measured in the session of ${nameIn(other, sessions)}`,
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
      what: `Wi-Fi or interface data of ${sender} and ${receiver}`,
      why: "what a device knows of its own network, or another connection at the same time, tells its end from the other",
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
      text: `measured in the session of ${nameIn(session, sessions)}`,
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
