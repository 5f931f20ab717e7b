import {
  infiniteQueryOptions,
  queryOptions,
  type InfiniteData,
  type UseInfiniteQueryOptions,
  type UseQueryOptions,
} from "@tanstack/react-query";
import type { SessionAnalysis } from "@peerscope/schema";
import type { CallSummary, Health, Project, SessionList, SessionSummary } from "@peerscope/schema/api";
import { omit, type SessionsSearch } from "../url/search.ts";
import { fetchJson, RequestError } from "./fetch-json.ts";

const pageSize = 200;

/** Query string of GET /api/sessions for the state of the list. */
export function sessionsQueryString(search: SessionsSearch, cursor: string | null): string {
  const params = filterParams(search);
  params.set("sort", search.sort ?? "newest");
  params.set("limit", String(pageSize));
  if (cursor !== null) params.set("cursor", cursor);
  return params.toString();
}

/** Which sessions are meant, for every route that takes filters. */
export function filterParams(search: SessionsSearch): URLSearchParams {
  const params = new URLSearchParams();
  const put = (name: string, value: string | undefined | null): void => {
    if (value !== undefined && value !== null && value !== "") params.set(name, value);
  };
  put("project", search.project);
  put("q", search.q);
  put("user", search.user);
  put("call", search.call);
  put("tag", search.tag);
  put("live", search.live);
  put("scoreClass", search.class);
  put("observation", search.observation);
  put("from", search.from === undefined ? null : String(Date.parse(search.from)));
  put("to", search.to === undefined ? null : String(Date.parse(search.to)));
  put("filter", search.filter);
  return params;
}

type SessionPages = InfiniteData<SessionList, string | null>;
type SessionsKey = readonly ["sessions", Omit<SessionsSearch, "tz">];

