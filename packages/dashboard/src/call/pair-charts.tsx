import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { Failure } from "../frame/fallbacks.tsx";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { Segmented } from "../frame/top-bar.tsx";
import { useZone } from "../frame/zone.ts";
import { summarise } from "../charts/series.ts";
import { axisWidth, TimeChart } from "../charts/time-chart.tsx";
import { createTimeView } from "../charts/time-view.ts";
import { SessionContext, useSession, type SessionContextValue } from "../session/context.tsx";
import { Legend } from "../session/legend.tsx";
import type { SessionSnapshot, SessionStore } from "../session/session-store.ts";
import { stackGrid } from "../session/stack-grid.ts";
import { Crosshair, TimeAxis, usePointer } from "../session/timeline.tsx";
import { useSettledRange } from "../session/use-range.ts";
import { useSessionStore } from "../session/use-session-store.ts";
import { useViewKeys } from "../session/use-view-keys.ts";
import { ZoomButtons } from "../session/zoom-buttons.tsx";
import { withUnit } from "../words/numbers.ts";
import { position } from "../words/time.ts";
import { pairLines, pairPanels, type PairPanel } from "./pair-panels.ts";
import { pairStreams, trafficJudge, type PairStreams } from "./pair-streams.ts";

interface Props {
  /** Session ids; null for a sender who was not measured. */
  readonly sender: string | null;
  readonly receiver: string;
  readonly names: { readonly sender: string; readonly receiver: string };
  /** Kinds of media that were received, and whether of nobody else. */
  readonly kinds: readonly { readonly kind: "audio" | "video"; readonly isOnlySender: boolean }[];
}

/** What one person sent and what the other one got of it, in the same charts. */
export function PairCharts({ sender, receiver, names, kinds }: Props): React.ReactNode {
  const senderStore = useSessionStore(
    sender === null ? null : { from: "server", sessionId: sender },
    sender ?? "",
  );
  const receiverStore = useSessionStore({ from: "server", sessionId: receiver }, receiver);
  const [kind, setKind] = useState(kinds[0]?.kind ?? "audio");
  const shown = kinds.find((one) => one.kind === kind) ?? kinds[0];
  if (receiverStore === null || (sender !== null && senderStore === null) || shown === undefined)
    return <div className="skeleton mt-3 h-64" aria-busy="true" />;
  return (
    <Both sender={senderStore} receiver={receiverStore} names={names} shown={shown}>
      {kinds.length > 1 && (
        <Segmented
          label="Media of the pair"
          value={shown.kind}
          onChange={(value) => setKind(value === "video" ? "video" : "audio")}
          options={[
            { value: "audio", label: "Sound" },
            { value: "video", label: "Picture" },
          ]}
        />
      )}
    </Both>
  );
}

interface BothProps {
  readonly sender: SessionStore | null;
  readonly receiver: SessionStore;
  readonly names: Props["names"];
  readonly shown: Props["kinds"][number];
  readonly children: React.ReactNode;
}

function Both({ sender, receiver, names, shown, children }: BothProps): React.ReactNode {
  const left = useMaybeSnapshot(sender);
  const right = useMaybeSnapshot(receiver);
  const zone = useZone();
  const [view] = useState(() => createTimeView(null, null));
  const analyses = [left?.analysis, right?.analysis].filter((one) => one != null);
  const start = Math.min(...analyses.map((one) => one.start));
  const end = Math.max(...analyses.map((one) => one.end));
  const isKnown = analyses.length > 0;
  useEffect(() => {
    if (isKnown) view.setExtent({ from: 0, to: (end - start) / 1000 }, false);
  }, [view, isKnown, start, end]);
  const context = useMemo<SessionContextValue>(
    () => ({
      store: receiver,
      view,
      axis: "rel",
      zone,
      analysis: null,
      start,
      search: {},
      writeNote: null,
      // The call page has no view state of a session.
      setSearch: () => undefined,
    }),
    [receiver, view, zone, start],
  );
  useViewKeys(context, null, null);
  const { kind, isOnlySender } = shown;
  const seriesCount = (left?.seriesCount ?? 0) + (right?.seriesCount ?? 0);
  const streams = useMemo(
    () =>
      pairStreams({
        sender: sender?.series.values() ?? [],
        receiver: receiver.series.values(),
        kind,
        isOnlySender,
        fitsTraffic: trafficJudge(left?.analysis ?? null, right?.analysis ?? null),
      }),
    // Lines only change when a new one appears; their points grow in place.
    // oxlint-disable-next-line react/exhaustive-deps
    [sender, receiver, kind, isOnlySender, seriesCount, left?.analysis, right?.analysis],
  );
  const failures = [
    { name: names.sender, failure: left?.failure ?? null },
    { name: names.receiver, failure: right?.failure ?? null },
  ].filter(({ failure }) => failure !== null);
  if (!isKnown && failures.length === (sender === null ? 1 : 2))
    return (
      <Failure
        title="Neither recording of this pair could be read"
        detail={failures[0]?.failure?.message ?? ""}
        code={failures[0]?.failure?.code ?? null}
        onRetry={() => location.reload()}
      />
    );
  if (!isKnown) return <div className="skeleton mt-3 h-64" aria-busy="true" />;
  const version = (left?.version ?? 0) + (right?.version ?? 0);
  return (
    <SessionContext value={context}>
      <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-ink-soft">
        {children}
        <p>Each side by the clock of its own machine.</p>
        {sender === null && (
          <p>
            The sender was not measured: only what <bdi>{names.receiver}</bdi> got is shown.
          </p>
        )}
        {failures.map(({ name, failure }) => (
          <p key={name} role="alert">
            The recording of <bdi>{name}</bdi> could not be read: {failure?.message} (
            <code className="font-mono">{failure?.code}</code>). Only the other side is shown.
          </p>
        ))}
        {sender !== null && streams.joined === "unknown" && streams.received.length > 0 && (
          <p>
            A server gave the streams other ids, so everything of this kind that <bdi>{names.receiver}</bdi>{" "}
            got is shown.
          </p>
        )}
        {streams.joined === "by-traffic" && (
          <p>A server gave the streams other ids: they are joined by the bytes that both counted.</p>
        )}
      </div>
      <Charts streams={streams} kind={kind} names={names} version={version} />
    </SessionContext>
  );
}

