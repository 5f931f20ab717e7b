import { useMemo, useRef } from "react";
import { axisWidth } from "../charts/time-chart.tsx";
import { useWidth } from "../charts/use-size.ts";
import { useSession, useSnapshot, useTimeWords } from "./context.tsx";
import { eventMarks, groupMarks, type EventMark, type MarkFamily, type MarkGroup } from "./event-marks.ts";
import { eventLines } from "./event-rows.ts";
import { stackGrid } from "./stack-grid.ts";
import { useRange } from "./use-range.ts";

/** Marks are 24 px wide to the pointer; two more keep them apart. */
const apartPx = 26;

const glyphs: Readonly<Record<MarkFamily, string>> = {
  connection: "M2.500 2.500h7v7h-7z",
  media: "M3 1.800 10.200 6 3 10.200z",
  device: "M6 1.200 10.800 6 6 10.800 1.200 6z",
  app: "M6 1.500a4.500 4.500 0 1 1 0 9a4.500 4.500 0 1 1 0-9z",
};

/** Events on the time axis, one glyph a family; close ones are counted. A click shows them in the table. */
export function EventRail(): React.ReactNode {
  const { store } = useSession();
  const snapshot = useSnapshot(store);
  const marks = useMemo(() => eventMarks(eventLines(snapshot.events)), [snapshot.events]);
  if (marks.length === 0) return null;
  return (
    <div className={stackGrid}>
      <div className="text-xs text-ink-soft">Events</div>
      <div className="min-w-0" style={{ paddingLeft: axisWidth }}>
        <Marks marks={marks} />
      </div>
      <div className="pl-3 text-xs text-ink-soft max-lg:hidden">{marks.length} marked</div>
    </div>
  );
}

function Marks({ marks }: { readonly marks: readonly EventMark[] }): React.ReactNode {
  const { start, view } = useSession();
  const range = useRange(view);
  const host = useRef<HTMLOListElement>(null);
  const width = useWidth(host);
  const groups = useMemo(() => {
    const toX = (at: number): number =>
      (((at - start) / 1000 - range.from) / (range.to - range.from)) * width;
    return groupMarks(marks, toX, width, apartPx);
  }, [marks, start, range, width]);
  return (
    <ol ref={host} className="relative h-6" aria-label="Events over time">
      {groups.map((group) => (
        <Mark key={group.marks[0]?.line.key} group={group} />
      ))}
    </ol>
  );
}

function Mark({ group }: { readonly group: MarkGroup }): React.ReactNode {
  const { setSearch } = useSession();
  const words = useTimeWords();
  const { marks, noteworthy, x } = group;
  // What failed is what one wants to see.
  const shown = marks.find((mark) => mark.line.failed) ?? marks[0];
  if (shown === undefined) return null;
  const { line, family } = shown;
  const named = `${words(line.at, true)} ${line.name}${line.detail === "" ? "" : ` (${line.detail.slice(0, 60)})`}${line.failed ? ", failed" : ""}`;
  const title = marks.length === 1 ? named : `${marks.length} events, ${named} and others`;
  const color = noteworthy ? "text-poor-mark" : "text-ink-soft";
  return (
    <li className="absolute top-0" style={{ left: x }}>
      <button
        type="button"
        aria-label={`Show in the table: ${title}`}
        title={title}
        className={`grid size-6 -translate-x-1/2 place-items-center rounded-full hover:bg-sunken ${color}`}
        onClick={() => setSearch({ tab: "events", event: line.key, ev: undefined })}
      >
        {marks.length === 1 ? (
          <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden>
            <path
              d={glyphs[family]}
              fill={noteworthy ? "currentColor" : "none"}
              stroke="currentColor"
              strokeWidth="1.300"
            />
          </svg>
        ) : (
          <span
            className={`tnum grid h-5 min-w-5 place-items-center rounded-full border border-current px-1 text-xs leading-none ${noteworthy ? "bg-poor-mark font-semibold" : ""}`}
            aria-hidden
          >
            <span className={noteworthy ? "text-surface" : ""}>{marks.length}</span>
          </span>
        )}
      </button>
    </li>
  );
}
