import type {
  CallLeg,
  CallLink,
  CallPeople,
  CallSession,
  Observation,
  SessionAnalysis,
  Verdict,
} from "@peerscope/schema";
import type { CallView } from "../detect/call-detector.ts";
import { endsOf, explainInCall, type Located, touches } from "./call-explanations.ts";
import type { Found, Placed } from "./call-findings.ts";
import { nameIn, otherName } from "./call-people.ts";
import { candidateCauses, pathDirection } from "./causes.ts";
import { decide } from "./session-verdict.ts";

/** What is said of a call, and of whom. */
export interface CallVerdict {
  readonly verdict: Verdict;
  readonly people: CallPeople | null;
}

/** Everything known about a call when it is judged. */
export interface Judged {
  readonly view: CallView;
  readonly found: readonly Found[];
  /** What explains observations of the sessions from outside of them. */
  readonly explained: ReadonlyMap<Observation, Placed>;
}

/** Fault domain of the call. The order of the sessions does not matter. */
export function callVerdict(judged: Judged): CallVerdict {
  const { view, found, explained } = judged;
  const { sessions } = view;
  const located = sessions.flatMap((session, person) =>
    candidateCauses(session.observations).map((cause): Located => ({ person, session, cause })),
  );
  const causes = located.filter(({ cause }) => !explained.has(cause)).map(({ cause }) => cause);
  const first = candidateCauses(
    [...causes, ...found.map(({ observation }) => observation)],
    undefined,
    sessions.flatMap(({ observations }) => observations),
  )[0];
  if (first === undefined) return quiet(judged);
  const ofCall = found.find(({ observation }) => observation === first);
  if (ofCall !== undefined) return { verdict: verdictOfFound(ofCall), people: peopleOfFound(ofCall, view) };
  const stated = located.find(({ cause }) => cause === first);
  if (stated === undefined) return quiet(judged);
  const people = endsOf(stated, view);
  const bothWays = sessions.length === 2 && suffersOnTheWayBack(stated, located);
  return { verdict: explainInCall(stated, judged), people: bothWays ? { ...people, bothWays } : people };
}

/** What goes wrong on a path, whichever way and whoever measured it: "loss" of "uplink-loss". */
function troubleOf(id: string): string {
  return id.replace(/^(uplink|downlink)-/, "");
}

/** Troubles of a path that have no direction: when both ends have them, it is both ways. */
const wholePath: ReadonlySet<string> = new Set([
  "transport-stalled",
  "ice-disconnected",
  "ice-failed-midcall",
  "high-rtt",
]);

