import type { Observation } from "@peerscope/schema";
import { Link2, Table2 } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { observationBands, type Band } from "../charts/bands.ts";
import { hasMedia, type Panel, type PanelLine } from "../charts/panels.ts";
import { summarise } from "../charts/series.ts";
import { axisWidth, TimeChart } from "../charts/time-chart.tsx";
import { copyText } from "../frame/announce.tsx";
import { short, withUnit } from "../words/numbers.ts";
import { useSession, useSnapshot, useTimeWords } from "./context.tsx";
import { offSpans, type ExpectedSpan } from "./expected.ts";
import type { LaneSpan } from "./lanes.ts";
import { Legend } from "./legend.tsx";
import { stackGrid } from "./stack-grid.ts";
import { usePanelLines } from "./use-panel-lines.ts";
import { useSettledRange } from "./use-range.ts";
import { SeriesTable } from "./series-table.tsx";
import { viewLink } from "./view-link.ts";

interface Props {
  readonly panel: Panel;
  readonly observations: readonly Observation[];
  readonly hidden: readonly LaneSpan[];
  readonly gaps: readonly ExpectedSpan[];
  readonly tickOffset: number;
  readonly outlined: boolean;
}

const chartHeight = 96;

/** One chart of the timeline with its name, its legend, and the same in words. */
export function ChartRow({
  panel,
  observations,
  hidden,
  gaps,
  tickOffset,
  outlined,
}: Props): React.ReactNode {
  const { store, view, analysis, start, search } = useSession();
  const snapshot = useSnapshot(store);
  const [asTable, setAsTable] = useState(false);
  const [bucket, setBucket] = useState(0);
  const row = useRef<HTMLElement>(null);
  const shown = usePanelLines(panel, store);
  const end = analysis?.end ?? start;
  const off = useMemo(() => offSpans(snapshot.events, end, panel.needs), [snapshot.events, end, panel.needs]);
  const bands = useMemo(() => {
    const band = (kind: "hidden" | "off" | "gap", from: number, to: number, label?: string): Band => ({
      from: (from - start) / 1000,
      to: (to - start) / 1000,
      kind,
      selected: false,
      ...(label === undefined ? {} : { label }),
    });
    return [
      ...hidden.map((span) => band("hidden", span.from, span.to)),
      ...off.map((span) => band("off", span.from, span.to, span.label)),
      ...gaps.map((span) => band("gap", span.from, span.to, span.label)),
      ...observationBands(observations, panel, search.obs, start, end),
    ];
  }, [hidden, off, gaps, observations, search.obs, panel, start, end]);

  // A link opens the page before anything is read: the place is only known when the chart is there.
  const drawn = shown.length > 0;
  useEffect(() => {
    if (outlined && drawn) row.current?.scrollIntoView({ block: "center" });
  }, [outlined, drawn]);

  if (!drawn) {
    if (snapshot.phase === "loading" && snapshot.seriesCount === 0) {
      return (
        <div className={`${stackGrid} py-1`}>
          <div className="text-table">{panel.title}</div>
          <div className="skeleton h-24" style={{ marginLeft: axisWidth }} />
        </div>
      );
    }
    return (
      <section ref={row} id={`panel-${panel.id}`} aria-label={panel.title} className={`${stackGrid} min-h-7`}>
        <h4 className="text-table text-ink-soft">{panel.title}</h4>
        <p className="text-xs text-ink-soft" style={{ paddingLeft: axisWidth }}>
          {hasMedia(panel, store.series.values())
            ? "Not reported by this browser"
            : `This session has no ${missingMedia(panel)}`}
        </p>
      </section>
    );
  }

  return (
    <section
      ref={row}
      id={`panel-${panel.id}`}
      aria-label={panel.title}
      className={`group/row rounded py-0.5 ${outlined ? "outline-2 outline-accent" : ""}`}
    >
      <div className={stackGrid}>
        <div className="self-start pt-1.5 max-lg:flex max-lg:items-center max-lg:gap-2">
          <h4 className="text-table leading-snug font-medium">{panel.title}</h4>
          <div className="text-xs text-ink-soft">
            {panel.unit}
            {bucket > 0 && <span className="block">1 point = {short(bucket)} s, worst kept</span>}
          </div>
          <div className="mt-0.5 -ml-1.5 flex opacity-0 group-focus-within/row:opacity-100 group-hover/row:opacity-100 pointer-coarse:opacity-100">
            <button
              type="button"
              className="btn-quiet"
              aria-pressed={asTable}
              aria-label={`${panel.title} as a table`}
              title="Show as table"
              onClick={() => setAsTable(!asTable)}
            >
              <Table2 className="size-3.5" aria-hidden />
            </button>
            <button
              type="button"
              className="btn-quiet"
              aria-label={`Copy a link to ${panel.title}`}
              title="Copy a link to this chart"
              onClick={() => void copyText(viewLink({ panel: panel.id }), "Link")}
            >
              <Link2 className="size-3.5" aria-hidden />
            </button>
          </div>
        </div>
        <div className="min-w-0">
          <TimeChart
            panel={panel}
            lines={shown}
            view={view}
            bands={bands}
            start={start}
            height={chartHeight}
            version={snapshot.version}
            tickOffset={tickOffset}
            onBucket={setBucket}
          />
          <Summary panel={panel} lines={shown} expected={[...off, ...gaps]} />
        </div>
        <Legend panel={panel} lines={shown} start={start} version={snapshot.version} />
      </div>
      {asTable && <SeriesTable panel={panel} lines={shown} />}
    </section>
  );
}

function missingMedia(panel: Panel): string {
  const { kind, direction } = panel.needs;
  if (direction === "path") return "measured path";
  const media = kind === "audio" ? "sound" : kind === "video" ? "picture" : "media";
  return `${direction === "inbound" ? "incoming" : "outgoing"} ${media}`;
}

/** The chart in one sentence a line, for those who do not see it. */
function Summary({
  panel,
  lines,
  expected,
}: {
  readonly panel: Panel;
  readonly lines: readonly PanelLine[];
  readonly expected: readonly ExpectedSpan[];
}): React.ReactNode {
  const { view, start } = useSession();
  const words = useTimeWords();
  const range = useSettledRange(view);
  return (
    <p className="sr-only">
      {panel.title}, {words(start + range.from * 1000)} to {words(start + range.to * 1000)}.{" "}
      {lines
        .map((line) => {
          const summary = summarise(line.series, start + range.from * 1000, start + range.to * 1000);
          if (summary === null) return `${line.label}: nothing reported.`;
          const value = (raw: number): string => withUnit(raw * panel.scale, panel.unit);
          const [limit] = panel.limits.slice(-1);
          const beyond =
            limit !== undefined && summary.max * panel.scale > limit.value
              ? `, beyond the ${limit.label}`
              : "";
          return `${line.label}: lowest ${value(summary.min)}, highest ${value(summary.max)} at ${words(summary.maxAt)}${beyond}, average ${value(summary.mean)}.`;
        })
        .join(" ")}
      {expected.map((span) => ` From ${words(span.from)} to ${words(span.to)}: ${span.label}.`).join("")}
    </p>
  );
}
