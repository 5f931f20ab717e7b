import type { ScoreClass, Severity } from "@peerscope/schema";
import type { LiveCall, LiveChange, LiveSession, LiveSnapshot, SessionSummary } from "@peerscope/schema/api";
import { liveFactors } from "./live-factors.ts";
import type { SessionNow } from "./live-session.ts";

export interface LiveStateOptions {
  /** Sessions whose clients are connected or were heard a moment ago, of all projects. */
  readonly liveSessions: () => Iterable<SessionSummary>;
  /** Unix ms. */
  readonly now: () => number;
}

/** What is happening now, kept in memory: how each live session is, what changed last, and half an hour of calls. */
export interface LiveState {
  /** What the analysis says of a session. */
  heard(summary: SessionSummary, now: SessionNow): void;
  /** Writes down how the calls are, and forgets sessions that are over. Called every few seconds. */
  look(): void;
  snapshot(projectId: string): LiveSnapshot;
  /** The session is erased: nothing says any more that it was. */
  forget(sessionId: string): void;
}

const maxSessions = 200;
const maxCalls = 60;
const maxChanges = 40;
const minutes = 30;
/** Calls whose last half hour is kept: about a megabyte. Ours. */
const maxWatchedCalls = 20_000;

const severityRank: Readonly<Record<Severity, number>> = { info: 0, minor: 1, major: 2, critical: 3 };
/** Worst last. Somebody who is not measured does not hide how it is for the others. */
const ranked: readonly ScoreClass[] = ["not-measured", "good", "fair", "poor", "dropped", "failed"];
const rankOf: Readonly<Record<ScoreClass, number>> = {
  "not-measured": 0,
  good: 1,
  fair: 2,
  poor: 3,
  dropped: 4,
  failed: 5,
};
const isBad = (of: ScoreClass): boolean => rankOf[of] >= rankOf.poor;

interface Watched {
  now: SessionNow;
  /** Since when something has been wrong without a pause. */
  since: number | null;
}

/** Rank of the worst session of a call in each of the last minutes; -1 where nobody was there. */
interface CallMinutes {
  readonly ranks: Int8Array;
  /** Number of the minute of the last entry. */
  minute: number;
}

