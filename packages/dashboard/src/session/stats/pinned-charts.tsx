import { X } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { summarise, valueAt } from "../../charts/series.ts";
import { TimeChart } from "../../charts/time-chart.tsx";
import { short } from "../../words/numbers.ts";
import { memberKey, type MemberColumns, type StatsMember } from "../../worker/member-history.ts";
import { useSession, useSnapshot, useTimeWords } from "../context.tsx";
import { useCursor, useRange } from "../use-range.ts";
import { ZoomButtons } from "../zoom-buttons.tsx";
import { memberPanel } from "./member-panel.ts";
import { pinsOf, togglePin } from "./pins.ts";

/** A live session is read anew this often, in milliseconds of its own time: every pass decodes all of it. Ours. */
const refreshMs = 5_000;

/** The members that the reader chose, each over the whole session, on the time axis and cursor of the page. */
export function PinnedCharts(): React.ReactNode {
  const { store, search, setSearch } = useSession();
  const snapshot = useSnapshot(store);
  const members = useMemo(() => pinsOf(search.pin), [search.pin]);
  const [columns, setColumns] = useState<ReadonlyMap<string, MemberColumns>>(new Map());
  const readSoFar =
    snapshot.phase === "done" ? Infinity : Math.floor((snapshot.newestSampleAt ?? 0) / refreshMs);
  useEffect(() => {
    if (members.length === 0) return;
    let stale = false;
    void store.history(members).then((found) => {
      if (!stale) setColumns(new Map(found.map((one) => [one.key, one])));
    });
    return () => void (stale = true);
  }, [store, members, readSoFar]);
  if (members.length === 0) return null;
  return (
    <section className="card mb-3 overflow-hidden p-3" aria-label="Drawn members">
      <div className="mb-1 flex items-center gap-3">
        <h3 className="font-semibold">Over the whole session</h3>
        <ZoomButtons />
        <button type="button" className="btn ml-auto" onClick={() => setSearch({ pin: undefined })}>
          Clear
        </button>
      </div>
      <ul className="grid gap-x-6 gap-y-2 xl:grid-cols-2">
        {members.map((member) => (
          <Pinned
            key={memberKey(member)}
            member={member}
            columns={columns.get(memberKey(member)) ?? null}
            onRemove={() => setSearch({ pin: togglePin(search.pin, member) })}
          />
        ))}
      </ul>
    </section>
  );
}

interface PinnedProps {
  readonly member: StatsMember;
  readonly columns: MemberColumns | null;
  readonly onRemove: () => void;
}

function Pinned({ member, columns, onRemove }: PinnedProps): React.ReactNode {
  const { view, start } = useSession();
  const words = useTimeWords();
  const cursor = useCursor(view);
  const range = useRange(view);
  const [raw, setRaw] = useState(false);
  const drawn = useMemo(
    () => (columns === null ? null : memberPanel(member, columns, raw)),
    [member, columns, raw],
  );
  const series = drawn?.lines[0]?.series ?? null;
  const here = series === null ? null : valueAt(series, start + (cursor ?? range.to) * 1000);
  const summary =
    series === null ? null : summarise(series, start + range.from * 1000, start + range.to * 1000);
  return (
    <li aria-label={`${member.member} of ${member.statsId}`}>
      <div className="flex items-baseline gap-2 text-table">
        <span className="font-medium">{member.member}</span>
        <code className="min-w-0 truncate font-mono text-xs text-ink-soft">{member.statsId}</code>
        <span className="tnum ml-auto font-medium">{here === null ? "–" : short(here)}</span>
        <span className="text-xs text-ink-soft">{drawn?.panel.unit}</span>
        {columns?.isCounter === true && (
          <button type="button" className="btn-quiet" aria-pressed={raw} onClick={() => setRaw(!raw)}>
            Total
          </button>
        )}
        <button
          type="button"
          className="btn-quiet"
          aria-label={`Do not draw ${member.member}`}
          onClick={onRemove}
        >
          <X className="size-3.5" aria-hidden />
        </button>
      </div>
      {drawn === null ? (
        <div className="skeleton h-24" />
      ) : summary === null ? (
        <p className="py-4 text-xs text-ink-soft">Nothing was reported in this range.</p>
      ) : (
        <>
          <TimeChart
            panel={drawn.panel}
            lines={drawn.lines}
            view={view}
            bands={noBands}
            start={start}
            height={96}
            version={columns?.times.length ?? 0}
            tickOffset={0}
          />
          <p className="sr-only">
            {member.member}: lowest {short(summary.min)} at {words(summary.minAt)}, highest{" "}
            {short(summary.max)} at {words(summary.maxAt)}, average {short(summary.mean)}.
          </p>
        </>
      )}
    </li>
  );
}

const noBands = [] as const;
