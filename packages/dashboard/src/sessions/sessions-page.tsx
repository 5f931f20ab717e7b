import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ArrowDownWideNarrow, GitCompareArrows, SlidersHorizontal } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { DropHint } from "../files/drop-hint.tsx";
import { useFileDrop } from "../files/use-file-drop.ts";
import { Failure } from "../frame/fallbacks.tsx";
import { useKeys } from "../frame/keys.ts";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { callSort, callSorts } from "../queries/explorer.ts";
import { anySessionQuery, sessionsQuery } from "../queries/sessions.ts";
import { RequestError } from "../queries/fetch-json.ts";
import { plural } from "../words/numbers.ts";
import { announce } from "../frame/announce.tsx";
import { Segmented } from "../frame/top-bar.tsx";
import { omit, sessionSorts, type SessionsSearch } from "../url/search.ts";
import { CallsTable } from "./calls-table.tsx";
import { ColumnMenu } from "./column-menu.tsx";
import { readColumns } from "./columns.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { FacetPanel } from "./facet-panel.tsx";
import { QueryBar } from "./query-bar.tsx";
import { SavedViews } from "./saved-views.tsx";
import { EmptyProject, FilteredAway } from "./empty.tsx";
import { FilterBar, hasFilters } from "./filter-bar.tsx";
import { ImportButton, ImportPanel, useImporting } from "./import-panel.tsx";
import { SessionsSkeleton, SessionsTable, sortWords } from "./sessions-table.tsx";

