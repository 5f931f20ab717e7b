import { describeObservation } from "@peerscope/observer";
import type { Observation, Severity } from "@peerscope/schema";
import { useMemo, useRef, useState } from "react";
import { axisWidth } from "../charts/time-chart.tsx";
import { SeverityShape } from "../frame/state-mark.tsx";
import { severityWords } from "../words/labels.ts";
import { duration } from "../words/time.ts";
import { useSession, useTimeWords } from "./context.tsx";
import { stackRows, type Lane, type LaneSpan } from "./lanes.ts";
import { stackGrid } from "./stack-grid.ts";
import { useRange } from "./use-range.ts";

const looks: Readonly<Record<LaneSpan["look"], string>> = {
  plain: "bg-good-mark/20 text-ink border-good-mark/60",
  quiet: "bg-sunken text-ink-soft border-line-strong/60 lane-hatch",
  warn: "bg-fair-mark/25 text-ink border-fair-mark",
  bad: "bg-poor-mark/25 text-ink border-poor-mark lane-hatch-strong",
};

/** States over time, one lane each. The word stands in the bar: colour and pattern only help. */
export function LaneRows({ lanes }: { readonly lanes: readonly Lane[] }): React.ReactNode {
  const { view, start } = useSession();
  const words = useTimeWords();
  const range = useRange(view);
  const span = range.to - range.from;
  return lanes.map((lane) => (
    <div key={lane.id} className={stackGrid}>
      <div className="truncate text-xs text-ink-soft">{lane.title}</div>
      <div className="min-w-0" style={{ paddingLeft: axisWidth }}>
        <ol
          className="relative h-5 overflow-hidden rounded-sm bg-sunken/60"
          aria-label={`${lane.title} over time`}
        >
          {lane.spans.map((state) => {
            const from = (state.from - start) / 1000;
            const to = (state.to - start) / 1000;
            if (to < range.from || from > range.to) return null;
            const left = Math.max(0, (from - range.from) / span);
            const right = Math.min(1, (to - range.from) / span);
            return (
              <li
                key={state.from}
                className={`absolute inset-y-0 overflow-hidden border-l-2 px-1 text-xs leading-5 text-ellipsis whitespace-nowrap ${looks[state.look]}`}
                style={{ left: `${left * 100}%`, width: `max(3px, ${(right - left) * 100}%)` }}
                title={`${lane.title}: ${state.word}, ${words(state.from)}–${words(state.to)} (${duration(state.to - state.from)})`}
              >
                <bdi>{state.word}</bdi>
                <span className="sr-only">
                  {" "}
                  from {words(state.from)} to {words(state.to)}
                </span>
              </li>
            );
          })}
        </ol>
      </div>
      <div className="truncate text-xs text-ink-soft max-lg:hidden">{lane.spans.at(-1)?.word}</div>
    </div>
  ));
}

/** Height of a row of observations, in pixels, and how many are drawn: those in sight and some beyond. */
const rowHeight = 26;
const rowsShown = 8;
const rowsBeyond = 4;

const barLooks: Readonly<Record<Severity, string>> = {
  critical: "bg-poor-mark/30 border-poor-mark lane-hatch-strong",
  major: "bg-poor-mark/20 border-poor-mark",
  minor: "bg-fair-mark/20 border-fair-mark",
  info: "bg-sunken border-line-strong",
};

