import type { SessionAnalysis } from "@peerscope/schema";
import type { CallDetector, CallFinding } from "../call-detector.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";

const thresholds = { joins: 3, joinsMajor: 5, windowSeconds: 600, overlapSeconds: 5 };

export const definition: ObservationDefinition = {
  id: "repeated-rejoins",
  category: "call-level",
  tier: "B",
  title: "A person joined again and again",
  meaning: "The same person joined the call several times within ten minutes, on the same kind of device.",
  domainHint: "unknown",
  effect: false,
  severities: ["minor", "major"],
  unit: "joins",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "3 joins of one person within 10 min: minor; 5: major. A page that is loaded again counts as a join",
  clearText: "no join for 10 min",
  evidence: ["derived.joins"],
  exceptions: [
    { when: "the person changed to another device or browser" },
    { when: "the earlier session still runs: the person is there twice" },
  ],
  blindIn: "Without a user id only pages that are loaded again are seen.",
  thresholds,
};

/** One arrival of a person. */
interface Join {
  readonly at: number;
  readonly person: number;
}

/** Who keeps coming back. */
export const repeatedRejoins: CallDetector = {
  definition,
  detect(view) {
    const limits = view.thresholds(definition, thresholds);
    const groups = new Map<string, number[]>();
    for (const [person, session] of view.sessions.entries()) {
      const key = identity(session);
      const known = groups.get(key);
      if (known === undefined) groups.set(key, [person]);
      else known.push(person);
    }
    return [...groups.values()].flatMap((people) => {
      const joins = joinsOf(view.sessions, people, limits.overlapSeconds * 1000);
      return bursts(joins, limits).map((burst) => findingOf(burst, limits));
    });
  },
};

/** Who it is, on which device; without a user id every session is somebody else. */
function identity({ userId, sessionId, context }: SessionAnalysis): string {
  if (userId === null) return JSON.stringify([null, sessionId]);
  return JSON.stringify([userId, context["browserName"] ?? null, context["osName"] ?? null]);
}

function joinsOf(sessions: readonly SessionAnalysis[], people: readonly number[], overlapMs: number): Join[] {
  const joins = people.flatMap((person) =>
    (sessions[person]?.callShare?.joinedAt ?? []).map((at) => ({ at, person })),
  );
  return joins
    .filter(({ at, person }) =>
      people.every((other) => {
        const session = sessions[other];
        if (other === person || session === undefined) return true;
        return !(session.start < at - overlapMs && session.end > at + overlapMs);
      }),
    )
    .sort((a, b) => a.at - b.at);
}

/** Joins of which each is within the time of enough others. */
function bursts(joins: readonly Join[], limits: typeof thresholds): Join[][] {
  const windowMs = limits.windowSeconds * 1000;
  const found: Join[][] = [];
  let open: Join[] = [];
  for (const [index, join] of joins.entries()) {
    const first = joins[index - (limits.joins - 1)];
    if (first === undefined || join.at - first.at > windowMs) continue;
    const own = joins.slice(index - (limits.joins - 1), index + 1);
    const last = open.at(-1);
    if (last !== undefined && own[0] !== undefined && own[0].at <= last.at) {
      open.push(...own.filter(({ at }) => at > last.at));
    } else {
      open = [...own];
      found.push(open);
    }
  }
  return found;
}

function findingOf(burst: readonly Join[], limits: typeof thresholds): CallFinding {
  const from = burst[0]?.at ?? 0;
  const last = burst.at(-1) ?? { at: from, person: 0 };
  const windowMs = limits.windowSeconds * 1000;
  let most = 0;
  for (const { at } of burst) {
    most = Math.max(most, burst.filter((other) => other.at <= at && at - other.at <= windowMs).length);
  }
  const joins = evidence("derived", "joins", most, "joins", from, last.at, limits.joins);
  return {
    severity: most >= limits.joinsMajor ? "major" : "minor",
    from,
    to: last.at,
    person: last.person,
    peak: joins,
    evidence: [joins],
    causedIn: burst.map(({ person }) => person),
  };
}