/** Which sessions match, and which are worst? */
export function SessionsPage(): React.ReactNode {
  const search = useSearch({ from: "/sessions" });
  const navigate = useNavigate();
  const isCalls = search.show === "calls";
  const query = useInfiniteQuery({ ...sessionsQuery(search), placeholderData: keepPreviousData });
  const columns = useMemo(() => readColumns(search.cols), [search.cols]);
  const [marked, setMarked] = useState<readonly string[]>([]);
  const [hasFacets, setHasFacets] = useState(() => matchMedia("(min-width: 64rem)").matches);
  const sessions = useMemo(() => query.data?.pages.flatMap((page) => page.sessions) ?? [], [query.data]);
  const total = query.data?.pages[0]?.total ?? 0;
  const filtered = hasFilters(search);
  const nothingFound = query.isSuccess && sessions.length === 0;
  const any = useQuery(anySessionQuery(nothingFound && filtered, search.project));
  const [current, setCurrent] = useState(-1);
  const importing = useImporting();
  const { over, handlers } = useFileDrop(importing.start);

  useEffect(() => {
    document.title = search.q === undefined ? "Sessions – Peerscope" : `${search.q} – Sessions – Peerscope`;
  }, [search.q]);

  const open = (index: number): void => {
    const session = sessions[index];
    if (session !== undefined) void navigate({ to: "/sessions/$id", params: { id: session.sessionId } });
  };
  /** Two at most: who marks a third gives up the first. */
  const mark = (sessionId: string): void =>
    setMarked((before) =>
      before.includes(sessionId) ? before.filter((id) => id !== sessionId) : [...before, sessionId].slice(-2),
    );
  const change = (names: readonly (keyof SessionsSearch)[], next: SessionsSearch): void =>
    void navigate({
      to: "/sessions",
      search: (before) => ({ ...omit(before, ...names), ...next }),
      replace: true,
    });
  const sort = search.sort ?? "newest";
  const shownSort = isCalls ? callSort(search) : sort;
  const shownSorts = isCalls ? callSorts : (["newest", ...sessionSorts] as const);
  const sortBy = (name: string): void => {
    const chosen = sessionSorts.find((known) => known === name);
    change(["sort"], chosen === undefined ? {} : { sort: chosen });
  };
  useKeys({
    f: () => {
      setHasFacets(!hasFacets);
      announce(hasFacets ? "Facets hidden" : "Facets shown");
    },
    ...(isCalls
      ? {}
      : {
          j: () => setCurrent((index) => Math.min(index + 1, sessions.length - 1)),
          k: () => setCurrent((index) => Math.max(index - 1, 0)),
          Enter: () => open(current),
          x: () => {
            const session = sessions[current];
            if (session !== undefined) mark(session.sessionId);
          },
        }),
  });

  const body = (): React.ReactNode => {
    if (isCalls)
      return (
        <PanelBoundary what="The list of calls">
          <CallsTable />
        </PanelBoundary>
      );
    if (query.isError && query.data === undefined) {
      return (
        <Failure
          title="The list could not be loaded"
          detail={`${query.error.message}. Recording goes on; nothing is lost.`}
          code={query.error instanceof RequestError ? query.error.code : null}
          onRetry={() => void query.refetch()}
        />
      );
    }
    if (query.isPending) return <SessionsSkeleton />;
    if (nothingFound && (!filtered || any.data === 0)) return <EmptyProject />;
    if (nothingFound) return <FilteredAway search={search} />;
    return (
      <PanelBoundary what="The list of sessions">
        <SessionsTable
          sessions={sessions}
          total={total}
          current={current}
          columns={columns}
          sort={sort}
          onSort={sortBy}
          marked={marked}
          onMark={mark}
          onNearEnd={() => {
            if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
          }}
        />
      </PanelBoundary>
    );
  };

  const isEmpty = query.isSuccess && sessions.length === 0 && !filtered;
  const [first, second] = marked;
  return (
    <div className="@container relative min-h-[70dvh] px-4 py-4 md:px-6" {...handlers}>
      <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="text-lg font-semibold tracking-tight">Sessions</h1>
        <Segmented
          label="What is listed"
          value={isCalls ? "calls" : "sessions"}
          onChange={(value) => change(["show"], value === "calls" ? { show: "calls" } : {})}
          options={[
            { value: "sessions", label: "Sessions" },
            { value: "calls", label: "Calls" },
          ]}
        />
        <p className="text-table text-ink-soft" role="status">
          {query.isSuccess && sessions.length > 0 && (
            <>
              {listed(total, isCalls, filtered)}, {sortWords[shownSort]}
            </>
          )}
          {query.isError && query.data !== undefined && "Could not refresh; showing the last list"}
        </p>
        <span className="ml-auto" />
        {!isEmpty && (
          <>
            <SavedViews />
            {!isCalls && <ColumnMenu />}
            <ExportMenu />
          </>
        )}
        <ImportButton importing={importing} />
      </div>
      <ImportPanel importing={importing} />
      {!isEmpty && (
        <>
          <QueryBar />
          <div className="flex flex-wrap items-start gap-2">
            <button
              type="button"
              className="btn"
              aria-pressed={hasFacets}
              onClick={() => setHasFacets(!hasFacets)}
              title="Facets (f)"
            >
              <SlidersHorizontal className="size-3.5" aria-hidden />
              Facets
            </button>
            <div className="min-w-0 flex-1 max-sm:order-last max-sm:basis-full">
              <FilterBar />
            </div>
            <label className="btn ml-auto">
              <ArrowDownWideNarrow className="size-3.5 text-ink-soft" aria-hidden />
              <span className="sr-only">Sort</span>
              <select
                className="min-h-6 bg-transparent"
                value={shownSort}
                onChange={(event) => sortBy(event.target.value)}
              >
                {shownSorts.map((name) => (
                  <option key={name} value={name} className="bg-surface">
                    {sortWords[name]}
                  </option>
                ))}
              </select>
            </label>
          </div>
        </>
      )}
      {first !== undefined && !isCalls && (
        <div className="mb-3 flex flex-wrap items-center gap-2 text-table" role="status">
          <GitCompareArrows className="size-4 text-ink-soft" aria-hidden />
          {second === undefined
            ? "One session is marked. Mark another one to compare the two."
            : "Two sessions are marked."}
          {second !== undefined && (
            <button
              type="button"
              className="btn"
              onClick={() => void navigate({ to: "/compare", search: { a: first, b: second } })}
            >
              Compare them
            </button>
          )}
          <button type="button" className="btn-quiet" onClick={() => setMarked([])}>
            Clear
          </button>
        </div>
      )}
      <div
        className={hasFacets && !isEmpty ? "grid items-start gap-4 @4xl:grid-cols-[15rem_minmax(0,1fr)]" : ""}
      >
        {hasFacets && !isEmpty && (
          <PanelBoundary what="The facets">
            <div className="max-h-96 overflow-y-auto @4xl:sticky @4xl:top-[61px] @4xl:max-h-[calc(100dvh-110px)]">
              <FacetPanel />
            </div>
          </PanelBoundary>
        )}
        <div className="@container min-w-0">{body()}</div>
      </div>
      {over && <DropHint>Drop to import into this server</DropHint>}
    </div>
  );
}

/** "3 sessions match", "Calls of 3 sessions that match": calls are not counted, which would take the store too long. */
function listed(total: number, isCalls: boolean, filtered: boolean): string {
  if (isCalls)
    return `Calls of ${filtered ? plural(total, "session that matches", "sessions that match") : plural(total, "session")}`;
  return filtered ? plural(total, "session matches", "sessions match") : plural(total, "session");
}
