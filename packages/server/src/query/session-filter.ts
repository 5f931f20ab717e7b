import {
  facetNumbers,
  matchesValue,
  parseSessionFilter,
  type FacetName,
  type FacetNumber,
  type FilterTerm,
  type NumberTerm,
  type ValueTerm,
} from "@peerscope/schema";
import type { SessionFilterQuery, SessionSummary } from "@peerscope/schema/api";
import { RequestError } from "../errors.ts";
import { facetSources, numberSources, storedValues } from "./facets.ts";

/** The filters of a session query, ready to be used twice: on summaries in memory and, as bound values, in SQL. */
export interface SessionFilter {
  readonly matches: (this: void, session: SessionSummary) => boolean;
  /** Conditions to be joined with AND; every value is a parameter. */
  readonly conditions: readonly string[];
  readonly parameters: Readonly<Record<string, string | number | readonly string[]>>;
  /** Facets and numbers that its terms are about. */
  readonly filtered: ReadonlySet<FacetName | FacetNumber>;
  /** The same filter without the terms of a facet. */
  without(facet: FacetName | FacetNumber): SessionFilter;
  /** Those terms alone. */
  only(facet: FacetName | FacetNumber): SessionFilter;
}

interface Part {
  readonly facet: FacetName | FacetNumber | null;
  readonly condition: string;
  readonly parameters: SessionFilter["parameters"];
  readonly matches: (session: SessionSummary) => boolean;
}

/** @throws RequestError `query-invalid` for a tag that is not key:value. */
export function toSessionFilter(query: SessionFilterQuery): SessionFilter {
  const parts: Part[] = [];
  const add = (
    condition: string,
    parameters: Part["parameters"],
    matches: Part["matches"],
    facet: Part["facet"] = null,
  ): void => {
    parts.push({ facet, condition, parameters, matches });
  };
  const { user, call, scoreClass, observation, from, to } = query;
  const { terms, words } = parseSessionFilter(query.filter ?? "");
  if (query.q !== undefined && query.q !== "") parts.push(textPart(query.q, "q"));
  if (words !== "") parts.push(textPart(words, "words"));
  if (user !== undefined) add("userId = {user:String}", { user }, (session) => session.userId === user);
  if (call !== undefined) add("callId = {call:String}", { call }, (session) => session.callId === call);
  if (scoreClass !== undefined) {
    add("scoreClass = {scoreClass:String}", { scoreClass }, (session) => session.scoreClass === scoreClass);
  }
  if (observation !== undefined) {
    add("has(observationIds, {observation:String})", { observation }, (session) =>
      session.observationIds.includes(observation),
    );
  }
  if (from !== undefined) {
    add(
      "startedAt >= fromUnixTimestamp64Milli({from:Int64})",
      { from },
      ({ startedAt }) => startedAt >= from,
    );
  }
  if (to !== undefined) {
    add("startedAt < fromUnixTimestamp64Milli({to:Int64})", { to }, ({ startedAt }) => startedAt < to);
  }
  for (const [index, { key, value }] of parseTags(query.tag).entries()) {
    add(
      `(mapContains(tags, {tagKey${index}:String}) AND tags[{tagKey${index}:String}] = {tagValue${index}:String})`,
      { [`tagKey${index}`]: key, [`tagValue${index}`]: value },
      ({ tags }) => Object.hasOwn(tags, key) && tags[key] === value,
    );
  }
  for (const [index, term] of terms.entries()) parts.push(termPart(term, `term${index}`));
  return toFilter(parts);
}

function toFilter(parts: readonly Part[]): SessionFilter {
  return {
    matches: (session) => parts.every(({ matches }) => matches(session)),
    conditions: parts.map(({ condition }) => condition),
    parameters: Object.assign(
      {},
      ...parts.map(({ parameters }) => parameters),
    ) as SessionFilter["parameters"],
    filtered: new Set(parts.flatMap(({ facet }) => facet ?? [])),
    without: (facet) => toFilter(parts.filter((part) => part.facet !== facet)),
    only: (facet) => toFilter(parts.filter((part) => part.facet === facet)),
  };
}