export function createLiveState({ liveSessions, now }: LiveStateOptions): LiveState {
  const watched = new Map<string, Watched>();
  const changes = new Map<string, LiveChange[]>();
  const callMinutes = new Map<string, CallMinutes>();

  function note(summary: SessionSummary, before: SessionNow | undefined, after: SessionNow): void {
    const { projectId, sessionId, userId } = summary;
    const list = changes.get(projectId) ?? [];
    const changed = (
      change: LiveChange["change"],
      from: SessionNow,
      others: SessionNow | undefined,
    ): void => {
      for (const observation of from.observations) {
        if (others?.observations.some(({ key }) => key === observation.key) === true) continue;
        list.unshift({ at: now(), change, sessionId, userId, observation });
      }
    };
    if (before !== undefined) changed("cleared", before, after);
    changed("opened", after, before);
    list.splice(maxChanges);
    if (list.length > 0) changes.set(projectId, list);
  }

  function advance(call: CallMinutes, minute: number): void {
    const passed = Math.min(minutes, minute - call.minute);
    if (passed <= 0) return;
    call.ranks.copyWithin(0, passed);
    call.ranks.fill(-1, minutes - passed);
    call.minute = minute;
  }

  function minutesOf(key: string): LiveCall["minutes"] {
    const call = callMinutes.get(key);
    if (call === undefined) return Array.from({ length: minutes }, () => null);
    advance(call, Math.floor(now() / 60_000));
    return Array.from(call.ranks, (rank) => ranked[rank] ?? null);
  }

  const classOf = (summary: SessionSummary): ScoreClass =>
    watched.get(summary.sessionId)?.now.class ?? "not-measured";

  function toLiveSession(summary: SessionSummary): LiveSession {
    const { sessionId, callId, userId, startedAt, faultDomain, browser, os } = summary;
    const known = watched.get(sessionId);
    return {
      sessionId,
      callId,
      userId,
      startedAt,
      class: classOf(summary),
      since: known?.since ?? null,
      faultDomain,
      observations: [...(known?.now.observations ?? [])],
      browser,
      os,
    };
  }

  return {
    heard(summary, after) {
      const { sessionId } = summary;
      const known = watched.get(sessionId);
      // What is read after the end, or is no live session at all, changes nothing now.
      if (summary.ended) {
        watched.delete(sessionId);
        return;
      }
      note(summary, known?.now, after);
      const isWrong = after.observations.length > 0 || isBad(after.class);
      const began = Math.min(now(), ...after.observations.map(({ startedAt }) => startedAt));
      watched.set(sessionId, { now: after, since: isWrong ? (known?.since ?? began) : null });
    },
    look() {
      const minute = Math.floor(now() / 60_000);
      const live = new Set<string>();
      for (const summary of liveSessions()) {
        live.add(summary.sessionId);
        const key = callKey(summary);
        let call = callMinutes.get(key);
        if (call === undefined) {
          if (callMinutes.size >= maxWatchedCalls) continue;
          call = { ranks: new Int8Array(minutes).fill(-1), minute };
          callMinutes.set(key, call);
        }
        advance(call, minute);
        call.ranks[minutes - 1] = Math.max(call.ranks[minutes - 1] ?? -1, rankOf[classOf(summary)]);
      }
      for (const sessionId of watched.keys()) if (!live.has(sessionId)) watched.delete(sessionId);
      for (const [key, call] of callMinutes) if (minute - call.minute >= minutes) callMinutes.delete(key);
    },
    snapshot(projectId) {
      const own = [...liveSessions()].filter((summary) => summary.projectId === projectId);
      const classes = { good: 0, fair: 0, poor: 0, failed: 0, dropped: 0, "not-measured": 0 };
      for (const summary of own) classes[classOf(summary)] += 1;
      const sessions = own.map(toLiveSession).toSorted(worstFirst);
      const { tried, factors } = liveFactors(
        own.map((summary) => ({
          summary,
          isAffected: (watched.get(summary.sessionId)?.since ?? null) !== null,
        })),
      );
      const calls = callsOf(projectId, sessions);
      return {
        at: now(),
        clients: own.length,
        calls: calls.length,
        classes,
        affected: sessions.filter(({ since }) => since !== null).length,
        sessions: sessions.slice(0, maxSessions),
        worstCalls: calls
          .slice(0, maxCalls)
          .map(({ key, ...call }) => ({ ...call, minutes: minutesOf(key) })),
        factorsTried: tried,
        factors: [...factors],
        changes: changes.get(projectId) ?? [],
      };
    },
    forget(sessionId) {
      watched.delete(sessionId);
      for (const [projectId, list] of changes) {
        const left = list.filter((change) => change.sessionId !== sessionId);
        if (left.length > 0) changes.set(projectId, left);
        else changes.delete(projectId);
      }
    },
  };
}

/** The calls of sessions that stand worst first, in the same order. */
function callsOf(
  projectId: string,
  sessions: readonly LiveSession[],
): (Omit<LiveCall, "minutes"> & { readonly key: string })[] {
  const calls = new Map<string, Omit<LiveCall, "minutes"> & { readonly key: string }>();
  for (const { sessionId, callId, class: worst, since } of sessions) {
    const key = callKey({ projectId, sessionId, callId });
    const call = calls.get(key) ?? { key, callId, sessionId, sessions: 0, affected: 0, class: worst };
    calls.set(key, {
      ...call,
      sessions: call.sessions + 1,
      affected: call.affected + (since === null ? 0 : 1),
      class: rankOf[worst] > rankOf[call.class] ? worst : call.class,
    });
  }
  return [...calls.values()];
}

function callKey({
  projectId,
  callId,
  sessionId,
}: Pick<SessionSummary, "projectId" | "callId" | "sessionId">): string {
  return JSON.stringify(callId === null ? [projectId, null, sessionId] : [projectId, callId]);
}

/** Those who suffer before all others, by what is open, by how it is now, and by how long it has been. */
function worstFirst(a: LiveSession, b: LiveSession): number {
  const severity = ({ observations }: LiveSession): number =>
    Math.max(-1, ...observations.map((one) => severityRank[one.severity]));
  return (
    Number(b.since !== null) - Number(a.since !== null) ||
    severity(b) - severity(a) ||
    rankOf[b.class] - rankOf[a.class] ||
    (a.since ?? a.startedAt) - (b.since ?? b.startedAt) ||
    (a.sessionId < b.sessionId ? -1 : 1)
  );
}
