import type { ResponseJSON } from "@clickhouse/client";
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
import { storedConditions, type MemoryOfProject } from "./stored-sessions.ts";

export interface SessionListOptions {
  readonly store: Store;
  readonly inMemory: MemoryOfProject;
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
  browser, os, tags, sample,
  browserName, browserVersion, osName, device, country, network, appVersion, sdkVersion, paths, codecs`;

interface StoredPage {
  readonly sessions: readonly SessionSummary[];
  /** Of all pages. */
  readonly total: number;
}

/** Values of a query. Every one is asked for one project. */
interface BoundValues {
  readonly projectId: string;
  readonly [name: string]: unknown;
}

export function createSessionReader(options: SessionListOptions): SessionReader {
  /** Rows that match, and how many there are without a limit. */
  async function select(
    conditions: readonly string[],
    parameters: BoundValues,
    ending: string,
  ): Promise<StoredPage> {
    const { data, rows_before_limit_at_least: total } = await ask<Record<string, unknown>>(
      `SELECT ${columns} FROM legs FINAL WHERE ${conditions.join(" AND ")} ${ending}`,
      parameters,
    );
    return { sessions: data.map(toSummary), total: total ?? data.length };
  }

  function ask<Row>(query: string, parameters: BoundValues): Promise<ResponseJSON<Row>> {
    return askStore(options.store, async (client, settings) => {
      const answer = await client.query({
        query,
        query_params: parameters,
        format: "JSON",
        // Counting while it looks for the page takes half as long as counting once more.
        clickhouse_settings: { ...settings, exact_rows_before_limit: 1 },
      });
      return answer.json<Row>();
    });
  }

  return {
    async list(projectId, query) {
      const filter = toSessionFilter(query);
      const cursor = readCursor(query);
      const memory = options.inMemory(projectId);
      const inMemory = memory.filter((session) => filter.matches(session) && matchesLive(session, query));
      const stored =
        query.live === "true"
          ? { sessions: [], total: 0 }
          : await storedSessions(projectId, filter, cursor, query, memory);
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
      return (await select(conditions, { projectId, sessionId }, "LIMIT 1")).sessions[0] ?? null;
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
        ...stored.sessions.filter(({ sessionId }) => !hidden.has(sessionId)),
      ];
      return all.toSorted((a, b) => a.startedAt - b.startedAt || (a.sessionId < b.sessionId ? -1 : 1));
    },
  };

  async function storedSessions(
    projectId: string,
    filter: SessionFilter,
    cursor: SessionCursor | null,
    query: SessionQuery,
    memory: readonly SessionSummary[],
  ): Promise<StoredPage> {
    // Open sessions have rows too, with finished = 0: those are in memory. A finished one is hidden by its id only
    // while its newest rows are on their way, and those are few.
    const { where, parameters } = storedConditions(projectId, filter, memory);
    const hidden = new Set(memory.map(({ sessionId }) => sessionId));
    const rank = rankSql[query.sort];
    const limit = Math.min(query.limit + 1 + hidden.size, 10_000);
    const ending = `ORDER BY ${rank}, sessionId LIMIT ${limit}`;
    const visible = ({ sessionId }: SessionSummary): boolean => !hidden.has(sessionId);
    if (cursor === null) {
      const { sessions, total } = await select([where], parameters, ending);
      return { sessions: sessions.filter(visible), total };
    }
    const [{ sessions }, counted] = await Promise.all([
      select(
        [where, `(${rank}, sessionId) > ({rank:Float64}, {afterId:String})`],
        { ...parameters, rank: cursor.rank, afterId: cursor.sessionId },
        ending,
      ),
      ask<{ total: number }>(`SELECT count() AS total FROM legs FINAL WHERE ${where}`, parameters),
    ]);
    return { sessions: sessions.filter(visible), total: counted.data[0]?.total ?? 0 };
  }
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
  const known = (name: string): unknown => (row[name] === "" ? null : row[name]);
  return sessionSummarySchema.parse({
    ...row,
    startedAt: row["startedAtMs"],
    lastAt: row["lastAtMs"],
    ended: row["ended"] === 1,
    sample: row["sample"] === 1,
    live: false,
    traits: {
      browserName: known("browserName"),
      browserVersion: known("browserVersion"),
      osName: known("osName"),
      device: known("device"),
      country: known("country"),
      network: known("network"),
      sdkVersion: known("sdkVersion"),
      appVersion: known("appVersion"),
      paths: row["paths"],
      codecs: row["codecs"],
    },
  });
}
