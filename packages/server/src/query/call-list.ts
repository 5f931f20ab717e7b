import { ClickHouseError, type ClickHouseSettings } from "@clickhouse/client";
import {
  callRowSchema,
  type CallList,
  type CallQuery,
  type CallRow,
  type SessionSummary,
} from "@peerscope/schema/api";
import type { Store } from "../store/store.ts";
import { askStore } from "../store/user-query.ts";
import { rankOf, rankSql } from "./cursor.ts";
import { toSessionFilter } from "./session-filter.ts";
import { storedConditions, type MemoryOfProject } from "./stored-sessions.ts";

export interface CallListOptions {
  readonly store: Store;
  readonly inMemory: MemoryOfProject;
}

/** Calls with sessions in memory that are put together with what the store has of them. Ours. */
const maxMemoryCalls = 100;
/**
 * The calls of a page are looked for among the sessions that come first, so many for each call. Three people in a call are
 * usual, and some calls are rooms that were there long before. Ours.
 */
const sessionsPerCall = 8;
/** With so many times as many sessions as were looked at, the calls are rooms, of which all have to be looked at anyway. Ours. */
const mostTimes = 16;
/** ClickHouse's code for a set that is too large. */
const tooManyCode = "191";

const columns = `callId, count() AS sessions,
  countIf(scoreClass = 'failed' OR ifNull(score < 60, 0)) AS bad,
  toUnixTimestamp64Milli(min(legs.startedAt)) AS startedAt, toUnixTimestamp64Milli(max(legs.lastAt)) AS lastAt,
  min(score) AS worstScore, avg(score) AS meanScore,
  argMin(tuple(scoreClass, statedCause, faultDomain), ${rankSql.worst}) AS worst`;

const cutAt = "fromUnixTimestamp64Milli({cutMs:Int64})";
/** By what calls are sorted: what their sessions are sorted by, which of those are not behind a cut, and which calls are before it. */
const sorts: Readonly<
  Record<CallQuery["sort"], { readonly rank: string; readonly within: string; readonly before: string }>
> = {
  newest: { rank: "0", within: `startedAt >= ${cutAt}`, before: `min(legs.startedAt) > ${cutAt}` },
  worst: {
    rank: rankSql.worst,
    within: `(${rankSql.worst} < {cutRank:Float64} OR (${rankSql.worst} = {cutRank:Float64} AND startedAt >= ${cutAt}))`,
    before: `(min(${rankSql.worst}) < {cutRank:Float64} OR (min(${rankSql.worst}) = {cutRank:Float64} AND min(legs.startedAt) > ${cutAt}))`,
  },
};
/** What calls are sorted by in all. */
const orders: Readonly<Record<CallQuery["sort"], string>> = {
  newest: "min(legs.startedAt) DESC, callId",
  worst: `min(${rankSql.worst}), min(legs.startedAt) DESC, callId`,
};

/** Where sessions that were looked at end, in the order of the list. */
interface Cut {
  readonly rank: number;
  readonly startedAtMs: number;
}

interface StoredCall {
  readonly worst: readonly [scoreClass: string, statedCause: string | null, faultDomain: string];
  readonly [column: string]: unknown;
}

