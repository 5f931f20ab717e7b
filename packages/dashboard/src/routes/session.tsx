import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { useProjectOf } from "../access/use-project-of.ts";
import { Failure } from "../frame/fallbacks.tsx";
import { RequestError } from "../queries/fetch-json.ts";
import { analysisQuery, sessionQuery } from "../queries/sessions.ts";
import { SessionView } from "../session/session-view.tsx";
import { useResumed } from "../session/use-resumed.ts";
import { useSessionStore } from "../session/use-session-store.ts";
import { VerdictSkeleton } from "../session/verdict-card.tsx";
import { useSnapshot } from "../session/context.tsx";
import type { SessionStore } from "../session/session-store.ts";
import { analysisOfServer } from "../session/which-analysis.ts";
import type { SessionSearch } from "../url/search.ts";

export function SessionRoute(): React.ReactNode {
  const { id } = useParams({ from: "/sessions/$id" });
  const summary = useQuery(sessionQuery(id));
  const [round, setRound] = useState(0);
  const onResumed = useCallback(() => setRound((before) => before + 1), []);
  useProjectOf(summary.data?.projectId);
  const store = useSessionStore({ from: "server", sessionId: id }, `${id} ${round}`);
  const unknown = summary.error instanceof RequestError && summary.error.status === 404;
  return (
    <div className="px-4 py-4 md:px-6">
      {unknown ? (
        <Failure
          title="There is no such session"
          detail="It may have been deleted, its id may be cut off, or it belongs to another server."
          code={summary.error instanceof RequestError ? summary.error.code : null}
          onRetry={() => void summary.refetch()}
        >
          <Link to="/sessions" className="btn">
            All sessions
          </Link>
        </Failure>
      ) : store === null ? (
        <VerdictSkeleton share={null} />
      ) : (
        <LoadedSession
          key={id}
          id={id}
          store={store}
          sample={summary.data?.sample === true}
          onResumed={onResumed}
        />
      )}
    </div>
  );
}

interface Props {
  readonly id: string;
  readonly store: SessionStore;
  readonly sample: boolean;
  readonly onResumed: () => void;
}

function LoadedSession({ id, store, sample, onResumed }: Props): React.ReactNode {
  const search = useSearch({ from: "/sessions/$id" });
  const navigate = useNavigate();
  const snapshot = useSnapshot(store);
  const server = useQuery({ ...analysisQuery(id), enabled: snapshot.phase === "loading" });
  const onSearch = useCallback(
    (update: (before: SessionSearch) => SessionSearch) =>
      void navigate({
        to: "/sessions/$id",
        params: { id },
        search: (before) => update(before as SessionSearch),
        replace: true,
        resetScroll: false,
      }),
    [navigate, id],
  );

  useResumed(id, store, onResumed);

  return (
    <SessionView
      store={store}
      search={search}
      onSearch={onSearch}
      provisional={analysisOfServer(server)}
      logUrl={`/api/sessions/${encodeURIComponent(id)}/log?from=0`}
      sample={sample}
    />
  );
}
