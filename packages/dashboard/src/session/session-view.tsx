import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { createTimeView, type TimeView } from "../charts/time-view.ts";
import { Failure } from "../frame/fallbacks.tsx";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { axisOf, formatRange, omit, parseRange, zoneOf, type SessionSearch } from "../url/search.ts";
import { ReportedBanner } from "./notes/reported-banner.tsx";
import { useWriteNote } from "./notes/use-write-note.tsx";
import { SessionContext, useSnapshot, type SessionContextValue } from "./context.tsx";
import { SessionHeader, StateBanner } from "./session-header.tsx";
import type { SessionStore } from "./session-store.ts";
import { SessionTabs } from "./session-tabs.tsx";
import { useCallSide } from "./use-call-side.ts";
import { useCopyTicket } from "./use-copy-ticket.ts";
import { useViewKeys } from "./use-view-keys.ts";
import { VerdictCard, VerdictSkeleton } from "./verdict-card.tsx";
import { whichAnalysis, type AnalysisOfServer } from "./which-analysis.ts";

export interface SessionViewProps {
  readonly store: SessionStore;
  readonly search: SessionSearch;
  /** Writes view state into the URL, in place. */
  readonly onSearch: (update: (before: SessionSearch) => SessionSearch) => void;
  /** The server's analysis: shown until this browser has read as much itself. */
  readonly provisional: AnalysisOfServer;
  readonly logUrl: string | null;
  readonly sample: boolean;
  /** What stands before the verdict is not text: a way back, a choice of participant. */
  readonly before?: React.ReactNode;
}

/** One session, from the server or from a file: verdict first, then everything that proves it. */
export function SessionView(props: SessionViewProps): React.ReactNode {
  const { store, search, onSearch, provisional, logUrl, sample } = props;
  const snapshot = useSnapshot(store);
  const analysis = whichAnalysis(snapshot, provisional);
  const start = analysis?.start ?? 0;
  const view = useTimeViewOfUrl(search, onSearch);
  const live = snapshot.phase === "live";

  // Before the effects of what is inside: a recording that is there at once moves the view in the first of them.
  useLayoutEffect(() => {
    if (analysis !== null) view.setExtent({ from: 0, to: (analysis.end - analysis.start) / 1000 }, live);
  }, [view, analysis, live]);

  useEffect(() => {
    const name = analysis?.userId ?? analysis?.peer ?? analysis?.sessionId.slice(0, 8);
    document.title = name === undefined ? "Session – Peerscope" : `${name} – Session – Peerscope`;
  }, [analysis?.userId, analysis?.peer, analysis?.sessionId]);

  const axis = axisOf(search);
  const zone = zoneOf(search);
  const isServed = store.from === "server";
  const { writeNote, dialog } = useWriteNote({ analysis, isServed, view, axis, zone });
  const side = useCallSide(store, analysis);
  const context = useMemo<SessionContextValue>(
    () => ({
      store,
      view,
      analysis,
      start,
      search,
      axis,
      zone,
      writeNote,
      setSearch: (patch) =>
        onSearch((before) => {
          const next = { ...before, ...patch };
          return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined));
        }),
    }),
    [store, view, analysis, start, search, axis, zone, writeNote, onSearch],
  );
  const copyTicket = useCopyTicket(context, side);
  const goObservation = useViewKeys(context, analysis, copyTicket);

  if (snapshot.phase === "failed" && analysis === null) {
    return (
      <Failure
        title={logUrl === null ? "This file could not be opened" : "The recording could not be read"}
        detail={snapshot.failure?.message ?? ""}
        code={snapshot.failure?.code ?? null}
        onRetry={() => location.reload()}
      />
    );
  }

  return (
    <SessionContext value={context}>
      <div className="flex flex-col gap-3">
        {analysis === null ? (
          <VerdictSkeleton
            share={snapshot.totalBytes === null ? null : snapshot.bytes / snapshot.totalBytes}
          />
        ) : (
          <>
            <PanelBoundary what="The verdict">
              <VerdictCard analysis={analysis} side={side} />
            </PanelBoundary>
            <PanelBoundary what="The facts of the session">
              <SessionHeader analysis={analysis} logUrl={logUrl} sample={sample} onCopyTicket={copyTicket} />
            </PanelBoundary>
          </>
        )}
        {snapshot.failure !== null && (
          <p role="alert" className="rounded-md border border-poor-mark px-3 py-1.5 text-table">
            The recording could not be read further: {snapshot.failure.message} (
            <code className="font-mono text-xs">{snapshot.failure.code}</code>). What the server knew is
            shown.
          </p>
        )}
        <StateBanner ended={analysis?.ended ?? false} />
        {analysis !== null && (
          <PanelBoundary what="What the user reported">
            <ReportedBanner />
          </PanelBoundary>
        )}
        {analysis !== null && (
          <SessionTabs analysis={analysis} context={context} goObservation={goObservation} />
        )}
      </div>
      {dialog}
    </SessionContext>
  );
}

/** The time window and the cursor live outside React; this keeps them and the URL the same. */
export function useTimeViewOfUrl(search: SessionSearch, onSearch: SessionViewProps["onSearch"]): TimeView {
  const [view] = useState(() => createTimeView(parseRange(search.t), search.at ?? null));
  const written = useRef({ t: search.t, at: search.at });

  useLayoutEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const unsubscribe = view.subscribe((state, before) => {
      // A cursor that only follows the mouse is not worth a place in the URL.
      const moved = state.pinned !== before.pinned || (state.pinned && state.at !== before.at);
      if (state.range === before.range && !moved) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        const now = view.state();
        const t = now.chosen ? formatRange(now.range) : undefined;
        const at = now.pinned && now.at !== null ? Math.round(now.at * 10) / 10 : undefined;
        if (t === written.current.t && at === written.current.at) return;
        written.current = { t, at };
        onSearch((before) => ({
          ...omit(before, "t", "at"),
          ...(t === undefined ? {} : { t }),
          ...(at === undefined ? {} : { at }),
        }));
      }, 200);
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [view, onSearch]);

  useEffect(() => {
    if (search.t === written.current.t && search.at === written.current.at) return;
    written.current = { t: search.t, at: search.at };
    const range = parseRange(search.t);
    if (range === null) view.reset();
    else view.show(range);
    view.setAt(search.at ?? null, search.at !== undefined);
  }, [view, search.t, search.at]);

  return view;
}
