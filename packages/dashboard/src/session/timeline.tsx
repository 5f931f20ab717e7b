import type { Observation } from "@peerscope/schema";
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { panelGroups } from "../charts/panels.ts";
import { axisWidth } from "../charts/time-chart.tsx";
import { useWidth } from "../charts/use-size.ts";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { timeTicks } from "../words/time.ts";
import { ChartRow } from "./chart-row.tsx";
import { useSession, useSnapshot, useTimeWords } from "./context.tsx";
import { EventRail } from "./event-rail.tsx";
import { sampleGaps, type ExpectedSpan } from "./expected.ts";
import { LaneRows, ObservationLane } from "./lane-rows.tsx";
import { hiddenSpans, lanesOf } from "./lanes.ts";
import { MomentLane } from "./notes/moment-lane.tsx";
import { OverviewStrip } from "./overview-strip.tsx";
import { stackGrid } from "./stack-grid.ts";
import { useRange } from "./use-range.ts";
import { ZoomButtons } from "./zoom-buttons.tsx";

/** Seconds of the clock day at the start of the session, in the reader's zone. */
function dayOffset(start: number, utc: boolean): number {
  const zone = utc ? 0 : new Date(start).getTimezoneOffset() * 60_000;
  return ((start - zone) / 1000) % 86_400;
}

/** Lanes and charts on one time axis with one cursor. */
export function Timeline(): React.ReactNode {
  const { store, analysis, start, axis, zone, search } = useSession();
  const snapshot = useSnapshot(store);
  // A lane says nothing about what is not read yet.
  const end = snapshot.analysis?.end ?? start;
  const lanes = useMemo(() => lanesOf(snapshot.events, end), [snapshot.events, end]);
  const hidden = useMemo(() => hiddenSpans(lanes), [lanes]);
  const gaps = useStable(
    useMemo(
      () => sampleGaps(store.series.values(), lanes, snapshot.events),
      // oxlint-disable-next-line react/exhaustive-deps
      [store, lanes, snapshot.events, snapshot.version],
    ),
  );
  const observations = analysis?.observations ?? noObservations;
  const plot = useRef<HTMLDivElement>(null);
  const tickOffset = axis === "abs" ? dayOffset(start, zone === "utc") : 0;
  const pointer = usePointer(plot);
  // What is far below comes after the first picture.
  const groups = useDeferredValue(panelGroups, firstGroups);

  return (
    <section aria-label="Timeline" className="card relative px-4 pb-4" {...pointer.handlers}>
      <div className="sticky top-[calc(3.25rem+1px)] z-20 -mx-3 rounded-t-[10px] bg-surface px-3 pt-3 pb-1 shadow-[0_6px_6px_-6px_rgb(0_0_0/0.15)] max-md:top-[calc(5.5rem+1px)]">
        <div className={stackGrid}>
          <div className="eyebrow">Whole session</div>
          <div className="min-w-0" style={{ paddingLeft: axisWidth }}>
            <PanelBoundary what="The overview">
              <OverviewStrip windows={analysis?.score.windows ?? []} observations={observations} />
            </PanelBoundary>
          </div>
          <ZoomButtons />
          <div className="eyebrow max-lg:hidden">
            {axis === "rel" ? "Since start" : zone === "utc" ? "UTC" : "Local time"}
          </div>
          <div className="min-w-0" style={{ paddingLeft: axisWidth }}>
            <div ref={plot}>
              <TimeAxis tickOffset={tickOffset} plot={plot} />
            </div>
          </div>
          <div />
        </div>
      </div>
      <div className="flex flex-col gap-0.5 pb-2 [&_:is(a,button,[tabindex])]:scroll-mt-20">
        <PanelBoundary what="The observations">
          <ObservationLane observations={observations} />
        </PanelBoundary>
        <PanelBoundary what="Reports and notes">
          <MomentLane />
        </PanelBoundary>
        <PanelBoundary what="The lanes">
          <LaneRows lanes={lanes} />
        </PanelBoundary>
        <PanelBoundary what="The events">
          <EventRail />
        </PanelBoundary>
      </div>
      {groups.map((group) => (
        <section key={group.title} aria-label={group.title}>
          <h3 className="mt-3 mb-1 border-b border-line pb-1 text-table font-semibold">{group.title}</h3>
          {group.panels.map((panel) => (
            <PanelBoundary key={panel.id} what={panel.title}>
              <ChartRow
                panel={panel}
                observations={observations}
                hidden={hidden}
                gaps={gaps}
                tickOffset={tickOffset}
                outlined={search.panel === panel.id}
              />
            </PanelBoundary>
          ))}
        </section>
      ))}
      <Crosshair plot={plot} selection={pointer.selection} />
    </section>
  );
}

