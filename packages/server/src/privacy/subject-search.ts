import type { LogAccess } from "../archive/log-access.ts";
import type { SessionEntry } from "../ingest/session-entry.ts";
import type { SessionRegistry } from "../ingest/session-registry.ts";
import type { Store } from "../store/store.ts";
import { readLogNames } from "./log-names.ts";
import { pseudonymOf } from "./pseudonym.ts";

/** Whose data it is about. */
export interface Subject {
  readonly kind: "user" | "session" | "call";
  readonly value: string;
}

/** A session that is the subject's, or of which the store still has rows. */
export interface FoundSession {
  readonly sessionId: string;
  /** Null: its log is gone, as retention has it. */
  readonly entry: SessionEntry | null;
}

export interface SearchResult {
  readonly sessions: readonly FoundSession[];
  /** Why there may be more; null when these are all. */
  readonly problem: string | null;
}

/** Finds the sessions of a person or call. */
export interface SubjectSearch {
  find(projectId: string, subject: Subject): Promise<SearchResult>;
}

export interface SubjectSearchOptions {
  readonly registry: Pick<SessionRegistry, "get" | "all" | "reference">;
  readonly logs: Pick<LogAccess, "use">;
  readonly store: Pick<Store, "client" | "reportFailure">;
  /** Of the project, from memory; null when there is no such project. */
  readonly saltOf: (projectId: string) => string | null;
}

/** Sessions of one question to the store. Ours: their ids fit into a URL. */
const sessionsPerQuestion = 100;

/**
 * Sessions are found by what the store says of them. Those that it does not have, or not yet, are found by what their logs
 * say. Recorded calls that ship with Peerscope are nobody's.
 */
export function createSubjectSearch(options: SubjectSearchOptions): SubjectSearch {
  const { registry, logs, store } = options;

  async function select(query: string, parameters: Record<string, unknown>): Promise<string[]> {
    const { client } = store;
    if (client === null) throw new Error("the store does not answer");
    const answer = await client.query({ query, query_params: parameters, format: "JSONCompactEachRow" });
    return (await answer.json<[string]>()).map(([sessionId]) => sessionId);
  }

  /** Of these sessions, those that the store has no rows of. */
  async function withoutRows(projectId: string, entries: readonly SessionEntry[]): Promise<SessionEntry[]> {
    const missing: SessionEntry[] = [];
    for (let from = 0; from < entries.length; from += sessionsPerQuestion) {
      const some = entries.slice(from, from + sessionsPerQuestion);
      const known = new Set(
        await select(
          "SELECT DISTINCT sessionId FROM legs FINAL WHERE projectId = {projectId:String} AND sessionId IN {sessionIds:Array(String)}",
          { projectId, sessionIds: some.map(({ sessionId }) => sessionId) },
        ),
      );
      missing.push(...some.filter(({ sessionId }) => !known.has(sessionId)));
    }
    return missing;
  }

  async function findNamed(projectId: string, subject: Subject): Promise<SearchResult> {
    const salt = options.saltOf(projectId);
    const wanted = [subject.value];
    if (subject.kind === "user" && salt !== null) wanted.push(pseudonymOf(salt, subject.value));
    const found = new Map<string, FoundSession>();
    const entries: SessionEntry[] = [];
    for (const entry of registry.all()) {
      if (entry.projectId !== projectId || entry.sample) continue;
      entries.push(entry);
      const { sessionId, summary } = entry;
      const named = subject.kind === "user" ? summary?.userId : summary?.callId;
      if (typeof named === "string" && wanted.includes(named)) found.set(sessionId, { sessionId, entry });
    }
    let problem: string | null = null;
    try {
      const column = subject.kind === "user" ? "userId" : "callId";
      const stored = await select(
        `SELECT DISTINCT sessionId FROM legs FINAL WHERE projectId = {projectId:String} AND sample = 0 AND (${column} IN {wanted:Array(String)} OR hasAny(${column}s, {wanted:Array(String)}))`,
        { projectId, wanted },
      );
      for (const sessionId of stored) {
        const entry = registry.get(sessionId);
        found.set(sessionId, { sessionId, entry: entry?.projectId === projectId ? entry : null });
      }
      const unsaid = entries.filter(({ sessionId, bytes }) => bytes > 0 && !found.has(sessionId));
      for (const entry of await withoutRows(projectId, unsaid)) {
        const { sessionId } = entry;
        // Somebody may have erased it meanwhile.
        if (registry.get(sessionId) === undefined) continue;
        const names = await logs.use(registry.reference(entry), readLogNames).catch((error: unknown) => {
          problem = `the log of a session cannot be read: ${String(error)}`;
          return null;
        });
        const values = subject.kind === "user" ? names?.userIds : names?.callIds;
        if (wanted.some((value) => values?.includes(value) === true))
          found.set(sessionId, { sessionId, entry });
      }
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    const sessions = [...found.values()].toSorted((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
    return { sessions, problem };
  }

  return {
    async find(projectId, subject) {
      if (subject.kind !== "session") return findNamed(projectId, subject);
      const entry = registry.get(subject.value);
      if (entry !== undefined) {
        const isTheirs = entry.projectId === projectId && !entry.sample;
        return { sessions: isTheirs ? [{ sessionId: entry.sessionId, entry }] : [], problem: null };
      }
      try {
        const stored = await select(
          "SELECT DISTINCT sessionId FROM legs FINAL WHERE projectId = {projectId:String} AND sample = 0 AND sessionId = {sessionId:String}",
          { projectId, sessionId: subject.value },
        );
        return { sessions: stored.map((sessionId) => ({ sessionId, entry: null })), problem: null };
      } catch (error) {
        return { sessions: [], problem: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}
