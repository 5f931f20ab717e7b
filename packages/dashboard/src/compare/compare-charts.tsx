import { useEffect, useMemo, useRef, useState } from "react";
import { observationBands } from "../charts/bands.ts";
import { panelGroups, type Panel, type PanelLine } from "../charts/panels.ts";
import { summarise } from "../charts/series.ts";
import { axisWidth, TimeChart } from "../charts/time-chart.tsx";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { useSession, useSnapshot } from "../session/context.tsx";
import { Legend } from "../session/legend.tsx";
import { stackGrid } from "../session/stack-grid.ts";
import { Crosshair, TimeAxis, usePointer } from "../session/timeline.tsx";
import { usePanelLines } from "../session/use-panel-lines.ts";
import { useRange } from "../session/use-range.ts";
import { ZoomButtons } from "../session/zoom-buttons.tsx";
import { withUnit } from "../words/numbers.ts";
import { position } from "../words/time.ts";
import type { ComparedSide } from "./compared-side.ts";

/** The same charts of both sessions, one above the other, from the start of each, with one cursor. */
export function CompareCharts({ sides }: { readonly sides: readonly ComparedSide[] }): React.ReactNode {
  const plot = useRef<HTMLDivElement>(null);
  const pointer = usePointer(plot);
  return (
    <section aria-label="Charts of both" className="card relative px-4 pb-4" {...pointer.handlers}>
      <div className="sticky top-[calc(3.25rem+1px)] z-20 -mx-3 rounded-t-[10px] bg-surface px-3 pt-3 pb-1 shadow-[0_6px_6px_-6px_rgb(0_0_0/0.15)] max-md:top-[89px]">
        <div className={stackGrid}>
          <div className="eyebrow">Since the start of each</div>
          <div className="min-w-0" style={{ paddingLeft: axisWidth }}>
            <div ref={plot}>
              <TimeAxis tickOffset={0} plot={plot} />
            </div>
          </div>
          <ZoomButtons />
        </div>
      </div>
      {panelGroups.map((group) => (
        <section key={group.title} aria-label={group.title}>
          <h3 className="mt-3 mb-1 border-b border-line pb-1 text-table font-semibold">{group.title}</h3>
          {group.panels.map((panel) => (
            <PanelBoundary key={panel.id} what={panel.title}>
              <PanelPair panel={panel} sides={sides} />
            </PanelBoundary>
          ))}
        </section>
      ))}
      <Crosshair plot={plot} selection={pointer.selection} />
    </section>
  );
}

/** One panel twice, on one scale. Left out when neither session has it. */
function PanelPair({
  panel,
  sides,
}: {
  readonly panel: Panel;
  readonly sides: readonly ComparedSide[];
}): React.ReactNode {
  const [tops, setTops] = useState<Readonly<Record<string, number>>>({});
  const top = Math.max(panel.smallestTop, ...Object.values(tops));
  const scaled = useMemo(() => ({ ...panel, smallestTop: top }), [panel, top]);
  const hasLines = Object.keys(tops).length > 0;
  return (
    <section aria-label={panel.title} className={hasLines ? "py-1" : "hidden"}>
      {sides.map((side) => (
        <SideChart
          key={`${side.letter} ${side.id}`}
          side={side}
          panel={scaled}
          onTop={(value) =>
            setTops((before) =>
              before[side.letter] === value ? before : { ...before, [side.letter]: value },
            )
          }
        />
      ))}
    </section>
  );
}

interface SideProps {
  readonly side: ComparedSide;
  readonly panel: Panel;
  /** Largest value that it draws, in the unit of the chart. */
  readonly onTop: (top: number) => void;
}

function SideChart({ side, panel, onTop }: SideProps): React.ReactNode {
  const { view } = useSession();
  const snapshot = useSnapshot(side.store);
  const lines = usePanelLines(panel, side.store);
  const start = snapshot.analysis?.start ?? 0;
  const end = snapshot.analysis?.end ?? start;
  const observations = snapshot.analysis?.observations;
  const bands = useMemo(
    () => observationBands(observations ?? [], panel, undefined, start, end),
    [observations, panel, start, end],
  );
  const largest = useMemo(
    () =>
      Math.max(
        ...lines.map((line) => (summarise(line.series, start, end)?.max ?? 0) * panel.scale),
        lines.length === 0 ? -1 : 0,
      ),
    // Points grow in place.
    // oxlint-disable-next-line react/exhaustive-deps
    [lines, start, end, panel.scale, snapshot.version],
  );
  const tell = useRef(onTop);
  useEffect(() => {
    tell.current = onTop;
  });
  useEffect(() => {
    if (largest >= 0) tell.current(largest);
  }, [largest]);

  return (
    <div className={stackGrid}>
      <div className="self-start pt-1 max-lg:flex max-lg:items-center max-lg:gap-2">
        <h4 className="flex items-baseline gap-1.5 text-table leading-snug font-medium">
          <SideLetter letter={side.letter} />
          {panel.title}
        </h4>
        <span className="text-xs text-ink-soft">{panel.unit}</span>
      </div>
      {lines.length === 0 ? (
        <p className="text-xs text-ink-soft" style={{ paddingLeft: axisWidth }}>
          {snapshot.phase === "loading" ? "Reading" : "Not in this recording"}
        </p>
      ) : (
        <div className="min-w-0">
          <TimeChart
            panel={panel}
            lines={lines}
            view={view}
            bands={bands}
            start={start}
            height={80}
            version={snapshot.version}
            tickOffset={0}
          />
          <ChartWords side={side} panel={panel} lines={lines} start={start} />
        </div>
      )}
      <Legend panel={panel} lines={lines} start={start} version={snapshot.version} />
    </div>
  );
}

/** Which of the two it is: a letter in a box, not a colour. */
export function SideLetter({ letter }: { readonly letter: "A" | "B" }): React.ReactNode {
  return (
    <span
      className={`inline-grid size-5 shrink-0 place-items-center rounded border text-xs font-semibold ${letter === "A" ? "border-accent bg-accent-soft text-accent" : "border-ink-soft text-ink"}`}
    >
      {letter}
    </span>
  );
}

interface LinesProps {
  readonly panel: Panel;
  readonly lines: readonly PanelLine[];
  /** Unix ms of position 0. */
  readonly start: number;
}

/** The chart in a sentence, for those who do not see it. */
function ChartWords({
  side,
  panel,
  lines,
  start,
}: LinesProps & { readonly side: ComparedSide }): React.ReactNode {
  const { view } = useSession();
  const { from, to } = useRange(view);
  const value = (raw: number): string => withUnit(raw * panel.scale, panel.unit);
  return (
    <p className="sr-only">
      {side.letter}, {panel.title}, {position(from)} to {position(to)}.{" "}
      {lines
        .map((line) => {
          const summary = summarise(line.series, start + from * 1000, start + to * 1000);
          return summary === null
            ? `${line.label}: nothing reported.`
            : `${line.label}: lowest ${value(summary.min)}, highest ${value(summary.max)}, average ${value(summary.mean)}.`;
        })
        .join(" ")}
    </p>
  );
}
