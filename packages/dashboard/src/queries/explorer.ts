import {
  infiniteQueryOptions,
  queryOptions,
  type InfiniteData,
  type UseInfiniteQueryOptions,
  type UseQueryOptions,
} from "@tanstack/react-query";
import type { CallList, CountedName, FacetList, SavedViewList, SessionList } from "@peerscope/schema/api";
import type { SessionsSearch } from "../url/search.ts";
import { fetchJson } from "./fetch-json.ts";
import { filterParams } from "./sessions.ts";

type FacetsKey = readonly ["facets", string];

/** How many sessions have each value. `find` narrows the values down. */
export function facetsQuery(
  search: SessionsSearch,
  names: readonly CountedName[],
  find: string,
): UseQueryOptions<FacetList, Error, FacetList, FacetsKey> {
  const params = filterParams(search);
  params.set("facets", names.join(","));
  if (find !== "") params.set("find", find);
  const query = params.toString();
  return queryOptions({
    queryKey: ["facets", query] as const,
    queryFn: ({ signal }) => fetchJson<FacetList>(`/api/sessions/facets?${query}`, signal),
    enabled: names.length > 0,
    staleTime: 5_000,
    refetchInterval: 30_000,
    retry: false,
  });
}

/** How many sessions match. */
export function totalQuery(
  search: SessionsSearch,
): UseQueryOptions<number, Error, number, readonly ["total", string]> {
  const params = filterParams(search);
  params.set("limit", "1");
  const query = params.toString();
  return queryOptions({
    queryKey: ["total", query] as const,
    queryFn: async ({ signal }) => (await fetchJson<SessionList>(`/api/sessions?${query}`, signal)).total,
    staleTime: 5_000,
    retry: false,
  });
}

/** Sessions that are shown before a stretch of time, and after it. */
const nearestCount = 3;
/** More than that is not read of one span. */
const nearestPage = 200;
/** Nor more pages of one span. Ours. */
const nearestPages = 10;
const hourMs = 3_600_000;
/** How far after a moment is looked for the sessions nearest to it, one after the other, in milliseconds; null is for ever. Ours. */
const afterSpansMs: readonly (number | null)[] = [
  hourMs,
  24 * hourMs,
  7 * 24 * hourMs,
  30 * 24 * hourMs,
  null,
];

/**
 * The sessions nearest after a moment, the latest first. The server lists the newest first, so the nearest are at the end
 * of the list: it has to end soon after the moment for them to be on its first page.
 */
export async function nearestAfter(
  params: URLSearchParams,
  at: number,
  ask: (params: URLSearchParams) => Promise<Pick<SessionList, "sessions" | "nextCursor">>,
): Promise<SessionList["sessions"]> {
  for (const span of afterSpansMs) {
    const asked = new URLSearchParams(params);
    if (span !== null) asked.set("to", String(at + span));
    let page = await ask(asked);
    if (page.sessions.length < nearestCount && span !== null) continue;
    const sessions = [...page.sessions];
    // Within the span are more than fit on a page: the nearest are on the last one.
    for (let pages = 1; page.nextCursor !== null && pages < nearestPages; pages += 1) {
      asked.set("cursor", page.nextCursor);
      page = await ask(asked);
      sessions.push(...page.sessions);
    }
    return sessions.slice(-nearestCount);
  }
  return [];
}

/** The sessions next to a stretch of time, nearest first: at most three before it, and three after. */
export function nearestQuery(
  search: SessionsSearch,
): UseQueryOptions<SessionList["sessions"], Error, SessionList["sessions"], readonly ["nearest", string]> {
  const { from, to, ...others } = search;
  const before = filterParams({ ...others, ...(from === undefined ? {} : { to: from }) });
  const after = filterParams({ ...others, ...(to === undefined ? {} : { from: to }) });
  before.set("limit", String(nearestCount));
  after.set("limit", String(nearestPage));
  const key: string = [before, after].join(" ");
  return queryOptions({
    queryKey: ["nearest", key] as const,
    queryFn: async ({ signal }) => {
      const ask = async (params: URLSearchParams): Promise<SessionList> =>
        await fetchJson<SessionList>(`/api/sessions?${params.toString()}`, signal);
      const [earlier, later] = await Promise.all([
        from === undefined ? [] : ask(before).then(({ sessions }) => sessions),
        to === undefined ? [] : nearestAfter(after, Date.parse(to), ask),
      ]);
      return [...later, ...earlier];
    },
    enabled: from !== undefined || to !== undefined,
    retry: false,
  });
}

type CallPages = InfiniteData<CallList, number>;
type CallsKey = readonly ["calls", string];

const callPageSize = 200;

/** Orders that calls can be listed in. */
export const callSorts = ["newest", "worst"] as const;

/** The order of calls for that of their sessions: who asked for anything but the newest looks for trouble. */
export function callSort({ sort }: Pick<SessionsSearch, "sort">): (typeof callSorts)[number] {
  return sort === undefined ? "newest" : "worst";
}

export function callsQuery(
  search: SessionsSearch,
): UseInfiniteQueryOptions<CallList, Error, CallPages, CallsKey, number> {
  const params = filterParams(search);
  params.set("sort", callSort(search));
  params.set("limit", String(callPageSize));
  const query = params.toString();
  return infiniteQueryOptions({
    queryKey: ["calls", query] as const,
    queryFn: ({ pageParam, signal }) =>
      fetchJson<CallList>(`/api/calls?${query}&offset=${pageParam}`, signal),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
    refetchInterval: 15_000,
  });
}

export function viewsPath(projectId: string): string {
  return `/api/projects/${encodeURIComponent(projectId)}/views`;
}

export function viewsQuery(
  projectId: string | null,
): UseQueryOptions<SavedViewList, Error, SavedViewList, readonly ["views", string | null]> {
  return queryOptions({
    queryKey: ["views", projectId] as const,
    queryFn: ({ signal }) => fetchJson<SavedViewList>(viewsPath(projectId ?? ""), signal),
    enabled: projectId !== null,
    staleTime: 30_000,
    retry: false,
  });
}
