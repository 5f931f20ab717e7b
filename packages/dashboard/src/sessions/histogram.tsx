import type { FacetNumber, FilterTerm } from "@peerscope/schema";
import { useState } from "react";
import { count, plural } from "../words/numbers.ts";
import { durationWords, facetTitles } from "./facet-words.ts";
import { rangeOf, type NumberRange } from "./filter-state.ts";

/** Lower ends of the ranges that the server counts. */
const ranges: Readonly<Record<FacetNumber, readonly number[]>> = {
  score: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90],
  duration: [0, 10, 30, 60, 300, 900, 1_800, 3_600, 7_200, 14_400],
};

interface Props {
  readonly name: FacetNumber;
  readonly values: readonly { readonly value: string; readonly sessions: number }[];
  readonly terms: readonly FilterTerm[];
  readonly onRange: (range: NumberRange) => void;
}

/** How a number is spread. One drags over the bars, or writes the two ends. */
export function Histogram({ name, values, terms, onRange }: Props): React.ReactNode {
  const starts = ranges[name];
  const counts = new Map(values.map(({ value, sessions }) => [value, sessions]));
  const heights = starts.map((start) => counts.get(String(start)) ?? 0);
  const most = Math.max(1, ...heights);
  const range = rangeOf(terms, name);
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number } | null>(null);
  const unknown = counts.get("") ?? 0;
  const isIn = (index: number): boolean => {
    if (drag !== null) return index >= Math.min(drag.from, drag.to) && index <= Math.max(drag.from, drag.to);
    const start = starts[index] ?? 0;
    return (range.from === null || start >= range.from) && (range.to === null || start < range.to);
  };
  const barAt = (event: React.PointerEvent<HTMLElement>): number => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const index = Math.floor(((event.clientX - left) / Math.max(1, width)) * starts.length);
    return Math.min(Math.max(index, 0), starts.length - 1);
  };
  const label = (start: number): string => (name === "duration" ? durationWords(start) : String(start));
  const summary = starts
    .map((start, index) => `from ${label(start)}: ${count(heights[index] ?? 0)}`)
    .join("; ");
  return (
    <>
      <div
        role="img"
        aria-label={`${facetTitles[name]} of the sessions, ${summary}`}
        className="flex h-14 cursor-crosshair touch-none items-end gap-px"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const index = barAt(event);
          setDrag({ from: index, to: index });
        }}
        onPointerMove={(event) => {
          if (drag !== null) setDrag({ ...drag, to: barAt(event) });
        }}
        onPointerCancel={() => setDrag(null)}
        onPointerUp={() => {
          if (drag === null) return;
          const [first, last] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
          setDrag(null);
          const from = starts[first] ?? 0;
          onRange({ from: from === 0 ? null : from, to: starts[last + 1] ?? null });
        }}
      >
        {starts.map((start, index) => (
          <span
            key={start}
            className="flex h-full flex-1 items-end"
            title={`${label(start)}${starts[index + 1] === undefined ? " and more" : ` to ${label(starts[index + 1] ?? 0)}`}: ${plural(heights[index] ?? 0, "session")}`}
          >
            <span
              className={`w-full rounded-t-sm ${isIn(index) ? "bg-accent" : "bg-line-strong opacity-50"}`}
              style={{
                height: heights[index] === 0 ? 1 : `${Math.max(4, ((heights[index] ?? 0) / most) * 100)}%`,
              }}
            />
          </span>
        ))}
      </div>
      <div className="mt-0.5 flex justify-between text-xs text-ink-soft" aria-hidden>
        <span>{label(0)}</span>
        <span>{name === "score" ? 100 : `${label(starts.at(-1) ?? 0)}+`}</span>
      </div>
      <div className="mt-1 flex items-center gap-1.5 text-xs text-ink-soft">
        <RangeInput name={name} end="from" range={range} onRange={onRange} />
        <span aria-hidden>to</span>
        <RangeInput name={name} end="to" range={range} onRange={onRange} />
        {name === "duration" && <span>min</span>}
      </div>
      {unknown > 0 && (
        <p className="mt-1 text-xs text-ink-soft">{plural(unknown, "session")} without a number</p>
      )}
    </>
  );
}

interface InputProps {
  readonly name: FacetNumber;
  readonly end: "from" | "to";
  readonly range: NumberRange;
  readonly onRange: (range: NumberRange) => void;
}

/** Durations are written in minutes. */
function RangeInput({ name, end, range, onRange }: InputProps): React.ReactNode {
  const unit = name === "duration" ? 60 : 1;
  const value = range[end];
  const shown = value === null ? "" : String(Math.round((value / unit) * 100) / 100);
  const apply = (text: string): void => {
    const number = text.trim() === "" ? null : Number(text);
    if (number !== null && (!Number.isFinite(number) || number < 0)) return;
    if (text.trim() !== shown) onRange({ ...range, [end]: number === null ? null : number * unit });
  };
  return (
    <input
      // What the URL says is what is written here, until somebody writes something else.
      key={shown}
      type="text"
      inputMode="decimal"
      defaultValue={shown}
      placeholder={end === "from" ? "from" : "any"}
      aria-label={`${facetTitles[name]} ${end === "from" ? "from" : "below"}${name === "duration" ? ", in minutes" : ""}`}
      className="h-7 w-full min-w-0 rounded border border-line bg-page px-1.5 text-xs text-ink placeholder:text-ink-soft"
      onBlur={(event) => apply(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") apply(event.currentTarget.value);
      }}
    />
  );
}
