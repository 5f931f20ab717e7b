import { Tabs } from "@base-ui-components/react/tabs";
import type { SessionAnalysis } from "@peerscope/schema";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { createTimeView, type TimeView } from "../charts/time-view.ts";
import { Failure } from "../frame/fallbacks.tsx";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { Segmented } from "../frame/top-bar.tsx";
import {
  axisOf,
  formatRange,
  omit,
  parseRange,
  zoneOf,
  type SessionSearch,
  type Tab,
} from "../url/search.ts";
import { SessionContext, useSnapshot, type SessionContextValue } from "./context.tsx";
import { ObservationsTab } from "./observations-tab.tsx";
import { SessionHeader, StateBanner } from "./session-header.tsx";
import type { SessionStore } from "./session-store.ts";
import { Timeline } from "./timeline.tsx";
import { useViewKeys } from "./use-view-keys.ts";
import { VerdictCard, VerdictSkeleton } from "./verdict-card.tsx";

const EventsTab = lazy(async () => ({ default: (await import("./events-tab.tsx")).EventsTab }));
const StatsTab = lazy(async () => ({ default: (await import("./stats-tab.tsx")).StatsTab }));

export interface SessionViewProps {
  readonly store: SessionStore;
  readonly search: SessionSearch;
  /** Writes view state into the URL, in place. */
  readonly onSearch: (update: (before: SessionSearch) => SessionSearch) => void;
  /** The server's analysis until this browser has its own. */
  readonly provisional: SessionAnalysis | null;
  readonly logUrl: string | null;
  readonly sample: boolean;
  /** What stands before the verdict is not text: a way back, a choice of participant. */
  readonly before?: React.ReactNode;
}

/** One session, from the server or from a file: verdict first, then everything that proves it. */
export function SessionView(props: SessionViewProps): React.ReactNode {
  const { store, search, onSearch, provisional, logUrl, sample } = props;
  const snapshot = useSnapshot(store);
  const analysis = snapshot.analysis ?? provisional;
  const start = analysis?.start ?? 0;
  const view = useTimeViewOfUrl(search, onSearch);
  const live = snapshot.phase === "live";

  useEffect(() => {
    if (analysis !== null) view.setExtent({ from: 0, to: (analysis.end - analysis.start) / 1000 }, live);
  }, [view, analysis, live]);

  useEffect(() => {
    const name = analysis?.userId ?? analysis?.peer ?? analysis?.sessionId.slice(0, 8);
    document.title = name === undefined ? "Session – Peerscope" : `${name} – Session – Peerscope`;
  }, [analysis?.userId, analysis?.peer, analysis?.sessionId]);

  const context = useMemo<SessionContextValue>(
    () => ({
      store,
      view,
      start,
      search,
      axis: axisOf(search),
      zone: zoneOf(search),
      setSearch: (patch) =>
        onSearch((before) => {
          const next = { ...before, ...patch };
          return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined));
        }),
    }),
    [store, view, start, search, onSearch],
  );
  useViewKeys(context, analysis);

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
              <VerdictCard analysis={analysis} />
            </PanelBoundary>
            <PanelBoundary what="The facts of the session">
              <SessionHeader analysis={analysis} logUrl={logUrl} sample={sample} />
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
        {analysis !== null && <SessionTabs analysis={analysis} context={context} />}
      </div>
    </SessionContext>
  );
}

interface TabsProps {
  readonly analysis: SessionAnalysis;
  readonly context: SessionContextValue;
}

const tabClass =
  "flex min-h-9 items-center gap-1.5 border-b-2 border-transparent px-3 text-sm text-ink-soft hover:text-ink data-[active]:border-accent data-[active]:font-semibold data-[active]:text-ink";

function SessionTabs({ analysis, context }: TabsProps): React.ReactNode {
  const { search, setSearch, axis } = context;
  const snapshot = useSnapshot(context.store);
  const tab: Tab = search.tab ?? "timeline";
  const badge = (count: number): React.ReactNode =>
    count > 0 && (
      <span className="tnum rounded-full bg-sunken px-1.5 text-xs font-normal text-ink-soft">{count}</span>
    );
  return (
    <Tabs.Root
      value={tab}
      onValueChange={(value: Tab) => setSearch({ tab: value === "timeline" ? undefined : value })}
    >
      <div className="flex flex-wrap items-center gap-x-3 border-b border-line">
        <Tabs.List className="-mb-px flex overflow-x-auto" aria-label="Parts of the session">
          <Tabs.Tab value="timeline" className={tabClass}>
            Timeline
          </Tabs.Tab>
          <Tabs.Tab value="observations" className={tabClass}>
            Observations {badge(analysis.observations.length)}
          </Tabs.Tab>
          <Tabs.Tab value="events" className={tabClass}>
            Events {badge(snapshot.events.filter((event) => event.name !== "api-settled").length)}
          </Tabs.Tab>
          <Tabs.Tab value="stats" className={tabClass}>
            Stats
          </Tabs.Tab>
        </Tabs.List>
        <div className="ml-auto flex items-center gap-2 py-1">
          {analysis.observations.length > 0 && <StepButtons />}
          <Segmented
            label="Time axis"
            value={axis}
            onChange={(value) => setSearch({ axis: value === "abs" ? "abs" : undefined })}
            options={[
              { value: "rel", label: "00:12:34" },
              { value: "abs", label: "Clock" },
            ]}
          />
        </div>
      </div>
      <div className="pt-3">
        <Tabs.Panel value="timeline">
          <PanelBoundary what="The timeline">
            <Timeline />
          </PanelBoundary>
        </Tabs.Panel>
        <Tabs.Panel value="observations">
          <PanelBoundary what="The observations">
            <ObservationsTab observations={analysis.observations} />
          </PanelBoundary>
        </Tabs.Panel>
        <Tabs.Panel value="events">
          <PanelBoundary what="The events">
            <Suspense fallback={<div className="skeleton h-64" />}>
              <EventsTab />
            </Suspense>
          </PanelBoundary>
        </Tabs.Panel>
        <Tabs.Panel value="stats">
          <PanelBoundary what="The stats">
            <Suspense fallback={<div className="skeleton h-64" />}>
              <StatsTab />
            </Suspense>
          </PanelBoundary>
        </Tabs.Panel>
      </div>
    </Tabs.Root>
  );
}

function StepButtons(): React.ReactNode {
  const press = (key: "n" | "p"): void => {
    document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  };
  return (
    <div className="flex items-center">
      <button
        type="button"
        className="btn-quiet"
        aria-label="Previous observation"
        title="Previous observation (p)"
        onClick={() => press("p")}
      >
        <ChevronLeft className="size-4" aria-hidden />
      </button>
      <span className="text-xs text-ink-soft">observation</span>
      <button
        type="button"
        className="btn-quiet"
        aria-label="Next observation"
        title="Next observation (n)"
        onClick={() => press("n")}
      >
        <ChevronRight className="size-4" aria-hidden />
      </button>
    </div>
  );
}

/** The time window and the cursor live outside React; this keeps them and the URL the same. */
function useTimeViewOfUrl(search: SessionSearch, onSearch: SessionViewProps["onSearch"]): TimeView {
  const [view] = useState(() => createTimeView(parseRange(search.t), search.at ?? null));
  const written = useRef({ t: search.t, at: search.at });

  useEffect(() => {
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
