import { Link, useNavigate } from "@tanstack/react-router";
import { createColumnHelper, tableFeatures, useTable } from "@tanstack/react-table";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import type { SessionSummary } from "@peerscope/schema/api";
import { ArrowDown } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useNow } from "../frame/clock.ts";
import { LiveMark, ScoreBadge } from "../frame/state-mark.tsx";
import { useZone } from "../frame/zone.ts";
import { causeWords } from "../words/causes.ts";
import { browserWords, shortId } from "../words/labels.ts";
import { duration, when } from "../words/time.ts";

const rowHeight = 40;
const features = tableFeatures({});
const helper = createColumnHelper<typeof features, SessionSummary>();

/** Class of a column's cells; the narrower the list is for its text, the fewer columns. */
const columnClass: Readonly<Record<string, string>> = {
  score: "w-36",
  cause: "",
  user: "w-44",
  call: "w-36 @max-[54rem]:hidden",
  duration: "w-20 text-right @max-[37rem]:hidden",
  browser: "w-44 @max-[65rem]:hidden",
  when: "w-32 @max-[45rem]:hidden",
};

const columns = helper.columns([
  helper.accessor("score", {
    id: "score",
    header: "Score",
    cell: (info) => <ScoreBadge score={info.row.original.score} of={info.row.original.scoreClass} />,
  }),
  helper.display({ id: "cause", header: "Cause", cell: (info) => <Cause session={info.row.original} /> }),
  helper.accessor("userId", {
    id: "user",
    header: "User",
    cell: (info) => <UserCell session={info.row.original} />,
  }),
  helper.accessor("callId", {
    id: "call",
    header: "Call",
    cell: (info) => {
      const id = info.getValue();
      return id === null ? (
        <span className="text-ink-soft">–</span>
      ) : (
        <Link to="/calls/$id" params={{ id }} className="block truncate py-1 hover:underline" title={id}>
          {id}
        </Link>
      );
    },
  }),
  helper.display({
    id: "duration",
    header: "Duration",
    cell: (info) => (
      <span className="tnum">{duration(info.row.original.lastAt - info.row.original.startedAt)}</span>
    ),
  }),
  helper.accessor("browser", {
    id: "browser",
    header: "Browser",
    cell: (info) => (
      <span className="block truncate text-ink-soft">
        {browserWords(info.row.original.browser, info.row.original.os)}
      </span>
    ),
  }),
  helper.accessor("startedAt", {
    id: "when",
    header: "When",
    cell: (info) => <When at={info.getValue()} />,
  }),
]);

function UserCell({ session }: { readonly session: SessionSummary }): React.ReactNode {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <span className="truncate" title={session.userId ?? session.sessionId}>
        {session.userId ?? (
          <span className="font-mono text-xs text-ink-soft">{shortId(session.sessionId)}</span>
        )}
      </span>
      {session.live && <LiveMark />}
      {session.sample && (
        <span
          className="shrink-0 rounded border border-line px-1 text-xs text-ink-soft"
          title="A recorded call that ships with Peerscope"
        >
          sample
        </span>
      )}
    </span>
  );
}

function Cause({ session }: { readonly session: SessionSummary }): React.ReactNode {
  const words = causeWords(session);
  const nothing = session.statedCause === null && session.observationIds.length === 0;
  return (
    <span className="flex min-w-0 items-baseline gap-2">
      <Link
        to="/sessions/$id"
        params={{ id: session.sessionId }}
        className={`truncate py-1 ${nothing ? "text-ink-soft" : session.confidence >= 0.6 ? "font-semibold" : "font-medium"}`}
      >
        {words.what}
      </Link>
      {words.where !== null && <span className="truncate text-xs text-ink-soft">{words.where}</span>}
    </span>
  );
}

function When({ at }: { readonly at: number }): React.ReactNode {
  const zone = useZone();
  const now = useNow(60_000);
  return (
    <time dateTime={new Date(at).toISOString()} className="whitespace-nowrap text-ink-soft">
      {when(at, now, zone)}
    </time>
  );
}

interface Props {
  readonly sessions: readonly SessionSummary[];
  readonly total: number;
  /** Row the keyboard stands on; -1 for none. */
  readonly current: number;
  readonly sort: "newest" | "worst";
  readonly onSort: (sort: "newest" | "worst") => void;
  readonly onNearEnd: () => void;
}

