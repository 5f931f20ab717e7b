import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ArrowLeft, Printer } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useProjectOf } from "../../access/use-project-of.ts";
import { createTimeView } from "../../charts/time-view.ts";
import { Failure } from "../../frame/fallbacks.tsx";
import { PanelBoundary } from "../../frame/panel-boundary.tsx";
import { useZone } from "../../frame/zone.ts";
import { RequestError } from "../../queries/fetch-json.ts";
import { analysisQuery, sessionQuery } from "../../queries/sessions.ts";
import { SessionContext, useSnapshot, type SessionContextValue } from "../context.tsx";
import type { SessionStore } from "../session-store.ts";
import { useSessionStore } from "../use-session-store.ts";
import { VerdictSkeleton } from "../verdict-card.tsx";
import { analysisOfServer, whichAnalysis } from "../which-analysis.ts";
import { Report } from "./report.tsx";

/** A session as a document: to print, or to save as PDF and attach to a ticket. */
export function ReportPage(): React.ReactNode {
  const { id } = useParams({ from: "/sessions/$id/report" });
  const summary = useQuery(sessionQuery(id));
  useProjectOf(summary.data?.projectId);
  const store = useSessionStore({ from: "server", sessionId: id }, id);
  if (summary.error instanceof RequestError && summary.error.status === 404) {
    return (
      <Failure
        title="There is no such session"
        detail="It may have been deleted, its id may be cut off, or it belongs to another server."
        code={summary.error.code}
        onRetry={() => void summary.refetch()}
      >
        <Link to="/sessions" className="btn">
          All sessions
        </Link>
      </Failure>
    );
  }
  if (store === null) return <VerdictSkeleton share={null} />;
  return <LoadedReport key={id} id={id} store={store} />;
}

function LoadedReport({ id, store }: { readonly id: string; readonly store: SessionStore }): React.ReactNode {
  const snapshot = useSnapshot(store);
  const zone = useZone();
  const summary = useQuery(sessionQuery(id));
  const server = useQuery({ ...analysisQuery(id), enabled: snapshot.phase === "loading" });
  const analysis = whichAnalysis(snapshot, analysisOfServer(server));
  const start = analysis?.start ?? 0;
  const [view] = useState(() => createTimeView(null, null));
  const name = analysis?.userId ?? analysis?.peer ?? id.slice(0, 8);
  useEffect(() => {
    // Browsers name the PDF after it.
    document.title = `${name} – Session report – Peerscope`;
  }, [name]);
  const context = useMemo<SessionContextValue>(
    () => ({
      store,
      view,
      analysis,
      axis: "rel",
      zone,
      start,
      search: {},
      writeNote: null,
      // A document has no view that could change.
      setSearch: () => undefined,
    }),
    [store, view, analysis, zone, start],
  );
  const isReading = snapshot.phase === "loading";
  const share = snapshot.totalBytes === null ? null : snapshot.bytes / snapshot.totalBytes;
  return (
    <div className="px-4 py-4 md:px-6 print:p-0">
      <div className="mx-auto mb-3 flex max-w-[46rem] flex-wrap items-center gap-2 print:hidden">
        <Link to="/sessions/$id" params={{ id }} className="btn">
          <ArrowLeft className="size-3.5" aria-hidden />
          The session
        </Link>
        <p role="status" className="text-table text-ink-soft">
          {isReading
            ? `Reading the recording${share === null ? "" : `, ${Math.round(share * 100)} %`}; charts, devices and what the user reported are not complete yet.`
            : snapshot.phase === "live"
              ? "The session goes on; this is how it is now."
              : ""}
        </p>
        <button
          type="button"
          className="btn-primary ml-auto"
          // Half a report on paper looks like a whole one.
          disabled={analysis === null || isReading}
          onClick={() => print()}
        >
          <Printer className="size-3.5" aria-hidden />
          Print or save as PDF
        </button>
      </div>
      {analysis === null ? (
        snapshot.phase === "failed" ? (
          <Failure
            title="The recording could not be read"
            detail={snapshot.failure?.message ?? ""}
            code={snapshot.failure?.code ?? null}
            onRetry={() => location.reload()}
          />
        ) : (
          <VerdictSkeleton share={share} />
        )
      ) : (
        <SessionContext value={context}>
          <PanelBoundary what="The report">
            <Report analysis={analysis} traits={summary.data?.traits ?? null} />
          </PanelBoundary>
        </SessionContext>
      )}
    </div>
  );
}