/** Between two people the way back is what the same one receives instead of sends, or what the other one sends too. */
function suffersOnTheWayBack({ session, cause }: Located, all: readonly Located[]): boolean {
  const direction = pathDirection(cause.id);
  if (direction === null) {
    return (
      wholePath.has(cause.id) &&
      all.some(
        (other) => other.session !== session && other.cause.id === cause.id && touches(other.cause, cause),
      )
    );
  }
  return all.some((other) => {
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

function verdictOfFound({ observation, explanations }: Found): Verdict {
  return decide(observation, explanations, []);
}

function peopleOfFound({ person, observation }: Found, { sessions }: CallView): CallPeople | null {
  const session = person === null ? undefined : sessions[person];
  if (session === undefined) return null;
  const own = nameIn(session, sessions);
  const peer = observation.scope.peerParticipantId;
  const other = peer ?? otherName(session, sessions);
  return observation.scope.direction === "inbound"
    ? { sender: other, receiver: own }
    : { sender: own, receiver: other };
}

/** No cause anywhere: what people noticed is said, and of whom. */
function quiet({ view: { sessions }, found }: Judged): CallVerdict {
  const session = sessions.find(({ verdict }) => verdict.for.length > 0);
  if (session !== undefined) {
    // Effects are noticed by those who receive.
    return {
      verdict: session.verdict,
      people: { sender: otherName(session, sessions), receiver: nameIn(session, sessions) },
    };
  }
  const noticed = found.filter(({ observation }) => observation.severity !== "info");
  return {
    verdict: {
      faultDomain: "unknown",
      confidence: 0,
      statedCause: null,
      for: noticed.map(({ observation: { id, startedAt, clearedAt } }) => ({
        observationId: id,
        text: "was noticed, and nothing recorded here explains it",
        weight: 0,
        from: startedAt,
        ...(clearedAt === null ? {} : { to: clearedAt }),
      })),
      against: [],
      missing: [],
      alternatives: [],
    },
    people: null,
  };
}

/** Each session as its call sees it: what others explain is not held against it. */
export function sessionsInCall(judged: Judged): CallSession[] {
  return judged.view.sessions.map((session, person) => {
    const stated = candidateCauses(session.observations)[0] ?? noticedFirst(session, judged);
    const { verdict, people } =
      stated === undefined
        ? { verdict: session.verdict, people: null }
        : verdictIn({ person, session, cause: stated }, judged);
    return {
      sessionId: session.sessionId,
      alone: session.verdict,
      verdict,
      people,
      explained: linksOf(session, judged),
      ...(session.callShare?.microphoneOff === undefined
        ? {}
        : { microphoneOff: session.callShare.microphoneOff }),
    };
  });
}

/** Of a session without a cause of its own, the first effect that is explained from outside. */
function noticedFirst(session: SessionAnalysis, { explained }: Judged): Observation | undefined {
  return session.observations.find((observation) => explained.has(observation));
}

function linksOf(session: SessionAnalysis, { view, explained }: Judged): CallLink[] {
  return session.observations.flatMap((observation) => {
    const by = explained.get(observation);
    if (by === undefined) return [];
    const other = by.person === null ? undefined : view.sessions[by.person];
    // A finding of the call may be about a person without being in that person's session.
    const isOfSession = other?.observations.includes(by.observation) ?? false;
    return [
      {
        key: observation.key,
        bySessionId: isOfSession && other !== undefined ? other.sessionId : null,
        byKey: by.observation.key,
      },
    ];
  });
}

/** Verdict on one observation of one session, whose cause may lie elsewhere. */
function verdictIn(located: Located, judged: Judged): CallVerdict {
  const { view, found, explained } = judged;
  const { sessions } = view;
  const by = explained.get(located.cause);
  if (by === undefined) return { verdict: explainInCall(located, judged), people: endsOf(located, view) };
  const root = rootOf(by, judged);
  const ofCall = found.find(({ observation }) => observation === root.observation);
  const other = root.person === null ? undefined : sessions[root.person];
  const base =
    ofCall === undefined && root.person !== null && other !== undefined
      ? explainInCall({ person: root.person, session: other, cause: root.observation }, judged)
      : decide(root.observation, ofCall?.explanations ?? [], []);
  const { id, startedAt, clearedAt } = located.cause;
  return {
    verdict: {
      ...base,
      for: [
        ...base.for,
        {
          observationId: id,
          text: `noticed in the session of ${nameIn(located.session, sessions)} at that time`,
          weight: 0,
          from: startedAt,
          ...(clearedAt === null ? {} : { to: clearedAt }),
        },
      ],
    },
    people: {
      sender: other === undefined || other === located.session ? null : nameIn(other, sessions),
      receiver: nameIn(located.session, sessions),
    },
  };
}

/** What stands behind a finding of the call, when something in a session does, and behind that in its own session. */
function rootOf(by: Placed, { view, found }: Judged): Placed {
  const start = found.find(({ observation }) => observation === by.observation)?.parent ?? by;
  const session = start.person === null ? undefined : view.sessions[start.person];
  let { observation } = start;
  // Parents of a session stand above their effects; the bound is for analyses made by hand.
  for (let depth = 0; depth < 8 && observation.parentId !== null; depth += 1) {
    const { parentId } = observation;
    const parent = session?.observations.find(({ key }) => key === parentId);
    if (parent === undefined) break;
    observation = parent;
  }
  return { person: start.person, observation };
}

/** Both directions of every person in which the network was in trouble, each with its own verdict. */
export function legsInTrouble(judged: Judged): CallLeg[] {
  return judged.view.sessions.flatMap((session, person) => {
    const causes = candidateCauses(session.observations);
    return (["inbound", "outbound"] as const).flatMap((direction): CallLeg[] => {
      const cause = causes.find(({ id }) => pathDirection(id) === direction);
      if (cause === undefined) return [];
      const located = { person, session, cause };
      const { verdict, people } = verdictIn(located, judged);
      return [
        {
          sessionId: session.sessionId,
          direction,
          verdict,
          people: people ?? endsOf(located, judged.view),
        },
      ];
    });
  });
}
