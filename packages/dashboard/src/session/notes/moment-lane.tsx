import { Flag, StickyNote } from "lucide-react";
import { useMemo, useRef } from "react";
import { axisWidth } from "../../charts/time-chart.tsx";
import { useWidth } from "../../charts/use-size.ts";
import { plural } from "../../words/numbers.ts";
import { useSession, useTimeWords } from "../context.tsx";
import { stackGrid } from "../stack-grid.ts";
import { useRange } from "../use-range.ts";
import { groupMoments, type Moment, type MomentGroup } from "./moments.ts";
import { useMoments } from "./use-moments.ts";

/** Marks are 24 px wide to the pointer; two more keep them apart. */
const apartPx = 26;

/** What people marked, on the time axis: reports of the user and notes. Nothing while there is none. */
export function MomentLane(): React.ReactNode {
  const moments = useMoments();
  if (moments.length === 0) return null;
  return (
    <div className={stackGrid}>
      <div className="text-xs text-ink-soft">Reports, notes</div>
      <div className="min-w-0" style={{ paddingLeft: axisWidth }}>
        <Marks moments={moments} />
      </div>
      <div className="pl-3 text-xs text-ink-soft max-lg:hidden">{plural(moments.length, "moment")}</div>
    </div>
  );
}

function Marks({ moments }: { readonly moments: readonly Moment[] }): React.ReactNode {
  const { start, view } = useSession();
  const range = useRange(view);
  const host = useRef<HTMLOListElement>(null);
  const width = useWidth(host);
  const groups = useMemo(() => {
    const toX = (at: number): number =>
      (((at - start) / 1000 - range.from) / (range.to - range.from)) * width;
    return groupMoments(moments, toX, width, apartPx);
  }, [moments, start, range, width]);
  return (
    <ol ref={host} className="relative h-6" aria-label="Reports and notes over time">
      {groups.map((group) => (
        <Mark key={group.x} group={group} />
      ))}
    </ol>
  );
}

/** Text of a mark is cut off here; all of it is where the mark leads. */
const shownLength = 80;

function Mark({ group: { x, moments } }: { readonly group: MomentGroup }): React.ReactNode {
  const { search, setSearch } = useSession();
  const words = useTimeWords();
  const [first] = moments;
  if (first === undefined) return null;
  const isWanted = moments.some((moment) =>
    moment.kind === "note" ? moment.note.noteId === search.note : moment.issue.code === search.code,
  );
  const said =
    first.kind === "note"
      ? `note of ${first.note.createdByName}: ${first.note.text}`
      : `the user reported${first.issue.text === null ? " something" : `: ${first.issue.text}`} (${first.issue.code})`;
  const others = moments.length === 1 ? "" : `, and ${moments.length - 1} more`;
  const title = `${words(first.at, true)} ${said.slice(0, shownLength)}${others}`;
  const Icon = first.kind === "note" ? StickyNote : Flag;
  return (
    <li className="absolute top-0" style={{ left: x }}>
      <button
        type="button"
        aria-label={`Show: ${title}`}
        title={title}
        className={`grid size-6 -translate-x-1/2 place-items-center rounded-full text-accent hover:bg-sunken ${isWanted ? "bg-accent-soft ring-2 ring-accent" : ""}`}
        onClick={() =>
          setSearch(
            first.kind === "note"
              ? { tab: "notes", note: first.note.noteId }
              : { tab: "events", event: first.issue.key, ev: undefined },
          )
        }
      >
        {moments.length === 1 ? (
          <Icon className="size-3.5" aria-hidden />
        ) : (
          <span
            className="tnum grid h-5 min-w-5 place-items-center rounded-full border border-current px-1 text-xs leading-none"
            aria-hidden
          >
            {moments.length}
          </span>
        )}
      </button>
    </li>
  );
}
