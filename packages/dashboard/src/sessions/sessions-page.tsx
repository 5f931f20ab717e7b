import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { DropHint } from "../files/drop-hint.tsx";
import { useFileDrop } from "../files/use-file-drop.ts";
import { Failure } from "../frame/fallbacks.tsx";
import { useKeys } from "../frame/keys.ts";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { anySessionQuery, sessionsQuery } from "../queries/sessions.ts";
import { RequestError } from "../queries/fetch-json.ts";
import { plural } from "../words/numbers.ts";
import { omit } from "../url/search.ts";
import { EmptyProject, FilteredAway } from "./empty.tsx";
import { FilterBar, hasFilters } from "./filter-bar.tsx";
import { ImportButton, ImportPanel, useImporting } from "./import-panel.tsx";
import { SessionsSkeleton, SessionsTable } from "./sessions-table.tsx";

/** Which sessions match, and which are worst? */
export function SessionsPage(): React.ReactNode {
  const search = useSearch({ from: "/sessions" });
  const navigate = useNavigate();
  const query = useInfiniteQuery(sessionsQuery(search));
  const sessions = useMemo(() => query.data?.pages.flatMap((page) => page.sessions) ?? [], [query.data]);
  const total = query.data?.pages[0]?.total ?? 0;
  const filtered = hasFilters(search);
  const nothingFound = query.isSuccess && sessions.length === 0;
  const any = useQuery(anySessionQuery(nothingFound && filtered));
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
  useKeys({
    j: () => setCurrent((index) => Math.min(index + 1, sessions.length - 1)),
    k: () => setCurrent((index) => Math.max(index - 1, 0)),
    Enter: () => open(current),
  });

  const body = (): React.ReactNode => {
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
          sort={search.sort ?? "newest"}
          onSort={(sort) =>
            void navigate({
              to: "/sessions",
              search: (before) => ({ ...omit(before, "sort"), ...(sort === "worst" ? { sort } : {}) }),
              replace: true,
            })
          }
          onNearEnd={() => {
            if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
          }}
        />
      </PanelBoundary>
    );
  };

  return (
    <div className="relative min-h-[70dvh] px-4 py-4 md:px-6" {...handlers}>
      <div className="mb-3 flex flex-wrap items-center gap-x-3">
        <h1 className="text-lg font-semibold tracking-tight">Sessions</h1>
        <p className="text-table text-ink-soft" role="status">
          {query.isSuccess && sessions.length > 0 && (
            <>
              {plural(total, "session")}
              {filtered ? " match" : ""}
              {search.sort === "worst" ? ", worst first" : ", newest first"}
            </>
          )}
          {query.isError && query.data !== undefined && "Could not refresh; showing the last list"}
        </p>
        <span className="ml-auto" />
        <ImportButton importing={importing} />
      </div>
      <ImportPanel importing={importing} />
      <FilterBar />
      {body()}
      {over && <DropHint>Drop to import into this server</DropHint>}
    </div>
  );
}
