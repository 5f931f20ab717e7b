import type { Observation, ScoreClass, ScoreWindow } from "@peerscope/schema";
import { useMemo, useRef } from "react";
import type { TimeRange } from "../url/search.ts";
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
  // What is drawn stays while the window moves over it.
  const picture = useMemo(
    () => <StripPicture bars={bars} observations={observations} start={start} extent={extent} />,
    [bars, observations, start, extent],
  );

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
      {picture}
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

interface PictureProps {
  readonly bars: readonly Bar[];
  readonly observations: readonly Observation[];
  readonly start: number;
  readonly extent: TimeRange;
}

/** Bars of the score, and above them when something was noticed. */
function StripPicture({ bars, observations, start, extent }: PictureProps): React.ReactNode {
  const left = (at: number): number =>
    (((at - start) / 1000 - extent.from) / (extent.to - extent.from)) * 100;
  const spans = observations
    .filter((observation) => observation.severity !== "info")
    .map(({ startedAt, clearedAt }) => {
      const from = left(startedAt);
      return { from, to: Math.max(from + 0.4, clearedAt === null ? 100 : left(clearedAt)) };
    });
  return (
    <svg className="absolute inset-0 size-full" preserveAspectRatio="none" viewBox="0 0 100 32" aria-hidden>
      {bars.map((bar) => {
        const kind = classOf(bar.score);
        const height = bar.score === null ? 3 : 4 + (bar.score / 100) * 24;
        const x = left(bar.from);
        return (
          <rect
            key={bar.from}
            x={x}
            width={Math.max(0.1, left(bar.to) - x - 0.12)}
            y={32 - height}
            height={height}
            fill={fills[kind]}
            opacity={kind === "none" ? 0.5 : 0.85}
          />
        );
      })}
      <path
        d={joined(spans)
          .map(({ from, to }) => `M${from} 0H${to}V2.5H${from}z`)
          .join("")}
        fill="var(--ink)"
        opacity={0.6}
      />
    </svg>
  );
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Spans that touch are one. */
function joined(spans: readonly Span[]): Span[] {
  const found: { from: number; to: number }[] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else found.push({ from, to });
  }
  return found;
}

/** What the strip shows, in words. */
export function stripSummary(bars: readonly { readonly score: number | null }[]): string {
  const scores = bars.map((bar) => bar.score).filter((score) => score !== null);
  if (scores.length === 0) return "Overview: no part of the session could be scored";
  const scored = scores.length === bars.length ? "all" : `${scores.length} of ${bars.length}`;
  return `Overview: scores from ${Math.round(Math.min(...scores))} to ${Math.round(Math.max(...scores))} in ${scored} parts of the session`;
}
