import { useNavigate } from "@tanstack/react-router";
import { useTable } from "@tanstack/react-table";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import type { SessionSummary } from "@peerscope/schema/api";
import { ArrowDown } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { SessionSort } from "../url/search.ts";
import { allColumns, columnClass, columnTitles, features, type ColumnName } from "./columns.tsx";

const rowHeight = 40;

/** The orders of the list, in words for buttons and captions. */
export const sortWords: Readonly<Record<SessionSort | "newest", string>> = {
  newest: "newest first",
  worst: "worst first",
  longest: "longest first",
  impact: "most bad minutes first",
};

/** Columns that sort, and how. */
const columnSorts: Readonly<Partial<Record<string, SessionSort | "newest">>> = {
  score: "worst",
  duration: "longest",
  when: "newest",
};

interface Props {
  readonly sessions: readonly SessionSummary[];
  readonly total: number;
  /** Row the keyboard stands on; -1 for none. */
  readonly current: number;
  readonly columns: readonly ColumnName[];
  readonly sort: SessionSort | "newest";
  readonly onSort: (sort: SessionSort | "newest") => void;
  /** Ids of the sessions that are marked, for comparing. */
  readonly marked: readonly string[];
  readonly onMark: (sessionId: string) => void;
  readonly onNearEnd: () => void;
}

/** Sessions as a table; only the rows in sight exist, so that ten thousand scroll like ten. */
export function SessionsTable(props: Props): React.ReactNode {
  const { sessions, total, current, sort, onSort, marked, onMark, onNearEnd } = props;
  const navigate = useNavigate();
  const body = useRef<HTMLTableSectionElement>(null);
  const [margin, setMargin] = useState(0);
  useEffect(() => {
    setMargin(body.current === null ? 0 : body.current.getBoundingClientRect().top + scrollY);
  }, []);

  const columns = useMemo(
    () => allColumns.filter(({ id }) => props.columns.some((name) => name === id)),
    [props.columns],
  );
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
        <caption className="sr-only">Sessions, {sortWords[sort]}</caption>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              <th
                scope="col"
                className="sticky top-[calc(3.25rem+1px)] z-10 h-9 w-9 rounded-tl-[10px] border-b border-line bg-surface max-md:static"
              >
                <span className="sr-only">Mark for comparing</span>
              </th>
              {group.headers.map((header) => (
                <th
                  key={header.id}
                  scope="col"
                  aria-sort={
                    columnSorts[header.id] !== sort
                      ? undefined
                      : header.id === "score"
                        ? "ascending"
                        : "descending"
                  }
                  className={`sticky top-[calc(3.25rem+1px)] z-10 h-9 border-b border-line bg-surface px-3 text-left text-xs font-semibold text-ink-soft last:rounded-tr-[10px] max-md:static ${classOf(header.id)}`}
                >
                  <HeaderCell id={header.id} sort={sort} onSort={onSort} />
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody ref={body} className="[&_:is(a,button,input)]:scroll-mt-9">
          {above > 0 && (
            <tr aria-hidden>
              <td colSpan={columns.length + 1} style={{ height: above, padding: 0 }} />
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
                  if (event.target instanceof Element && event.target.closest("a, button, label") !== null)
                    return;
                  if (getSelection()?.toString() !== "") return;
                  void navigate({ to: "/sessions/$id", params: { id: row.original.sessionId } });
                }}
              >
                <td
                  className={`border-b border-line group-last:border-b-0 ${selected ? "shadow-[inset_3px_0_0_var(--accent)]" : ""}`}
                >
                  <label className="flex size-9 cursor-pointer items-center justify-center">
                    <input
                      type="checkbox"
                      className="size-3.5 accent-accent"
                      aria-label={`Mark ${row.original.userId ?? row.original.sessionId}`}
                      checked={marked.includes(row.original.sessionId)}
                      onChange={() => onMark(row.original.sessionId)}
                    />
                  </label>
                </td>
                {row.getAllCells().map((cell) => (
                  <td
                    key={cell.id}
                    className={`overflow-hidden border-b border-line px-3 group-last:border-b-0 ${classOf(cell.column.id)}`}
                  >
                    <table.FlexRender cell={cell} />
                  </td>
                ))}
              </tr>
            );
          })}
          {below > 0 && (
            <tr aria-hidden>
              <td colSpan={columns.length + 1} style={{ height: below, padding: 0 }} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

function classOf(id: string): string {
  return Object.entries(columnClass).find(([name]) => name === id)?.[1] ?? "";
}

interface HeaderCellProps {
  readonly id: string;
  readonly sort: SessionSort | "newest";
  readonly onSort: (sort: SessionSort | "newest") => void;
}

function HeaderCell({ id, sort, onSort }: HeaderCellProps): React.ReactNode {
  const label = Object.entries(columnTitles).find(([name]) => name === id)?.[1] ?? id;
  const own = columnSorts[id];
  if (own === undefined) return label;
  return <SortButton label={label} hint={sortWords[own]} on={own === sort} onClick={() => onSort(own)} />;
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
