import type { CallPeople, FaultDomain, Observation, SessionAnalysis, Verdict } from "@peerscope/schema";
import type { CallView } from "../detect/call-detector.ts";
import { pathDirection } from "./causes.ts";
import { nameIn, otherName } from "./call-people.ts";
import { type Explanation, type Signal, oneSidedConfidence, weights } from "./confidence.ts";
import { patternLimits } from "./multi-party.ts";
import { type Missing, decide } from "./session-verdict.ts";

/** A cause in the session of one person. */
export interface Located {
  readonly person: number;
  readonly session: SessionAnalysis;
  readonly cause: Observation;
}

/** A call, and what explains observations of its sessions from outside of them. */
export interface CallScene {
  readonly view: CallView;
  readonly explained: { has(observation: Observation): boolean };
}

/** Clean below it: the limit of the catalogue for the ways of senders (2.9). */
const cleanUplinkRatio = 0.02;

/** Fault domain of a cause of one session when the others are known. */
export function explainInCall(located: Located, scene: CallScene): Verdict {
  const { view } = scene;
  const { session, cause } = located;
  const isOwn = session.verdict.statedCause === cause.id;
  if (pathDirection(cause.id) === null) {
    // What one side could decide alone stays decided: the others cannot know better what its device or browser did.
    return isOwn ? trimmed(session.verdict) : (cause.verdict ?? unknown(cause));
  }
  if (view.overServer) return overServer(located, scene);
  const other = otherEnd(located, view);
  if (other === null) return isOwn ? trimmed(session.verdict) : unknown(cause);
  const pattern = view.sessions.length >= 3 ? patternOf(located, other, view) : null;
  return pattern ?? betweenTwo(located, other, view.sessions);
}

function trimmed(verdict: Verdict): Verdict {
  return { ...verdict, missing: notBlind(verdict.missing) };
}

/** What a browser cannot compute explains a session, not the call. */
function notBlind(missing: readonly Missing[]): Missing[] {
  return missing.filter(({ wouldDecide }) => wouldDecide.length > 0);
}

function unknown(cause: Observation): Verdict {
  return decide(cause, [], []);
}

/** Who sends and who receives what the cause is about. */
export function endsOf(located: Located, view: CallView): CallPeople {
  const { session, cause } = located;
  const { sessions } = view;
  const own = nameIn(session, sessions);
  const end = otherEnd(located, view);
  const far = end === null ? undefined : sessions[end];
  const other = far === undefined || view.overServer ? otherName(session, sessions) : nameIn(far, sessions);
  return (cause.scope.direction ?? pathDirection(cause.id)) === "inbound"
    ? { sender: other, receiver: own }
    : { sender: own, receiver: other };
}

/** The one person at the far end of the connection of a cause; null when it is not known who that is. */
function otherEnd({ person, cause }: Located, { sessions, legs }: CallView): number | null {
  if (sessions.length === 2) return 1 - person;
  const { pcId } = cause.scope;
  const ends = new Set<number>();
  for (const { sender, receiver, sent, received } of legs) {
    if (sender === person && sent.some((stream) => stream.pcId === pcId)) ends.add(receiver);
    if (receiver === person && received.pcId === pcId) ends.add(sender);
  }
  const [first] = ends;
  return ends.size === 1 && first !== undefined ? first : null;
}

function near({ session, cause }: Located, sessions: readonly SessionAnalysis[], way?: string): Signal {
  const where = `in the session of ${nameIn(session, sessions)}`;
  return {
    observationId: cause.id,
    family: "near",
    text: way === undefined ? `measured ${where}` : `measured ${way}, ${where}`,
    weight: weights.direct,
    from: cause.startedAt,
    ...(cause.clearedAt === null ? {} : { to: cause.clearedAt }),
  };
}

const mirrored: Readonly<Record<string, string>> = {
  "uplink-loss": "downlink-loss",
  "downlink-loss": "uplink-loss",
  "uplink-jitter": "downlink-jitter",
  "downlink-jitter": "uplink-jitter",
};

const bothEnds: readonly FaultDomain[] = ["publisher-uplink", "receiver-downlink"];