/** Calls of the sessions that match, each put together from them. */
export function createCallList(
  options: CallListOptions,
): (projectId: string, query: CallQuery) => Promise<CallList> {
  function ask<Row>(
    query: string,
    parameters: Record<string, unknown>,
    settings: ClickHouseSettings = {},
  ): Promise<Row[]> {
    return askStore(options.store, async (client, limits) => {
      const answer = await client.query({
        query,
        query_params: parameters,
        format: "JSONEachRow",
        clickhouse_settings: { ...limits, ...settings },
      });
      return answer.json<Row>();
    });
  }

  /** `source`: rows of legs that count, and what follows them. */
  async function select(
    source: string,
    ending: string,
    parameters: Record<string, unknown>,
    settings?: ClickHouseSettings,
  ): Promise<CallRow[]> {
    const rows = await ask<StoredCall>(
      `SELECT ${columns} FROM legs FINAL ${source} GROUP BY callId ${ending}`,
      parameters,
      settings,
    );
    return rows.map(({ worst: [scoreClass, statedCause, faultDomain], ...row }) =>
      callRowSchema.parse({ ...row, live: false, scoreClass, statedCause, faultDomain }),
    );
  }

  /** Calls of a page and one more, if there is one. `condition`: of sessions that count, which are in a call. */
  async function storedPage(
    condition: string,
    { sort, limit, offset }: CallQuery,
    parameters: Record<string, unknown>,
  ): Promise<CallRow[]> {
    const { rank, within, before } = sorts[sort];
    const order = orders[sort];
    const page = `ORDER BY ${order} LIMIT ${limit + 1} OFFSET ${offset}`;
    const looked = (offset + limit + 1) * sessionsPerCall;
    const [cut] = await ask<Cut>(
      // Without FINAL, which takes long: rows that were replaced are looked at too, so there is no less before the cut.
      `SELECT ${rank} AS rank, toUnixTimestamp64Milli(startedAt) AS startedAtMs FROM legs WHERE ${condition}
        ORDER BY rank, startedAt DESC LIMIT 1 OFFSET ${looked}`,
      parameters,
    );
    if (cut !== undefined) {
      const first = `SELECT callId FROM legs WHERE ${condition} AND ${within}`;
      const theirs = `SELECT sessionId FROM legs WHERE projectId = {projectId:String} AND callId GLOBAL IN (${first})`;
      const rows = await select(
        // All rows of a session or none: what is part of the key may be asked before FINAL.
        `PREWHERE sessionId GLOBAL IN (${theirs}) WHERE ${condition}`,
        // A call before the cut has a session before it, so it was found; it is here with all of its sessions.
        `HAVING ${before} ${page}`,
        { ...parameters, cutRank: cut.rank, cutMs: cut.startedAtMs },
        { max_rows_in_set: String(looked * mostTimes), set_overflow_mode: "throw" },
      ).catch((error: unknown) => {
        if (error instanceof ClickHouseError && error.code === tooManyCode) return [];
        throw error;
      });
      if (rows.length > limit) return rows;
      // Calls that go on for weeks are in the way: all are looked at.
    }
    // Which calls they are is found by what they are sorted by; the rest is only read of those.
    const ofPage = `SELECT callId FROM legs FINAL WHERE ${condition} GROUP BY callId ${page}`;
    return select(`WHERE ${condition} AND callId GLOBAL IN (${ofPage})`, `ORDER BY ${order}`, parameters);
  }

  return async (projectId, query) => {
    const filter = toSessionFilter(query);
    const { live, sort, limit, offset } = query;
    const memory = options.inMemory(projectId);
    const present = memory.filter(
      (session) =>
        session.callId !== null &&
        filter.matches(session) &&
        (live === undefined || session.live === (live === "true")),
    );
    const memoryCalls = [...new Set(present.flatMap(({ callId }) => callId ?? []))].slice(0, maxMemoryCalls);
    const { where, parameters } = storedConditions(projectId, filter, memory);
    const inCalls = "callId IN {memoryCalls:Array(String)}";
    const known = { ...parameters, memoryCalls };
    const began =
      memoryCalls.length === 0 || live === "true"
        ? []
        : await select(`WHERE ${where} AND ${inCalls}`, `ORDER BY ${orders[sort]}`, known);
    const first = memoryCalls.map((callId) =>
      combined(
        callId,
        present.filter((session) => session.callId === callId),
        began.find((row) => row.callId === callId),
      ),
    );
    const others = `${where} AND callId IS NOT NULL${memoryCalls.length > 0 ? ` AND NOT ${inCalls}` : ""}`;
    const stored =
      live === "true" ? [] : await storedPage(others, query, memoryCalls.length > 0 ? known : parameters);
    const page = stored.slice(0, limit);
    const calls = offset === 0 ? [...first, ...page].toSorted((a, b) => byOrder(a, b, sort)) : page;
    return { calls, nextOffset: stored.length > limit ? offset + limit : null };
  };
}

function byOrder(a: CallRow, b: CallRow, sort: CallQuery["sort"]): number {
  if (sort === "newest") return b.startedAt - a.startedAt;
  const rank = ({ worstScore, scoreClass }: CallRow): number =>
    scoreClass === "failed" ? -1 : (worstScore ?? 1_000);
  return rank(a) - rank(b) || b.startedAt - a.startedAt;
}

/** A call of which sessions are in memory, and perhaps others in the store. */
function combined(callId: string, sessions: readonly SessionSummary[], stored: CallRow | undefined): CallRow {
  const worst = sessions.toSorted((a, b) => rankOf(a, "worst") - rankOf(b, "worst"))[0];
  const scores = sessions.flatMap(({ score }) => score ?? []);
  const here: CallRow = {
    callId,
    sessions: sessions.length,
    bad: sessions.filter(({ score, scoreClass }) => scoreClass === "failed" || (score ?? 100) < 60).length,
    startedAt: Math.min(...sessions.map(({ startedAt }) => startedAt)),
    lastAt: Math.max(...sessions.map(({ lastAt }) => lastAt)),
    live: sessions.some((session) => session.live),
    worstScore: scores.length === 0 ? null : Math.min(...scores),
    meanScore: scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length,
    scoreClass: worst?.scoreClass ?? "not-measured",
    statedCause: worst?.statedCause ?? null,
    faultDomain: worst?.faultDomain ?? "unknown",
  };
  if (stored === undefined) return here;
  const worse = byOrder(here, stored, "worst") <= 0 ? here : stored;
  const means = [
    { mean: here.meanScore, weight: here.sessions },
    { mean: stored.meanScore, weight: stored.sessions },
  ].filter((part) => part.mean !== null);
  const weight = means.reduce((sum, part) => sum + part.weight, 0);
  const lowest = [here.worstScore, stored.worstScore].filter((score) => score !== null);
  return {
    ...worse,
    sessions: here.sessions + stored.sessions,
    bad: here.bad + stored.bad,
    startedAt: Math.min(here.startedAt, stored.startedAt),
    lastAt: Math.max(here.lastAt, stored.lastAt),
    live: here.live,
    worstScore: lowest.length === 0 ? null : Math.min(...lowest),
    meanScore:
      weight === 0 ? null : means.reduce((sum, part) => sum + (part.mean ?? 0) * part.weight, 0) / weight,
  };
}
