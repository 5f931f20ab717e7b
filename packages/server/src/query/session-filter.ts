import type { SessionQuery, SessionSummary } from "@peerscope/schema/api";
import { RequestError } from "../errors.ts";

/** The filters of a session query, ready to be used twice: on summaries in memory and, as bound values, in SQL. */
export interface SessionFilter {
  matches(session: SessionSummary): boolean;
  /** Conditions to be joined with AND; every value is a parameter. */
  readonly conditions: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
}

/** @throws RequestError `query-invalid` for a tag that is not key:value. */
export function toSessionFilter(query: SessionQuery): SessionFilter {
  const tests: ((session: SessionSummary) => boolean)[] = [];
  const conditions: string[] = [];
  const parameters: Record<string, string> = {};
  const add = (
    condition: string,
    values: Record<string, string>,
    test: (session: SessionSummary) => boolean,
  ): void => {
    conditions.push(condition);
    Object.assign(parameters, values);
    tests.push(test);
  };
  const { q, user, call, scoreClass, observation } = query;
  if (q !== undefined && q !== "") {
    const issueCode = toIssueCode(q);
    add(
      "(startsWith(sessionId, {q:String}) OR startsWith(ifNull(userId, ''), {q:String}) OR " +
        "startsWith(ifNull(callId, ''), {q:String}) OR hasAny(mapValues(tags), [{q:String}, {issue:String}]))",
      { q, issue: issueCode },
      ({ sessionId, userId, callId, tags }) =>
        [sessionId, userId ?? "", callId ?? ""].some((id) => id.startsWith(q)) ||
        Object.values(tags).some((value) => value === q || value === issueCode),
    );
  }
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
  for (const [index, { key, value }] of parseTags(query.tag).entries()) {
    add(
      `(mapContains(tags, {tagKey${index}:String}) AND tags[{tagKey${index}:String}] = {tagValue${index}:String})`,
      { [`tagKey${index}`]: key, [`tagValue${index}`]: value },
      ({ tags }) => Object.hasOwn(tags, key) && tags[key] === value,
    );
  }
  return { matches: (session) => tests.every((test) => test(session)), conditions, parameters };
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