/** Two people: the direction is certain, the end is not (catalogue section 5, identifiability). */
function betweenTwo(located: Located, end: number, sessions: readonly SessionAnalysis[]): Verdict {
  const { session, cause } = located;
  const far = sessions[end];
  const own = nameIn(session, sessions);
  const other = far === undefined ? "the other side" : nameIn(far, sessions);
  const [sender, receiver] =
    (cause.scope.direction ?? pathDirection(cause.id)) === "inbound" ? [other, own] : [own, other];
  const way = `on the way from ${sender} to ${receiver}`;
  const support: Signal[] = [near(located, sessions, way)];
  const counterpart = far?.observations.find(
    (candidate) =>
      candidate.id === mirrored[cause.id] && candidate.severity !== "info" && touches(candidate, cause),
  );
  if (counterpart !== undefined) {
    support.push({
      observationId: counterpart.id,
      family: "far",
      text: `the same ${way}, measured in the session of ${other}`,
      weight: weights.definitive,
      from: counterpart.startedAt,
      ...(counterpart.clearedAt === null ? {} : { to: counterpart.clearedAt }),
    });
  }
  const explanations = bothEnds.map((faultDomain) => ({
    faultDomain,
    for: support,
    against: [],
    cap: oneSidedConfidence,
  }));
  return decide(cause, explanations, [
    {
      what: "a third participant, or a media server in between",
      why: `only it would measure the ends of the path from ${sender} to ${receiver} on their own`,
      wouldDecide: bothEnds,
    },
    {
      what: `Wi-Fi or interface data of ${sender} and ${receiver}`,
      why: "what a device knows of its own network, or another connection at the same time, tells its end from the other",
      wouldDecide: bothEnds,
    },
  ]);
}

/** Several people connected directly: a row or a column of the losses between them names an end. */
function patternOf(located: Located, end: number, view: CallView): Verdict | null {
  const { person, cause } = located;
  const isOut = pathDirection(cause.id) === "outbound";
  const sender = isOut ? person : end;
  const receiver = isOut ? end : person;
  let row = 0;
  let column = 0;
  for (const { patterns } of windowsOf(cause, view)) {
    for (const pattern of patterns) {
      if (pattern.kind === "sender" && pattern.person === sender && !pattern.alone) row += 1;
      if (pattern.kind === "receiver" && pattern.person === receiver) column += 1;
      if (pattern.kind !== "links" || pattern.ambiguous) continue;
      for (const link of pattern.links) {
        if (link.side === "uplink" && link.person === sender) row += 1;
        if (link.side === "downlink" && link.person === receiver) column += 1;
      }
    }
  }
  if (row === column) return null;
  const faultDomain = row > column ? "publisher-uplink" : "receiver-downlink";
  const who = nameIn(view.sessions[row > column ? sender : receiver] ?? located.session, view.sessions);
  const pattern: Signal = {
    family: "pattern",
    stat: "inbound-rtp",
    text:
      row > column
        ? `what ${who} sent was lost on the ways to the others too, and theirs was not`
        : `what the others sent to ${who} was lost on those ways too, and not between them`,
    weight: weights.control,
  };
  return decide(cause, [{ faultDomain, for: [near(located, view.sessions), pattern], against: [] }], []);
}

function windowsOf(cause: Observation, { windows, sessions }: CallView): CallView["windows"] {
  const end = cause.clearedAt ?? sessions.reduce((last, session) => Math.max(last, session.end), 0);
  return windows.filter(({ from, to }) => from < end && to > cause.startedAt);
}

