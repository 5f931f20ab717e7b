import type { FacetName } from "@peerscope/schema";
import type { CountedName, Facet, FacetList, FacetQuery, SessionSummary } from "@peerscope/schema/api";
import { RequestError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { askStore } from "../store/user-query.ts";
import { facetSources, numberSources, rangeOf, rangeSql } from "./facets.ts";
import { isNumberName, toSessionFilter, type SessionFilter } from "./session-filter.ts";
import { storedConditions, type MemoryOfProject } from "./stored-sessions.ts";

export interface FacetCounterOptions {
  readonly store: Store;
  readonly inMemory: MemoryOfProject;
}

/** Values of one facet that are told; of more there is a search. Ours. */
const maxValues = 50;
/** What cannot be counted within this is not told, in seconds: the list is what matters. Ours. */
const timeLimitSeconds = 5;
/** Facets with about as many values as sessions: counted alone, and only when they are asked for. */
const ownPass: ReadonlySet<string> = new Set<FacetName>(["user", "call"]);

interface ValueCount {
  readonly value: string;
  readonly sessions: number;
}

/** Counts how many sessions have each value, each facet among what all other filters let through. */
export function createFacetCounter(
  options: FacetCounterOptions,
): (projectId: string, query: FacetQuery) => Promise<FacetList> {
  async function ask<Row>(query: string, parameters: Record<string, unknown>): Promise<Row[]> {
    return askStore(options.store, async (client, settings) => {
      const answer = await client.query({
        query,
        query_params: parameters,
        format: "JSONEachRow",
        clickhouse_settings: { ...settings, max_execution_time: timeLimitSeconds },
      });
      return answer.json<Row>();
    });
  }

  /**
   * All of them in one pass over the rows, each with the filters of the others. Where those do not let a row through, it has
   * a value that is left out.
   */
  async function countTogether(
    names: readonly CountedName[],
    projectId: string,
    filter: SessionFilter,
    memory: readonly SessionSummary[],
  ): Promise<ReadonlyMap<CountedName, readonly ValueCount[]>> {
    const own = names.filter((name) => filter.filtered.has(name));
    const { where, parameters } = storedConditions(
      projectId,
      own.reduce((rest, name) => rest.without(name), filter),
      memory,
    );
    const conditions = own.map((name) => `(${filter.only(name).conditions.join(" AND ")})`);
    const columns = names.map((name, index) => {
      const others = conditions.filter((_, at) => own[at] !== name);
      const value =
        others.length === 0 ? valueSql(name) : `if(${others.join(" AND ")}, ${valueSql(name)}, '\\0')`;
      return `${value} AS facet${index}`;
    });
    // A row that two of them keep out is in the count of none.
    const isCounted =
      conditions.length < 2 ? "" : ` AND ${conditions.join(" + ")} >= ${conditions.length - 1}`;
    const keys = names.map((_, index) => `facet${index}`);
    const rows = await ask<{ mask: number; value: string; sessions: number }>(
      // Of the keys of a set all but one are empty, so that together they are that one.
      `SELECT toUInt32(grouping(${keys.join(", ")})) AS mask, concat('', ${keys.join(", ")}) AS value, count() AS sessions
        FROM (SELECT ${columns.join(", ")} FROM legs FINAL WHERE ${where}${isCounted})
        GROUP BY GROUPING SETS (${keys.map((key) => `(${key})`).join(", ")})
        HAVING value != '\\0'
        ORDER BY sessions DESC, value LIMIT ${maxValues + 1} BY mask
        SETTINGS force_grouping_standard_compatibility = 1`,
      { ...parameters, ...filter.parameters },
    );
    const all = 2 ** names.length - 1;
    const found = new Map<CountedName, ValueCount[]>(names.map((name) => [name, []]));
    for (const { mask, value, sessions } of rows) {
      const name = names[names.length - 1 - Math.log2(all - mask)];
      if (name !== undefined) found.get(name)?.push({ value, sessions });
    }
    return found;
  }

  async function countOne(
    name: CountedName,
    projectId: string,
    filter: SessionFilter,
    memory: readonly SessionSummary[],
    find: string | undefined,
  ): Promise<readonly ValueCount[]> {
    const { where, parameters } = storedConditions(projectId, filter, memory);
    const isList = !isNumberName(name) && facetSources[name].isList;
    const value = isList ? `arrayJoin(${valueSql(name)})` : valueSql(name);
    return ask<ValueCount>(
      `SELECT toString(value) AS value, count() AS sessions
        FROM (SELECT ${value} AS value FROM legs FINAL WHERE ${where})
        ${find === undefined ? "" : "WHERE positionCaseInsensitiveUTF8(value, {find:String}) > 0"}
        GROUP BY value ORDER BY sessions DESC, value LIMIT ${maxValues + 1}`,
      find === undefined ? parameters : { ...parameters, find },
    );
  }

  return async (projectId, query) => {
    const filter = toSessionFilter(query);
    const memory = options.inMemory(projectId);
    const { find, live } = query;
    const isTogether = (name: CountedName): boolean =>
      find === undefined && !ownPass.has(name) && (isNumberName(name) || !facetSources[name].isList);
    const together = query.facets.filter(isTogether);
    const alone = query.facets.filter((name) => !isTogether(name));
    const counted = new Map<CountedName, readonly ValueCount[] | null>();
    const count = async (
      names: readonly CountedName[],
      work: () => Promise<ReadonlyMap<CountedName, readonly ValueCount[]>>,
    ): Promise<void> => {
      for (const name of names) counted.set(name, null);
      try {
        for (const [name, values] of await work()) counted.set(name, values);
      } catch (error) {
        if (!(error instanceof RequestError) || error.code !== "query-too-heavy") throw error;
      }
    };
    if (live === "true") for (const name of query.facets) counted.set(name, []);
    else
      await Promise.all([
        together.length === 0
          ? null
          : count(together, () => countTogether(together, projectId, filter, memory)),
        ...alone.map((name) =>
          count([name], async () => {
            const values = await countOne(name, projectId, filter.without(name), memory, find);
            return new Map([[name, values]]);
          }),
        ),
      ]);
    const present = memory.filter((session) => live === undefined || session.live === (live === "true"));
    const facets = query.facets.map((name) =>
      toFacet(name, counted.get(name) ?? null, present.filter(filter.without(name).matches), find),
    );
    return { facets };
  };
}

function valueSql(name: CountedName): string {
  return isNumberName(name) ? rangeSql(numberSources[name]) : facetSources[name].sql;
}

function toFacet(
  name: CountedName,
  stored: readonly ValueCount[] | null,
  memory: readonly SessionSummary[],
  find: string | undefined,
): Facet {
  if (stored === null) return { name, values: null, isCut: false };
  const counts = new Map(stored.map(({ value, sessions }) => [value, sessions]));
  for (const session of memory) {
    const values = isNumberName(name)
      ? [rangeOf(numberSources[name], session)]
      : facetSources[name].of(session);
    for (const value of values) {
      if (find !== undefined && !value.toLowerCase().includes(find.toLowerCase())) continue;
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  const values = [...counts].map(([value, sessions]) => ({ value, sessions }));
  const sorted = isNumberName(name)
    ? values.toSorted((a, b) =>
        a.value === "" ? 1 : b.value === "" ? -1 : Number(a.value) - Number(b.value),
      )
    : values.toSorted((a, b) => b.sessions - a.sessions || (a.value < b.value ? -1 : 1));
  return { name, values: sorted.slice(0, maxValues), isCut: sorted.length > maxValues };
}