interface ChartsProps {
  readonly streams: PairStreams;
  readonly kind: "audio" | "video";
  readonly names: Props["names"];
  readonly version: number;
}

function Charts({ streams, kind, names, version }: ChartsProps): React.ReactNode {
  const plot = useRef<HTMLDivElement>(null);
  const pointer = usePointer(plot);
  const panels = pairPanels.filter((panel) => panel.kind === undefined || panel.kind === kind);
  return (
    <section aria-label="Sent and got" className="relative" {...pointer.handlers}>
      <div className={`${stackGrid} pt-2`}>
        <div className="eyebrow">Since the first began</div>
        <div className="min-w-0" style={{ paddingLeft: axisWidth }}>
          <div ref={plot}>
            <TimeAxis tickOffset={0} plot={plot} />
          </div>
        </div>
        <ZoomButtons />
      </div>
      {panels.map((panel) => (
        <PanelBoundary key={panel.id} what={panel.title}>
          <PairChart panel={panel} streams={streams} kind={kind} names={names} version={version} />
        </PanelBoundary>
      ))}
      <Crosshair plot={plot} selection={pointer.selection} />
    </section>
  );
}

const noBands: readonly never[] = [];

function PairChart({
  panel,
  streams,
  kind,
  names,
  version,
}: ChartsProps & { readonly panel: PairPanel }): React.ReactNode {
  const { view, start } = useSession();
  const { sender, receiver } = names;
  const lines = useMemo(
    () => pairLines(panel, kind, streams, { sender, receiver }),
    // A line without a value gets one when points come.
    // oxlint-disable-next-line react/exhaustive-deps
    [panel, kind, streams, sender, receiver, version],
  );
  return (
    <section aria-label={panel.title} className={`${stackGrid} py-1`}>
      <div className="self-start pt-1 max-lg:flex max-lg:items-baseline max-lg:gap-2">
        <h4 className="text-table leading-snug font-medium">{panel.title}</h4>
        <span className="text-xs text-ink-soft">{panel.unit}</span>
      </div>
      {lines.length === 0 ? (
        <p className="text-xs text-ink-soft" style={{ paddingLeft: axisWidth }}>
          Not in these recordings
        </p>
      ) : (
        <div className="min-w-0">
          <TimeChart
            panel={panel}
            lines={lines}
            view={view}
            bands={noBands}
            start={start}
            height={96}
            version={version}
            tickOffset={0}
          />
          <ChartWords panel={panel} lines={lines} />
        </div>
      )}
      <Legend panel={panel} lines={lines} start={start} version={version} />
    </section>
  );
}

/** The chart in a sentence, for those who do not see it. */
function ChartWords({
  panel,
  lines,
}: {
  readonly panel: PairPanel;
  readonly lines: ReturnType<typeof pairLines>;
}): React.ReactNode {
  const { view, start } = useSession();
  const { from, to } = useSettledRange(view);
  const value = (raw: number): string => withUnit(raw * panel.scale, panel.unit);
  return (
    <p className="sr-only">
      {panel.title}, {position(from)} to {position(to)}.{" "}
      {lines
        .map(({ series, label }) => {
          const summary = summarise(series, start + from * 1000, start + to * 1000);
          return summary === null
            ? `${label}: nothing reported.`
            : `${label}: lowest ${value(summary.min)}, highest ${value(summary.max)}, average ${value(summary.mean)}.`;
        })
        .join(" ")}
    </p>
  );
}

const never = (): (() => void) => () => undefined;
const nothing = (): null => null;

function useMaybeSnapshot(store: SessionStore | null): SessionSnapshot | null {
  return useSyncExternalStore<SessionSnapshot | null>(store?.subscribe ?? never, store?.snapshot ?? nothing);
}