/** Several people over a server: others on the same server are the control. */
function overServer(located: Located, scene: CallScene): Verdict {
  const { view } = scene;
  const { person, session, cause } = located;
  const isOut = pathDirection(cause.id) === "outbound";
  const others = othersInTrouble(located, scene);
  const support: Signal[] = [near(located, view.sessions)];
  const control: Signal = {
    family: "others",
    stat: isOut ? "remote-inbound-rtp" : "inbound-rtp",
    text: `${others.all - others.bad} of the ${others.all} others were clean in the same direction at the time`,
    weight: weights.control,
  };
  const isSettledAlone =
    session.verdict.statedCause === cause.id && session.verdict.faultDomain !== "unknown";
  const manyBad = others.all >= 2 && others.bad >= patternLimits.mostBadShare * others.all;
  if (isSettledAlone && !manyBad) return trimmed(session.verdict);
  if (!isOut && session.verdict.statedCause === cause.id) {
    const partly = onlySomeStreams(located, view);
    if (partly !== null) return partly;
  }
  if (isSettledAlone) {
    // Own words against those of most others: both stay.
    for (const [index, own] of session.verdict.for.entries())
      support.push({ ...own, family: `own ${index}` });
  } else if (others.all >= 2 && others.bad <= patternLimits.othersBadShare * others.all) {
    if (isOut || othersReachedServer(person, cause, view)) support.push(control);
  }
  const explanations: Explanation[] = [
    { faultDomain: isOut ? "publisher-uplink" : "receiver-downlink", for: support, against: [] },
  ];
  if (manyBad) {
    explanations.push({
      faultDomain: "sfu",
      for: [
        {
          family: "others",
          stat: isOut ? "remote-inbound-rtp" : "inbound-rtp",
          text: `${others.bad} of the ${others.all} others suffered at the same time`,
          weight: weights.control,
        },
      ],
      against: [],
    });
  }
  if (!isOut && view.sessions.length === 2 && othersReachedServer(person, cause, view)) {
    support.push({
      ...control,
      family: "senders",
      stat: "remote-inbound-rtp",
      text: "what was sent to the server reached it",
    });
  }
  const isUndecided = !isOut && !othersReachedServer(person, cause, view);
  return decide(cause, explanations, isUndecided ? notBlind(session.verdict.missing) : []);
}

interface Trouble {
  readonly all: number;
  readonly bad: number;
}

/** How many others had a trouble of the same direction at the time that nobody else explains. */
function othersInTrouble({ session, cause }: Located, { view: { sessions }, explained }: CallScene): Trouble {
  const prefix = pathDirection(cause.id) === "outbound" ? "uplink-" : "downlink-";
  let bad = 0;
  let all = 0;
  for (const other of sessions) {
    if (other === session) continue;
    all += 1;
    const isBad = other.observations.some(
      (observation) =>
        observation.id.startsWith(prefix) &&
        observation.severity !== "info" &&
        !explained.has(observation) &&
        touches(observation, cause),
    );
    if (isBad) bad += 1;
  }
  return { all, bad };
}

/** Did the server report clean ways of all others at the time, as far as it reported? */
function othersReachedServer(person: number, cause: Observation, view: CallView): boolean {
  let isKnown = false;
  for (const { uplinks } of windowsOf(cause, view)) {
    for (const [sender, uplink] of uplinks.entries()) {
      if (sender === person || uplink === null) continue;
      if (uplink >= cleanUplinkRatio) return false;
      isKnown = true;
    }
  }
  return isKnown;
}

/** One of several received streams is bad, and all that was sent reached the server: it is between the two. */
function onlySomeStreams(located: Located, view: CallView): Verdict | null {
  const { person, session, cause } = located;
  const isPartly = session.verdict.alternatives.some(({ faultDomain }) => faultDomain === "remote");
  if (!isPartly || !othersReachedServer(person, cause, view)) return null;
  const streams = view.windows
    .filter((window) => window.from < (cause.clearedAt ?? session.end) && window.to > cause.startedAt)
    .map(({ received }) => received[person]);
  // Of a single sender nothing tells its media from the way in.
  if (!streams.some((share) => share !== undefined && share.senders >= 2)) return null;
  const support: Signal[] = [
    {
      family: "senders",
      stat: "remote-inbound-rtp",
      text: "what was sent to the server reached it",
      weight: weights.control,
    },
    {
      family: "streams",
      stat: "inbound-rtp",
      text: "other streams of the same connection were clean",
      weight: weights.control,
    },
  ];
  const domains: readonly FaultDomain[] = ["sfu", "application"];
  return decide(
    cause,
    domains.map((faultDomain) => ({ faultDomain, for: support, against: [] })),
    [],
  );
}

type Times = Pick<Observation, "startedAt" | "clearedAt">;

export function touches(a: Times, b: Times): boolean {
  const endA = a.clearedAt ?? Number.POSITIVE_INFINITY;
  const endB = b.clearedAt ?? Number.POSITIVE_INFINITY;
  // Receiver reports tell late: ten seconds, one window, either way.
  return a.startedAt <= endB + 10_000 && b.startedAt <= endA + 10_000;
}