/** The same list while nothing in it changed: another one would draw every chart again. */
function useStable(gaps: readonly ExpectedSpan[]): readonly ExpectedSpan[] {
  const [kept, setKept] = useState(gaps);
  const same = kept.length === gaps.length && kept.every((gap, i) => isSame(gap, gaps[i]));
  if (same) return kept;
  setKept(gaps);
  return gaps;
}

function isSame(one: ExpectedSpan, other: ExpectedSpan | undefined): boolean {
  return one.from === other?.from && one.to === other.to && one.label === other.label;
}

const firstGroups = panelGroups.slice(0, 1);

const noObservations: readonly Observation[] = [];

interface Pointer {
  readonly handlers: Pick<
    React.HTMLAttributes<HTMLElement>,
    "onPointerMove" | "onPointerDown" | "onPointerUp" | "onPointerLeave" | "onDoubleClick"
  >;
  /** Part that is being dragged over, seconds; null while nothing is. */
  readonly selection: { readonly from: number; readonly to: number } | null;
}

/** Moving sets the cursor, dragging zooms, a click pins. The same on every lane and chart. */
export function usePointer(plot: React.RefObject<HTMLElement | null>): Pointer {
  const { view } = useSession();
  const [selection, setSelection] = useState<Pointer["selection"]>(null);
  const dragFrom = useRef<number | null>(null);

  useEffect(() => {
    const section = plot.current?.closest("section");
    if (section === null || section === undefined) return;
    // Passive listeners cannot keep the page from zooming itself.
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const at = positionOf(event, plot.current, view.state().range);
      view.zoom(event.deltaY > 0 ? 1.25 : 0.8, at ?? undefined);
    };
    section.addEventListener("wheel", onWheel, { passive: false });
    return () => section.removeEventListener("wheel", onWheel);
  }, [plot, view]);

  const at = (event: React.MouseEvent): number | null => {
    if (
      event.target instanceof Element &&
      event.target.closest("[data-no-cursor], button, a, input, table") !== null
    ) {
      return null;
    }
    return positionOf(event.nativeEvent, plot.current, view.state().range);
  };

  return {
    selection,
    handlers: {
      onPointerMove: (event) => {
        const position = at(event);
        if (dragFrom.current !== null && position !== null) {
          const [from, to] = [dragFrom.current, position].sort((a, b) => a - b);
          setSelection({ from: from ?? position, to: to ?? position });
        }
        if (position !== null && !view.state().pinned) view.setAt(position);
      },
      onPointerDown: (event) => {
        if (event.button === 0 && event.pointerType !== "touch") dragFrom.current = at(event);
      },
      onPointerUp: (event) => {
        const from = dragFrom.current;
        const to = at(event);
        dragFrom.current = null;
        setSelection(null);
        if (from === null || to === null) return;
        const width = view.state().range.to - view.state().range.from;
        // Less than half a percent of the width is a click that trembled.
        if (Math.abs(to - from) < width / 200) {
          const { pinned } = view.state();
          view.setAt(to, !pinned);
        } else view.show({ from: Math.min(from, to), to: Math.max(from, to) });
      },
      onPointerLeave: () => {
        dragFrom.current = null;
        setSelection(null);
        if (!view.state().pinned) view.setAt(null);
      },
    },
  };
}

function positionOf(
  event: MouseEvent,
  plot: HTMLElement | null,
  range: { readonly from: number; readonly to: number },
): number | null {
  const box = plot?.getBoundingClientRect();
  if (box === undefined || box.width === 0) return null;
  const share = (event.clientX - box.left) / box.width;
  return share < 0 || share > 1 ? null : range.from + share * (range.to - range.from);
}

