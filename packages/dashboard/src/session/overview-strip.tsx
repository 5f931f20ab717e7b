import type { Observation, ScoreClass, ScoreWindow } from "@peerscope/schema";
import { useMemo, useRef } from "react";
import { useSession } from "./context.tsx";
import { useChosen, useExtent, useRange } from "./use-range.ts";

const fills: Readonly<Record<string, string>> = {
  good: "var(--good-mark)",
  fair: "var(--fair-mark)",
  poor: "var(--poor-mark)",
  none: "var(--unmeasured-mark)",
};

function classOf(score: number | null): Extract<ScoreClass, "good" | "fair" | "poor"> | "none" {
  if (score === null) return "none";
  return score >= 80 ? "good" : score >= 60 ? "fair" : "poor";
}

interface Bar {
  from: number;
  to: number;
  score: number | null;
}

/** Windows of the whole session, worst track kept, at most `most` bars: a bad one survives being squeezed. */
export function stripBars(windows: readonly ScoreWindow[], most: number): Bar[] {
  const bySpan = new Map<number, Bar>();
  const whole = windows.filter((window) => window.scope === "session");
  for (const window of whole.length > 0 ? whole : windows) {
    const known = bySpan.get(window.from);
    if (known === undefined)
      bySpan.set(window.from, { from: window.from, to: window.to, score: window.score });
    else if (window.score !== null && (known.score === null || window.score < known.score))
      known.score = window.score;
  }
  const bars = [...bySpan.values()].sort((a, b) => a.from - b.from);
  const size = Math.ceil(bars.length / most);
  if (size <= 1) return bars;
  const squeezed: Bar[] = [];
  for (let i = 0; i < bars.length; i += size) {
    const group = bars.slice(i, i + size);
    const scores = group.map((bar) => bar.score).filter((score) => score !== null);
    const [first, last] = [group[0], group.at(-1)];
    if (first === undefined || last === undefined) continue;
    squeezed.push({ from: first.from, to: last.to, score: scores.length === 0 ? null : Math.min(...scores) });
  }
  return squeezed;
}

interface Props {
  readonly windows: readonly ScoreWindow[];
  readonly observations: readonly Observation[];
}

/** The whole session in one strip: height and colour are the score of every ten seconds. Shows and moves the window. */
export function OverviewStrip({ windows, observations }: Props): React.ReactNode {
  const { view, start } = useSession();
  const extent = useExtent(view);
  const range = useRange(view);
  const chosen = useChosen(view);
  const host = useRef<HTMLDivElement>(null);
  const drag = useRef<{ readonly at: number; readonly inside: boolean } | null>(null);
  const bars = useMemo(() => stripBars(windows, 400), [windows]);
  const span = extent.to - extent.from;
  const left = (seconds: number): number => ((seconds - extent.from) / span) * 100;

  const secondsAt = (clientX: number): number => {
    const box = host.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return extent.from;
    return extent.from + Math.min(1, Math.max(0, (clientX - box.left) / box.width)) * span;
  };
  const bad = observations.filter((observation) => observation.severity !== "info");

  return (
    <div
      ref={host}
      data-no-cursor
      role="img"
      aria-label={stripSummary(bars)}
      className="relative h-8 cursor-crosshair touch-none overflow-hidden rounded border border-line bg-surface select-none"
      onPointerDown={(event) => {
        const at = secondsAt(event.clientX);
        drag.current = { at, inside: chosen && at >= range.from && at <= range.to };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (drag.current === null) return;
        const at = secondsAt(event.clientX);
        if (drag.current.inside) {
          const moved = at - drag.current.at;
          drag.current = { at, inside: true };
          view.pan(moved / (range.to - range.from));
        } else if (Math.abs(at - drag.current.at) > span / 200) {
          view.show({ from: Math.min(at, drag.current.at), to: Math.max(at, drag.current.at) });
        }
      }}
      onPointerUp={() => (drag.current = null)}
    >
      <svg className="absolute inset-0 size-full" preserveAspectRatio="none" viewBox="0 0 100 32" aria-hidden>
        {bars.map((bar) => {
          const kind = classOf(bar.score);
          const height = bar.score === null ? 3 : 4 + (bar.score / 100) * 24;
          const x = left((bar.from - start) / 1000);
          return (
            <rect
              key={bar.from}
              x={x}
              width={Math.max(0.1, left((bar.to - start) / 1000) - x - 0.12)}
              y={32 - height}
              height={height}
              fill={fills[kind]}
              opacity={kind === "none" ? 0.5 : 0.85}
            />
          );
        })}
        {bad.map((observation) => {
          const x = left((observation.startedAt - start) / 1000);
          const end = observation.clearedAt === null ? 100 : left((observation.clearedAt - start) / 1000);
          return (
            <rect
              key={observation.key}
              x={x}
              width={Math.max(0.4, end - x)}
              y={0}
              height={2.5}
              fill="var(--ink)"
              opacity={0.6}
            />
          );
        })}
      </svg>
      {chosen && (
        <>
          <div className="absolute inset-y-0 left-0 bg-page/75" style={{ width: `${left(range.from)}%` }} />
          <div
            className="absolute inset-y-0 right-0 bg-page/75"
            style={{ width: `${100 - left(range.to)}%` }}
          />
          <div
            className="absolute inset-y-0 cursor-grab rounded-sm border-2 border-accent"
            style={{ left: `${left(range.from)}%`, width: `${left(range.to) - left(range.from)}%` }}
          />
        </>
      )}
    </div>
  );
}

function stripSummary(bars: readonly Bar[]): string {
  const scores = bars.map((bar) => bar.score).filter((score) => score !== null);
  if (scores.length === 0) return "Overview: no part of the session could be scored";
  return `Overview: scores from ${Math.round(Math.min(...scores))} to ${Math.round(Math.max(...scores))} in ${scores.length} parts of the session`;
}
