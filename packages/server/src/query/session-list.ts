import {
  sessionSummarySchema,
  type SessionList,
  type SessionQuery,
  type SessionSummary,
} from "@peerscope/schema/api";
import { RequestError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { askStore } from "../store/user-query.ts";
import { decodeCursor, encodeCursor, rankOf, rankSql, type SessionCursor } from "./cursor.ts";
import { toSessionFilter, type SessionFilter } from "./session-filter.ts";

export interface SessionListOptions {
  readonly store: Store;
  /** Sessions whose present state is not in the store: live ones and those whose last rows are on their way. */
  readonly inMemory: (projectId: string) => readonly SessionSummary[];
}

/** The sessions of one project at a time: finished ones from the store, the others from memory. */
export interface SessionReader {
  list(projectId: string, query: SessionQuery): Promise<SessionList>;
  /** Null when the store does not know it. */
  find(projectId: string, sessionId: string): Promise<SessionSummary | null>;
  ofCall(projectId: string, callId: string): Promise<SessionSummary[]>;
}

/** Sessions of one call that are shown together. Ours. */
const maxCallSessions = 200;

const columns = `sessionId, projectId, callId, userId,
  toUnixTimestamp64Milli(startedAt) AS startedAtMs, toUnixTimestamp64Milli(lastAt) AS lastAtMs,
  ended, score, scoreClass, coverage, faultDomain, confidence, statedCause, observationIds, worstSeverity,
  browser, os, tags, sample`;

/** Values of a query. Every one is asked for one project. */
interface BoundValues {
  readonly projectId: string;
  readonly [name: string]: unknown;
}

export function createSessionReader(options: SessionListOptions): SessionReader {
  async function select(
    conditions: readonly string[],
    parameters: BoundValues,
    ending: string,
  ): Promise<SessionSummary[]> {
    const rows = await ask<Record<string, unknown>>(
      `SELECT ${columns} FROM legs FINAL WHERE ${conditions.join(" AND ")} ${ending}`,
      parameters,
    );
    return rows.map(toSummary);
  }

  function ask<Row>(query: string, parameters: BoundValues): Promise<Row[]> {
    return askStore(options.store, async (client, clickhouse_settings) => {
      const answer = await client.query({
        query,
        query_params: parameters,
        format: "JSONEachRow",
        clickhouse_settings,
      });
      return answer.json<Row>();
    });
  }

  return {
    async list(projectId, query) {
      const filter = toSessionFilter(query);
      const cursor = readCursor(query);
      const memory = options.inMemory(projectId);
      const hidden = new Set(memory.map(({ sessionId }) => sessionId));
      const inMemory = memory.filter((session) => filter.matches(session) && matchesLive(session, query));
      const stored =
        query.live === "true"
          ? { sessions: [], total: 0 }
          : await storedSessions(projectId, filter, cursor, query, hidden);
      const { sort, limit } = query;
      const after = inMemory.filter(
        (session) => cursor === null || compare(toCursor(session, sort), cursor) > 0,
      );
      const merged = [...after, ...stored.sessions].toSorted((a, b) =>
        compare(toCursor(a, sort), toCursor(b, sort)),
      );
      const sessions = merged.slice(0, limit);
      const last = sessions.at(-1);
      return {
        sessions,
        nextCursor: last !== undefined && merged.length > limit ? encodeCursor(toCursor(last, sort)) : null,
        total: inMemory.length + stored.total,
      };
    },
    async find(projectId, sessionId) {
      const conditions = ["projectId = {projectId:String}", "sessionId = {sessionId:String}"];
      return (await select(conditions, { projectId, sessionId }, "LIMIT 1"))[0] ?? null;
    },
    async ofCall(projectId, callId) {
      const memory = options.inMemory(projectId);
      const hidden = new Set(memory.map(({ sessionId }) => sessionId));
      const conditions = ["projectId = {projectId:String}", "callId = {callId:String}"];
      const stored = await select(
        conditions,
        { projectId, callId },
        `ORDER BY startedAt, sessionId LIMIT ${maxCallSessions}`,
      );
      const all = [
        ...memory.filter((session) => session.callId === callId),
        ...stored.filter(({ sessionId }) => !hidden.has(sessionId)),
      ];
      return all.toSorted((a, b) => a.startedAt - b.startedAt || (a.sessionId < b.sessionId ? -1 : 1));
    },
  };

  async function storedSessions(
    projectId: string,
    filter: SessionFilter,
    cursor: SessionCursor | null,
    query: SessionQuery,
    hidden: ReadonlySet<string>,
  ): Promise<{ sessions: SessionSummary[]; total: number }> {
    // Open sessions have rows too, with finished = 0: those are in memory. A finished one is hidden by its id only
    // while its newest rows are on their way, and those are few.
    const conditions = ["projectId = {projectId:String}", "finished = 1", ...filter.conditions];
    const parameters: BoundValues = { ...filter.parameters, projectId };
    const rank = rankSql[query.sort];
    const page = [...conditions];
    if (cursor !== null) page.push(`(${rank}, sessionId) > ({rank:Float64}, {afterId:String})`);
    const limit = query.limit + 1 + hidden.size;
    const sessions = await select(
      page,
      cursor === null ? parameters : { ...parameters, rank: cursor.rank, afterId: cursor.sessionId },
      `ORDER BY ${rank}, sessionId LIMIT ${Math.min(limit, 10_000)}`,
    );
    const [counted] = await ask<{ total: number; hidden: number }>(
      `SELECT count() AS total, countIf(sessionId IN {hidden:Array(String)}) AS hidden FROM legs FINAL WHERE ${conditions.join(" AND ")}`,
      { ...parameters, hidden: reopened(hidden) },
    );
    return {
      sessions: sessions.filter(({ sessionId }) => !hidden.has(sessionId)),
      total: (counted?.total ?? 0) - (counted?.hidden ?? 0),
    };
  }
}

/** A bound list has to fit into a URL; beyond it `total` is a little high for a second. */
function reopened(hidden: ReadonlySet<string>): string[] {
  return [...hidden].slice(0, 100);
}

function readCursor(query: SessionQuery): SessionCursor | null {
  if (query.cursor === undefined) return null;
  const cursor = decodeCursor(query.cursor);
  if (cursor === null || cursor.sort !== query.sort) throw new RequestError("cursor-invalid");
  return cursor;
}

function matchesLive(session: SessionSummary, query: SessionQuery): boolean {
  return query.live === undefined || session.live === (query.live === "true");
}

function toCursor(session: SessionSummary, sort: SessionCursor["sort"]): SessionCursor {
  return { sort, rank: rankOf(session, sort), sessionId: session.sessionId };
}

function compare(a: SessionCursor, b: SessionCursor): number {
  return a.rank - b.rank || (a.sessionId < b.sessionId ? -1 : a.sessionId > b.sessionId ? 1 : 0);
}

function toSummary(row: Record<string, unknown>): SessionSummary {
  return sessionSummarySchema.parse({
    ...row,
    startedAt: row["startedAtMs"],
    lastAt: row["lastAtMs"],
    ended: row["ended"] === 1,
    sample: row["sample"] === 1,
    live: false,
  });
}
