import type { Observation, SessionAnalysis } from "@peerscope/schema";
import { Maximize2 } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { observationBands } from "../charts/bands.ts";
import { linesOf } from "../charts/panels.ts";
import { summarise } from "../charts/series.ts";
import { axisWidth, TimeChart } from "../charts/time-chart.tsx";
import { createTimeView } from "../charts/time-view.ts";
import { withUnit } from "../words/numbers.ts";
import { useSession, useSnapshot, useTimeWords } from "./context.tsx";
import { evidenceCharts, type EvidenceChart } from "./evidence.ts";
import { LineSample } from "./line-sample.tsx";
import { usePanelLines } from "./use-panel-lines.ts";

/** Two small charts of the bad minutes beside the verdict. Nothing without an observation that has a chart. */
export function EvidenceCharts({
  analysis,
  onPaper = false,
}: {
  readonly analysis: SessionAnalysis;
  /** Larger, and without a way into the timeline. */
  readonly onPaper?: boolean;
}): React.ReactNode {
  const { store } = useSession();
  const snapshot = useSnapshot(store);
  const { observations, verdict, start, end } = analysis;
  const charts = useMemo(
    () =>
      evidenceCharts(observations, verdict.statedCause, { start, end }, (panel) =>
        linesOf(panel, store.series.values()).some((line) => line.series.length > 0),
      ),
    // The lines of the store only change when a new one appears.
    // oxlint-disable-next-line react/exhaustive-deps
    [observations, verdict.statedCause, start, end, store, snapshot.seriesCount],
  );
  if (charts.length === 0) {
    // Keeps the room while the recording is read, when charts are to be expected.
    return snapshot.phase === "loading" && verdict.statedCause !== null ? <div className="h-32" /> : null;
  }
  return (
    <div
      className="mt-4 grid gap-x-6 gap-y-3 border-t border-line pt-3 sm:grid-cols-2"
      role="group"
      aria-label="Evidence"
    >
      {charts.map((chart) => (
        <SmallChart key={chart.panel.id} chart={chart} observations={observations} onPaper={onPaper} />
      ))}
    </div>
  );
}

/** Units of charts whose trouble is at the bottom. */
const lowIsBad: ReadonlySet<string> = new Set(["kbit/s", "frames/s", "px", "dBFS"]);

interface Props {
  readonly chart: EvidenceChart;
  readonly observations: readonly Observation[];
  readonly onPaper: boolean;
}

function SmallChart({ chart: { panel: whole, range }, observations, onPaper }: Props): React.ReactNode {
  // Room for one limit: the one that is trouble.
  const panel = useMemo(() => ({ ...whole, limits: whole.limits.slice(-1) }), [whole]);
  const { store, analysis, start, view, setSearch } = useSession();
  const snapshot = useSnapshot(store);
  const words = useTimeWords();
  const lines = usePanelLines(panel, store);
  const { from, to } = range;
  const [small] = useState(() => createTimeView({ from, to }, null));
  useEffect(() => small.show({ from, to }), [small, from, to]);
  const end = analysis?.end ?? start + to * 1000;
  const bands = useMemo(
    () => observationBands(observations, panel, undefined, start, end),
    [observations, panel, start, end],
  );
  const summaries = lines
    .map((line) => summarise(line.series, start + from * 1000, start + to * 1000))
    .filter((summary) => summary !== null);
  const worst = lowIsBad.has(panel.unit)
    ? Math.min(...summaries.map((summary) => summary.min))
    : Math.max(...summaries.map((summary) => summary.max));
  const title = (
    <>
      <span className="font-semibold whitespace-nowrap">{panel.title}</span>
      {summaries.length > 0 && (
        <span className="truncate text-ink-soft">
          {lowIsBad.has(panel.unit) ? "down to" : "up to"} {withUnit(worst * panel.scale, panel.unit)}
        </span>
      )}
    </>
  );
  return (
    <div className={`group/small relative min-w-0 ${onPaper ? "" : "rounded hover:bg-sunken/60"}`}>
      {onPaper ? (
        <p className="flex min-h-6 items-center gap-x-2 text-xs">{title}</p>
      ) : (
        <button
          type="button"
          className="flex min-h-6 w-full items-center gap-x-2 text-left text-xs after:absolute after:inset-0"
          title="Open this chart in the timeline"
          onClick={() => {
            setSearch({ tab: undefined, panel: panel.id });
            view.show(range);
            // Already outlined: nothing changes in the URL, and it may be out of sight.
            document.getElementById(`panel-${panel.id}`)?.scrollIntoView({ block: "center" });
          }}
        >
          {title}
          <Maximize2
            className="ml-auto size-3 shrink-0 text-ink-soft group-hover/small:text-accent"
            aria-hidden
          />
        </button>
      )}
      <TimeChart
        panel={panel}
        lines={lines}
        view={small}
        bands={bands}
        start={start}
        height={onPaper ? 110 : 72}
        version={snapshot.version}
        tickOffset={0}
      />
      <div
        className="tnum flex flex-wrap items-center justify-between gap-x-3 text-xs text-ink-soft"
        style={{ paddingLeft: axisWidth }}
      >
        <span>{words(start + from * 1000)}</span>
        {lines.length > 1 && (
          <span className="flex min-w-0 flex-wrap gap-x-3" aria-hidden>
            {lines.slice(0, 3).map((line) => (
              <span key={line.series.key} className="inline-flex items-center gap-1">
                <LineSample line={line} width={14} />
                {line.label}
              </span>
            ))}
          </span>
        )}
        <span>{words(start + to * 1000)}</span>
      </div>
    </div>
  );
}