function termPart(term: FilterTerm, name: string): Part {
  return "values" in term ? valuePart(term, name) : numberPart(term, name);
}

function valuePart({ facet, not, values }: ValueTerm, name: string): Part {
  const source = facetSources[facet];
  const asked = storedValues(values);
  const parameter = `{${name}:Array(String)}`;
  const conditions: string[] = [];
  for (const { sql } of [source, ...(source.also === undefined ? [] : [source.also])]) {
    if (source.isList) conditions.push(`hasAny(${sql}, ${parameter})`);
    else conditions.push(`${sql} IN ${parameter}`, `lower(${sql}) IN ${parameter}`);
  }
  // A list of nothing is what an empty value stands for.
  if (source.isList) {
    conditions.push(`arrayExists(item -> lower(item) IN ${parameter}, ${source.sql})`);
    if (asked.includes("")) conditions.push(`empty(${source.sql})`);
  }
  const matches = (session: SessionSummary): boolean => {
    const own = source.of(session);
    const actual = [...(own.length === 0 ? [""] : own), ...(source.also?.of(session) ?? [])];
    return actual.some((value) => asked.some((wanted) => matchesValue(value, wanted)));
  };
  const condition = `(${conditions.join(" OR ")})`;
  return {
    facet,
    condition: not ? `NOT ${condition}` : condition,
    parameters: { [name]: asked },
    matches: (session) => matches(session) !== not,
  };
}

function numberPart({ facet, comparison, limit }: NumberTerm, name: string): Part {
  const { sql, of } = numberSources[facet];
  return {
    facet,
    condition: `ifNull(${sql} ${comparison} {${name}:Float64}, 0)`,
    parameters: { [name]: limit },
    matches(session) {
      const value = of(session);
      if (value === null) return false;
      switch (comparison) {
        case "<":
          return value < limit;
        case "<=":
          return value <= limit;
        case ">":
          return value > limit;
        case ">=":
          return value >= limit;
      }
    },
  };
}

/** Looks for a text in what people copy from somewhere: ids at their beginning, tags and report codes as a whole. */
function textPart(text: string, name: string): Part {
  const issueCode = toIssueCode(text);
  const starts = ["sessionId", "ifNull(userId, '')", "ifNull(callId, '')"].map(
    (column) => `startsWith(${column}, {${name}:String})`,
  );
  const issue = `${name}Issue`;
  return {
    facet: null,
    condition: `(${starts.join(" OR ")} OR hasAny(mapValues(tags), [{${name}:String}, {${issue}:String}]))`,
    parameters: { [name]: text, [issue]: issueCode },
    matches: ({ sessionId, userId, callId, tags }) =>
      [sessionId, userId ?? "", callId ?? ""].some((id) => id.startsWith(text)) ||
      Object.values(tags).some((value) => value === text || value === issueCode),
  };
}

/** True for the names of numbers among everything that can be counted. */
export function isNumberName(name: string): name is FacetNumber {
  return facetNumbers.some((known) => known === name);
}

/** A code of `reportIssue`, which is a tag, as it is written: people write down `k7m3qx` when `K7M-3QX` is read out to them. */
function toIssueCode(text: string): string {
  return text
    .trim()
    .toUpperCase()
    .replace(/^([\dA-Z]{3})[\s-]?([\dA-Z]{3})$/, "$1-$2");
}

function parseTags(text: string | undefined): { key: string; value: string }[] {
  if (text === undefined || text === "") return [];
  return text.split(",").map((pair) => {
    const colon = pair.indexOf(":");
    if (colon < 1) throw new RequestError("query-invalid", `tag: ${JSON.stringify(pair)} is not key:value.`);
    return { key: pair.slice(0, colon), value: pair.slice(colon + 1) };
  });
}
