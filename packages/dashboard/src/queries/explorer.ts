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

/** The sessions next to a stretch of time, nearest first: at most three before it, and three after. */
export function nearestQuery(
  search: SessionsSearch,
): UseQueryOptions<SessionList["sessions"], Error, SessionList["sessions"], readonly ["nearest", string]> {
  const { from, to, ...others } = search;
  const before = filterParams({ ...others, ...(from === undefined ? {} : { to: from }) });
  const after = filterParams({ ...others, ...(to === undefined ? {} : { from: to }) });
  before.set("limit", "3");
  after.set("limit", "200");
  const key: string = [before, after].join(" ");
  return queryOptions({
    queryKey: ["nearest", key] as const,
    queryFn: async ({ signal }) => {
      const ask = async (params: URLSearchParams): Promise<SessionList["sessions"]> =>
        (await fetchJson<SessionList>(`/api/sessions?${params.toString()}`, signal)).sessions;
      const [earlier, later] = await Promise.all([
        from === undefined ? [] : ask(before),
        to === undefined ? [] : ask(after),
      ]);
      return [...later.slice(-3), ...earlier];
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