/** Observations as bars on the time axis; each opens its page part. */
export function ObservationLane({
  observations,
}: {
  readonly observations: readonly Observation[];
}): React.ReactNode {
  const { view, start, search, setSearch } = useSession();
  const words = useTimeWords();
  const range = useRange(view);
  // Panning moves the ends by fractions: the bars are only put in rows again when the zoom changed.
  const span = Math.round((range.to - range.from) * 1000) / 1000;
  const extentEnd = view.state().extent.to;
  const host = useRef<HTMLDivElement>(null);
  const [firstRow, setFirstRow] = useState(0);
  const bars = useMemo(
    () =>
      observations.map((observation) => ({
        observation,
        from: (observation.startedAt - start) / 1000,
        to: observation.clearedAt === null ? extentEnd : (observation.clearedAt - start) / 1000,
      })),
    [observations, start, extentEnd],
  );
  // Of a thousand only those in sight need a name.
  const titleOf = useMemo(() => {
    const titles = new Map<Observation, string>();
    return (observation: Observation): string => {
      const known = titles.get(observation);
      if (known !== undefined) return known;
      const { title } = describeObservation(observation, { sessionStart: start });
      titles.set(observation, title);
      return title;
    };
    // Another list holds other observations: what is remembered of them goes with them.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [observations, start]);
  // A bar needs room for its name.
  const placed = useMemo(() => stackRows(bars, span / 6), [bars, span]);
  const rows = useMemo(() => placed.reduce((most, { row }) => Math.max(most, row + 1), 0), [placed]);
  if (observations.length === 0) {
    return (
      <div className={stackGrid}>
        <div className="text-xs text-ink-soft">Observations</div>
        <div className="py-1 text-xs text-ink-soft" style={{ paddingLeft: axisWidth }}>
          Nothing unusual was noticed
        </div>
        <div />
      </div>
    );
  }
  const inSight = placed.filter(
    ({ bar, row }) =>
      row >= firstRow - rowsBeyond &&
      row <= firstRow + rowsShown + rowsBeyond &&
      bar.to >= range.from &&
      bar.from <= range.to,
  );
  return (
    <div className={`${stackGrid} !items-start`}>
      <div className="text-xs leading-6 text-ink-soft">Observations</div>
      <div className="min-w-0" style={{ paddingLeft: axisWidth }}>
        <div
          ref={host}
          className="max-h-52 overflow-x-hidden overflow-y-auto"
          onScroll={() => setFirstRow(Math.floor((host.current?.scrollTop ?? 0) / rowHeight))}
        >
          <ul className="relative overflow-hidden" style={{ height: rows * rowHeight }}>
            {inSight.map(({ bar: { observation, from, to }, row }) => {
              const title = titleOf(observation);
              const left = Math.min(1, Math.max(0, (from - range.from) / span));
              const right = Math.max(0, Math.min(1, (to - range.from) / span));
              const selected = search.obs === observation.key;
              return (
                <li
                  key={observation.key}
                  data-observation-id={observation.id}
                  data-state={observation.clearedAt === null ? "open" : "closed"}
                  className="absolute h-6"
                  style={{
                    top: row * rowHeight,
                    left: `${left * 100}%`,
                    width: `max(24px, ${(right - left) * 100}%)`,
                  }}
                >
                  <button
                    type="button"
                    title={`${title} (${severityWords[observation.severity].toLowerCase()}), ${words(observation.startedAt)}–${observation.clearedAt === null ? "now" : words(observation.clearedAt)}`}
                    className={`flex h-6 w-full min-w-6 items-center gap-1 rounded-sm border-l-3 px-1 text-left text-xs ${barLooks[observation.severity]} ${selected ? "ring-2 ring-accent ring-inset" : ""}`}
                    onClick={() => setSearch({ obs: selected ? undefined : observation.key })}
                    onDoubleClick={() => setSearch({ obs: observation.key, tab: "observations" })}
                    aria-pressed={selected}
                  >
                    <SeverityShape of={observation.severity} />
                    <span className="whitespace-nowrap">{title}</span>
                    <span className="sr-only">
                      , {severityWords[observation.severity]}, from {words(observation.startedAt)}
                      {observation.clearedAt === null
                        ? ", still going on"
                        : ` to ${words(observation.clearedAt)}`}
                    </span>
                  </button>
                </li>
              );
            })}
          </ul>
        </div>
      </div>
      <div className="text-xs leading-6 text-ink-soft max-lg:hidden">{observations.length} noticed</div>
    </div>
  );
}