/** Sessions as a table; only the rows in sight exist, so that ten thousand scroll like ten. */
export function SessionsTable({ sessions, total, current, sort, onSort, onNearEnd }: Props): React.ReactNode {
  const navigate = useNavigate();
  const body = useRef<HTMLTableSectionElement>(null);
  const [margin, setMargin] = useState(0);
  useEffect(() => {
    setMargin(body.current === null ? 0 : body.current.getBoundingClientRect().top + scrollY);
  }, []);

  const table = useTable({
    features,
    columns,
    data: sessions,
    getRowId: (session) => session.sessionId,
  });
  const rows = table.getRowModel().rows;
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: margin,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (last >= rows.length - 20) onNearEnd();
  }, [last, rows.length, onNearEnd]);

  useEffect(() => {
    if (current >= 0) virtual.scrollToIndex(current, { align: "auto" });
    // Only when the keyboard moves: the list itself refreshes all the time.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [current]);

  const above = (items[0]?.start ?? margin) - margin;
  const below = virtual.getTotalSize() - ((items.at(-1)?.end ?? margin) - margin);
  return (
    <div className="card @container max-md:overflow-x-auto">
      <table
        className="w-full table-fixed border-separate border-spacing-0 text-table"
        aria-rowcount={total + 1}
      >
        <caption className="sr-only">Sessions, {sort === "worst" ? "worst" : "newest"} first</caption>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => (
                <th
                  key={header.id}
                  scope="col"
                  aria-sort={
                    header.id === "when" && sort === "newest"
                      ? "descending"
                      : header.id === "score" && sort === "worst"
                        ? "ascending"
                        : undefined
                  }
                  className={`sticky top-[calc(3.25rem+1px)] z-10 h-9 border-b border-line bg-surface px-3 text-left text-xs font-semibold text-ink-soft first:rounded-tl-[10px] last:rounded-tr-[10px] max-md:static ${columnClass[header.id] ?? ""}`}
                >
                  {header.id === "score" || header.id === "when" ? (
                    <SortButton
                      label={header.id === "score" ? "Score" : "When"}
                      hint={header.id === "score" ? "worst first" : "newest first"}
                      on={(header.id === "score") === (sort === "worst")}
                      onClick={() => onSort(header.id === "score" ? "worst" : "newest")}
                    />
                  ) : (
                    <table.FlexRender header={header} />
                  )}
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody ref={body}>
          {above > 0 && (
            <tr aria-hidden>
              <td colSpan={columns.length} style={{ height: above, padding: 0 }} />
            </tr>
          )}
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const selected = item.index === current;
            return (
              <tr
                key={row.id}
                data-session-id={row.original.sessionId}
                aria-rowindex={item.index + 2}
                aria-current={selected ? "true" : undefined}
                className={`group cursor-pointer ${selected ? "bg-accent-soft" : "hover:bg-sunken"}`}
                style={{ height: rowHeight }}
                onClick={(event) => {
                  if (event.target instanceof Element && event.target.closest("a, button") !== null) return;
                  if (getSelection()?.toString() !== "") return;
                  void navigate({ to: "/sessions/$id", params: { id: row.original.sessionId } });
                }}
              >
                {row.getAllCells().map((cell) => (
                  <td
                    key={cell.id}
                    className={`overflow-hidden border-b border-line px-3 group-last:border-b-0 ${columnClass[cell.column.id] ?? ""} ${
                      selected && cell.column.id === "score" ? "shadow-[inset_3px_0_0_var(--accent)]" : ""
                    }`}
                  >
                    <table.FlexRender cell={cell} />
                  </td>
                ))}
              </tr>
            );
          })}
          {below > 0 && (
            <tr aria-hidden>
              <td colSpan={columns.length} style={{ height: below, padding: 0 }} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

interface SortButtonProps {
  readonly label: string;
  readonly hint: string;
  readonly on: boolean;
  readonly onClick: () => void;
}

function SortButton({ label, hint, on, onClick }: SortButtonProps): React.ReactNode {
  return (
    <button
      type="button"
      className={`-mx-1.5 inline-flex min-h-7 items-center gap-1 rounded px-1.5 hover:bg-sunken ${on ? "text-ink" : ""}`}
      title={`Sort: ${hint}`}
      onClick={onClick}
    >
      {label}
      <ArrowDown className={`size-3 ${on ? "" : "opacity-0"}`} aria-hidden />
      <span className="sr-only">, sort {hint}</span>
    </button>
  );
}

/** The shape of the list while it loads. */
export function SessionsSkeleton(): React.ReactNode {
  return (
    <section className="card overflow-hidden" aria-busy="true" aria-label="Loading sessions">
      <div className="h-9 border-b border-line" />
      {Array.from({ length: 12 }, (_, i) => (
        <div
          key={i}
          className="flex items-center gap-6 border-b border-line px-3 last:border-b-0"
          style={{ height: rowHeight }}
        >
          <div className="skeleton h-3 w-24" />
          <div className="skeleton h-3 flex-1" style={{ maxWidth: `${30 + ((i * 37) % 30)}%` }} />
          <div className="skeleton ml-auto h-3 w-24" />
          <div className="skeleton h-3 w-32" />
        </div>
      ))}
    </section>
  );
}
