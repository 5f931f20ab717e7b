import { Tabs } from "@base-ui-components/react/tabs";
import type { SessionAnalysis } from "@peerscope/schema";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { lazy, Suspense } from "react";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { Segmented } from "../frame/top-bar.tsx";
import type { Tab } from "../url/search.ts";
import { useSnapshot, type SessionContextValue } from "./context.tsx";
import { useNotes } from "./notes/use-moments.ts";
import { ObservationsTab } from "./observations-tab.tsx";
import { Timeline } from "./timeline.tsx";

const StreamsTab = lazy(async () => ({ default: (await import("./streams/streams-tab.tsx")).StreamsTab }));
const ConnectionTab = lazy(async () => ({
  default: (await import("./connection/connection-tab.tsx")).ConnectionTab,
}));
const SdpTab = lazy(async () => ({ default: (await import("./sdp/sdp-tab.tsx")).SdpTab }));
const DevicesTab = lazy(async () => ({ default: (await import("./devices/devices-tab.tsx")).DevicesTab }));
const EventsTab = lazy(async () => ({ default: (await import("./events-tab.tsx")).EventsTab }));
const NotesTab = lazy(async () => ({ default: (await import("./notes/notes-tab.tsx")).NotesTab }));
const RecordsTab = lazy(async () => ({ default: (await import("./records/records-tab.tsx")).RecordsTab }));
const StatsTab = lazy(async () => ({ default: (await import("./stats/stats-tab.tsx")).StatsTab }));

interface SessionTabsProps {
  readonly analysis: SessionAnalysis;
  readonly context: SessionContextValue;
  /** Goes to the next observation, or the one before. */
  readonly goObservation: (step: 1 | -1) => void;
}

/** The parts of a session below its verdict, in the order in which one goes deeper. */
export function SessionTabs({ analysis, context, goObservation }: SessionTabsProps): React.ReactNode {
  const { search, setSearch, axis } = context;
  const { events } = useSnapshot(context.store);
  const notes = useNotes();
  const parts: readonly {
    readonly tab: Tab;
    readonly title: string;
    /** How a failure names it. */
    readonly what: string;
    readonly badge?: number;
    readonly content: React.ReactNode;
  }[] = [
    { tab: "timeline", title: "Timeline", what: "The timeline", content: <Timeline /> },
    {
      tab: "observations",
      title: "Observations",
      what: "The observations",
      badge: analysis.observations.length,
      content: <ObservationsTab observations={analysis.observations} />,
    },
    { tab: "streams", title: "Streams", what: "The streams", content: <StreamsTab /> },
    { tab: "connection", title: "Connection", what: "The connections", content: <ConnectionTab /> },
    { tab: "sdp", title: "Signalling & SDP", what: "The session descriptions", content: <SdpTab /> },
    { tab: "devices", title: "Devices & media", what: "The devices", content: <DevicesTab /> },
    {
      tab: "events",
      title: "Events",
      what: "The events",
      badge: events.filter((event) => event.name !== "api-settled").length,
      content: <EventsTab />,
    },
    { tab: "stats", title: "Stats", what: "The stats", content: <StatsTab /> },
    { tab: "records", title: "Records", what: "The records", content: <RecordsTab /> },
    // What is in a file is only here: nobody else could read a note on it.
    ...(context.store.from === "server"
      ? [
          {
            tab: "notes" as const,
            title: "Notes",
            what: "The notes",
            badge: notes.length,
            content: <NotesTab sessionId={analysis.sessionId} />,
          },
        ]
      : []),
  ];
  return (
    <Tabs.Root
      value={parts.find(({ tab }) => tab === search.tab)?.tab ?? "timeline"}
      onValueChange={(value: Tab) => setSearch({ tab: value === "timeline" ? undefined : value })}
    >
      <div className="flex flex-wrap items-center gap-x-2 border-b border-line">
        <Tabs.List className="-mb-px flex max-w-full overflow-x-auto" aria-label="Parts of the session">
          {parts.map(({ tab, title, badge = 0 }) => (
            <Tabs.Tab
              key={tab}
              value={tab}
              className="flex min-h-9 items-center gap-1.5 border-b-2 border-transparent px-3 text-sm lg:max-[90rem]:px-1.5 lg:max-[90rem]:text-table min-[90rem]:max-[96rem]:px-2.5 whitespace-nowrap text-ink-soft hover:text-ink data-[active]:border-accent data-[active]:font-semibold data-[active]:text-ink"
            >
              {title}{" "}
              {badge > 0 && (
                <span className="tnum rounded-full bg-sunken px-1.5 text-xs font-normal text-ink-soft">
                  {badge}
                </span>
              )}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <div className="ml-auto flex items-center gap-2 py-1">
          {analysis.observations.length > 0 && <StepButtons go={goObservation} />}
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
        {parts.map(({ tab, what, content }) => (
          <Tabs.Panel key={tab} value={tab}>
            <PanelBoundary what={what}>
              <Suspense fallback={<div className="skeleton h-64" />}>{content}</Suspense>
            </PanelBoundary>
          </Tabs.Panel>
        ))}
      </div>
    </Tabs.Root>
  );
}

function StepButtons({ go }: { readonly go: SessionTabsProps["goObservation"] }): React.ReactNode {
  return (
    <div className="flex items-center">
      <button
        type="button"
        className="btn-quiet"
        aria-label="Previous observation"
        title="Previous observation (p)"
        onClick={() => go(-1)}
      >
        <ChevronLeft className="size-4" aria-hidden />
      </button>
      <span className="text-xs text-ink-soft max-[96rem]:hidden">observation</span>
      <button
        type="button"
        className="btn-quiet"
        aria-label="Next observation"
        title="Next observation (n)"
        onClick={() => go(1)}
      >
        <ChevronRight className="size-4" aria-hidden />
      </button>
    </div>
  );
}