/** A label needs so much, in CSS pixels. */
const labelRoom = 48;

/** Ticks of the visible window, and the time under the cursor. */
export function TimeAxis({
  tickOffset,
  plot,
}: {
  readonly tickOffset: number;
  readonly plot: React.RefObject<HTMLElement | null>;
}): React.ReactNode {
  const { view, start } = useSession();
  const words = useTimeWords();
  const range = useRange(view);
  const width = useWidth(plot);
  const span = range.to - range.from;
  const percent = (seconds: number): string => `${((seconds - range.from) / span) * 100}%`;
  // A label that begins at the end of the axis would stand outside of it.
  const hasRoom = (tick: number): boolean => ((range.to - tick) / span) * width > labelRoom;
  return (
    <div className="relative h-5 border-b border-line-strong/50 text-xs text-ink-soft" aria-hidden>
      {timeTicks(range.from, range.to, width, 84, tickOffset)
        .filter(hasRoom)
        .map((tick) => (
          <span
            key={tick}
            className="tnum absolute bottom-0 border-l border-line-strong/50 pl-1 whitespace-nowrap"
            style={{ left: percent(tick) }}
          >
            {words(start + tick * 1000, span < 8)}
          </span>
        ))}
    </div>
  );
}

/** One line through everything, moved without rendering anything else. */
export function Crosshair({
  plot,
  selection,
}: {
  readonly plot: React.RefObject<HTMLElement | null>;
  readonly selection: Pointer["selection"];
}): React.ReactNode {
  const { view, start } = useSession();
  const words = useTimeWords();
  const line = useRef<HTMLDivElement>(null);
  const label = useRef<HTMLSpanElement>(null);
  const width = useWidth(plot);

  const place = useCallback(() => {
    const box = plot.current?.getBoundingClientRect();
    const parent = line.current?.offsetParent?.getBoundingClientRect();
    if (line.current === null || label.current === null || box === undefined || parent === undefined) return;
    const { at, range, pinned } = view.state();
    const share = at === null ? -1 : (at - range.from) / (range.to - range.from);
    const visible = at !== null && share >= 0 && share <= 1;
    line.current.style.visibility = visible ? "visible" : "hidden";
    if (!visible) return;
    line.current.style.transform = `translateX(${Math.round(box.left - parent.left + share * box.width)}px)`;
    line.current.dataset["pinned"] = String(pinned);
    label.current.style.transform = `translateX(${share > 0.9 ? "-100%" : share < 0.05 ? "0" : "-50%"})`;
    label.current.textContent = words(start + at * 1000, true) + (pinned ? " ·" : "");
  }, [plot, view, words, start]);

  useEffect(() => {
    place();
    return view.subscribe(place);
  }, [view, place, width]);

  const { range } = view.state();
  const parts =
    selection === null
      ? null
      : {
          left: (selection.from - range.from) / (range.to - range.from),
          width: (selection.to - selection.from) / (range.to - range.from),
        };
  return (
    <div className="pointer-events-none absolute inset-0 z-20 overflow-clip" aria-hidden>
      {parts !== null && plot.current !== null && (
        <SelectionShade plot={plot.current} left={parts.left} width={parts.width} />
      )}
      <div
        ref={line}
        className="invisible absolute inset-y-0 left-0 w-px bg-ink/60 data-[pinned=true]:bg-accent data-[pinned=true]:shadow-[0_0_0_0.5px_var(--accent)]"
      >
        <span
          ref={label}
          className="tnum sticky top-[92px] inline-block rounded bg-ink px-1.5 py-px text-xs whitespace-nowrap text-page max-md:top-[130px]"
        />
      </div>
    </div>
  );
}

function SelectionShade({
  plot,
  left,
  width,
}: {
  readonly plot: HTMLElement;
  readonly left: number;
  readonly width: number;
}): React.ReactNode {
  const box = plot.getBoundingClientRect();
  const parent = plot.closest("section")?.getBoundingClientRect();
  return (
    <div
      className="absolute inset-y-0 border-x border-accent bg-accent/10"
      style={{ left: box.left - (parent?.left ?? 0) + left * box.width, width: width * box.width }}
    />
  );
}