/** Pages of sessions. Refreshed every 2 s while one of them is live, every 10 s otherwise. */
export function sessionsQuery(
  search: SessionsSearch,
): UseInfiniteQueryOptions<SessionList, Error, SessionPages, SessionsKey, string | null> {
  const key = omit(search, "tz", "show", "cols");
  return infiniteQueryOptions({
    queryKey: ["sessions", key] as const,
    queryFn: ({ pageParam, signal }) =>
      fetchJson<SessionList>(`/api/sessions?${sessionsQueryString(search, pageParam)}`, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: (query) => {
      const pages = query.state.data?.pages ?? [];
      // Far down in a long list a refresh would ask for every page again.
      if (pages.length > 3) return false;
      return pages.some((page) => page.sessions.some((session) => session.live)) ? 2000 : 10_000;
    },
  });
}

/** Whether anything is recorded at all: tells "nothing yet" from "filtered away". */
export function anySessionQuery(
  enabled: boolean,
  project?: string,
): UseQueryOptions<number, Error, number, readonly ["any-session", string]> {
  return queryOptions({
    queryKey: ["any-session", project ?? ""] as const,
    queryFn: async ({ signal }) =>
      (await fetchJson<SessionList>(ofProject("/api/sessions?limit=1", project), signal)).total,
    enabled,
  });
}

/** Address of a list with the project that it is about; without one the server takes the first that one may see. */
function ofProject(path: string, project: string | undefined): string {
  if (project === undefined) return path;
  return `${path}${path.includes("?") ? "&" : "?"}project=${encodeURIComponent(project)}`;
}

export function projectQuery(
  project?: string,
): UseQueryOptions<Project, Error, Project, readonly ["project", string]> {
  return queryOptions({
    queryKey: ["project", project ?? ""] as const,
    queryFn: ({ signal }) => fetchJson<Project>(ofProject("/api/project", project), signal),
    staleTime: Infinity,
  });
}

export function healthQuery(): UseQueryOptions<Health, Error, Health, readonly ["health"]> {
  return queryOptions({
    queryKey: ["health"] as const,
    queryFn: ({ signal }) => fetchJson<Health>("/healthz", signal),
    refetchInterval: 5000,
    retry: false,
  });
}

export function newestQuery(
  project?: string,
): UseQueryOptions<number | null, Error, number | null, readonly ["newest", string]> {
  return queryOptions({
    queryKey: ["newest", project ?? ""] as const,
    queryFn: async ({ signal }) => {
      const list = await fetchJson<SessionList>(
        ofProject("/api/sessions?limit=20&sort=newest", project),
        signal,
      );
      // Samples that ship with the product are old calls: they say nothing about the pipeline.
      const own = list.sessions.filter((session) => !session.sample);
      return own.length === 0 ? null : Math.max(...own.map((session) => session.lastAt));
    },
    refetchInterval: 5000,
    retry: false,
  });
}

export function sessionQuery(
  id: string,
): UseQueryOptions<SessionSummary, Error, SessionSummary, readonly ["session", string]> {
  return queryOptions({
    queryKey: ["session", id] as const,
    queryFn: ({ signal }) => fetchJson<SessionSummary>(`/api/sessions/${encodeURIComponent(id)}`, signal),
    refetchInterval: (query) => (query.state.data?.ended === true ? false : 5000),
    retry: (failures, error) => failures < 2 && !(error instanceof RequestError && error.status === 404),
  });
}

/**
 * A session whose end was read. What was answered before that end says nothing of whether it goes on, so each reading, known
 * by when it began, has answers of its own.
 */
export function afterEndQuery(
  id: string,
  openedAt: number,
): UseQueryOptions<SessionSummary, Error, SessionSummary, readonly ["session-after-end", string, number]> {
  return queryOptions({
    queryKey: ["session-after-end", id, openedAt] as const,
    queryFn: ({ signal }) => fetchJson<SessionSummary>(`/api/sessions/${encodeURIComponent(id)}`, signal),
    refetchInterval: ({ state }) => afterEndRefreshMs(state.data, Date.now()),
    gcTime: 0,
    retry: false,
  });
}

/** A page that is reloaded goes on with its session within this time, in milliseconds: the SDK's own bound. */
const mayComeBackMs = 600_000;

/** Pause before it is asked again whether a session goes on, in milliseconds; false for one that will not. */
export function afterEndRefreshMs(session: SessionSummary | undefined, now: number): number | false {
  if (session === undefined || !session.ended) return 5000;
  return session.lastAt < now - mayComeBackMs ? false : 2000;
}

/** The server's own analysis: there before the log is decoded, replaced by what this browser computes. */
export function analysisQuery(
  id: string,
): UseQueryOptions<SessionAnalysis, Error, SessionAnalysis, readonly ["analysis", string]> {
  return queryOptions({
    queryKey: ["analysis", id] as const,
    queryFn: ({ signal }) =>
      fetchJson<SessionAnalysis>(`/api/sessions/${encodeURIComponent(id)}/analysis`, signal),
    retry: false,
  });
}

/** The other sessions of a call, worst first, without the verdict of the call. */
export function siblingsQuery(
  callId: string | null,
  project?: string,
): UseQueryOptions<SessionList, Error, SessionList, readonly ["siblings", string | null, string]> {
  return queryOptions({
    queryKey: ["siblings", callId, project ?? ""] as const,
    queryFn: ({ signal }) =>
      fetchJson<SessionList>(
        `/api/sessions?${sessionsQueryString({ call: callId ?? "", sort: "worst", project }, null)}`,
        signal,
      ),
    enabled: callId !== null,
    refetchInterval: (query) =>
      query.state.data?.sessions.some((session) => session.live) === true ? 5000 : false,
    retry: false,
  });
}

/** The call of a session, for what the session alone does not show: asked once, not kept fresh. */
export function callOfSessionQuery(
  callId: string | null,
  project?: string,
): UseQueryOptions<CallSummary, Error, CallSummary, readonly ["call-of-session", string | null, string]> {
  return queryOptions({
    queryKey: ["call-of-session", callId, project ?? ""] as const,
    queryFn: ({ signal }) =>
      fetchJson<CallSummary>(ofProject(`/api/calls/${encodeURIComponent(callId ?? "")}`, project), signal),
    enabled: callId !== null,
    staleTime: 30_000,
    retry: false,
  });
}

export function callQuery(
  id: string,
  project?: string,
): UseQueryOptions<CallSummary, Error, CallSummary, readonly ["call", string, string]> {
  return queryOptions({
    queryKey: ["call", id, project ?? ""] as const,
    queryFn: ({ signal }) =>
      fetchJson<CallSummary>(ofProject(`/api/calls/${encodeURIComponent(id)}`, project), signal),
    refetchInterval: ({ state }) => callRefreshMs(state.data, Date.now()),
    retry: (failures, error) => failures < 2 && !(error instanceof RequestError && error.status === 404),
  });
}

/** Somebody who left a call less than so long ago may come back, or be followed by another one, in milliseconds. Ours. */
const callOverMs = 300_000;

/** Pause before a call is asked for again, in milliseconds; false for one that is over and analysed: it stays as it is. */
export function callRefreshMs(call: CallSummary | undefined, now: number): number | false {
  if (call?.sessions.some(({ live }) => live) === true) return 2000;
  const isOver =
    call !== undefined &&
    call.analysis !== null &&
    call.sessions.every(({ lastAt }) => lastAt < now - callOverMs);
  return isOver ? false : 10_000;
}
