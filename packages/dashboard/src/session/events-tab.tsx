import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { count, plural, short } from "../words/numbers.ts";
import { useSession, useSnapshot, useTimeWords } from "./context.tsx";
import { eventLines, matches, type EventLine } from "./event-rows.ts";

const columns =
  "grid grid-cols-[6rem_5.5rem_minmax(10rem,1fr)_5.5rem_minmax(12rem,2fr)] items-center gap-x-3 px-4";

const familyWords: Readonly<Record<EventLine["family"], string>> = {
  call: "API call",
  connection: "connection",
  media: "media",
  page: "page",
  app: "app",
  sdk: "SDK",
};

/** Every API call with its outcome, every callback, every event of page and app. */
export function EventsTab(): React.ReactNode {
  const { store, search, setSearch, view, start } = useSession();
  const snapshot = useSnapshot(store);
  const words = useTimeWords();
  const filter = search.ev ?? "";
  const lines = useMemo(() => eventLines(snapshot.events), [snapshot.events]);
  const found = useMemo(() => lines.filter((line) => matches(line, filter)), [lines, filter]);
  const [openKey, setOpenKey] = useState<number | null>(search.event ?? null);
  const scroller = useRef<HTMLDivElement>(null);
  // The compiler leaves this component alone; there is no other way to use the virtualizer.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: found.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 32,
    getItemKey: (index) => found[index]?.key ?? index,
    overscan: 20,
  });
  const wanted = search.event;
  const wantedIndex = found.findIndex((line) => line.key === wanted);
  useEffect(() => {
    if (wantedIndex >= 0) virtual.scrollToIndex(wantedIndex, { align: "center" });
    // Only when another event is wanted, not whenever a row is measured.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [wantedIndex]);
  const failed = useMemo(() => lines.filter((line) => line.failed).length, [lines]);

  if (lines.length === 0) {
    return (
      <p className="card p-6 text-ink-soft">
        {snapshot.phase === "loading"
          ? "Reading the events"
          : "This recording has no events: it was made of getStats reports only."}
      </p>
    );
  }
  return (
    <section className="card overflow-hidden" aria-label="Events">
      <div className="flex flex-wrap items-center gap-2 border-b border-line p-2">
        <input
          type="text"
          className="h-8 w-72 max-w-full rounded-md border border-line bg-page px-2.5 text-table placeholder:text-ink-soft"
          placeholder="Filter by name, argument, error"
          aria-label="Filter events"
          value={filter}
          onChange={(event) => setSearch({ ev: event.target.value === "" ? undefined : event.target.value })}
        />
        <button
          type="button"
          className="btn"
          aria-pressed={filter === "failed"}
          onClick={() => setSearch({ ev: filter === "failed" ? undefined : "failed" })}
        >
          {failed} failed
        </button>
        <span className="text-xs text-ink-soft" role="status">
          {found.length === lines.length
            ? plural(lines.length, "event")
            : `${count(found.length)} of ${plural(lines.length, "event")}`}
        </span>
      </div>
      <div
        ref={scroller}
        className="h-[60dvh] overflow-auto"
        tabIndex={0}
        role="region"
        aria-label="List of events"
      >
        <div role="table" aria-rowcount={found.length + 1} aria-label="Events" className="min-w-[46rem]">
          <div
            role="row"
            aria-rowindex={1}
            className={`${columns} sticky top-0 z-10 h-8 border-b border-line bg-surface text-xs font-semibold text-ink-soft`}
          >
            <span role="columnheader">Time</span>
            <span role="columnheader">Kind</span>
            <span role="columnheader">What</span>
            <span role="columnheader" className="text-right">
              Took
            </span>
            <span role="columnheader">Detail</span>
          </div>
          <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => {
              const line = found[item.index];
              if (line === undefined) return null;
              const open = openKey === line.key;
              return (
                <div
                  key={item.key}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  role="row"
                  aria-rowindex={item.index + 2}
                  aria-current={line.key === wanted ? "true" : undefined}
                  className={`absolute inset-x-0 border-b border-line text-table ${line.key === wanted ? "outline-2 -outline-offset-2 outline-accent" : ""} ${line.failed ? "bg-poor-mark/8" : ""}`}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <div className={`${columns} min-h-8 hover:bg-sunken`}>
                    <span role="cell">
                      <button
                        type="button"
                        className="tnum min-h-6 text-ink-soft hover:text-accent hover:underline"
                        title="Put the cursor here"
                        onClick={() => view.setAt((line.at - start) / 1000, true)}
                      >
                        {words(line.at, true)}
                      </button>
                    </span>
                    <span role="cell" className="text-xs text-ink-soft">
                      {familyWords[line.family]}
                    </span>
                    <span role="cell" className="min-w-0">
                      <button
                        type="button"
                        className={`block min-h-6 max-w-full truncate text-left ${line.family === "call" ? "font-mono text-xs" : ""} ${line.failed ? "font-semibold text-poor" : ""}`}
                        aria-expanded={open}
                        onClick={() => setOpenKey(open ? null : line.key)}
                      >
                        {line.failed ? "✕ " : ""}
                        {line.name}
                        {line.failed && <span className="sr-only"> failed</span>}
                      </button>
                    </span>
                    <span role="cell" className="tnum text-right text-xs">
                      {line.durationMs === null ? (
                        line.pending ? (
                          <span className="text-fair">no outcome</span>
                        ) : (
                          ""
                        )
                      ) : (
                        `${short(line.durationMs)} ms`
                      )}
                    </span>
                    <span role="cell" className="truncate text-xs text-ink-soft">
                      {line.detail}
                    </span>
                  </div>
                  {open && (
                    <div role="cell">
                      <pre
                        tabIndex={0}
                        role="region"
                        aria-label={`Data of ${line.name}`}
                        className="max-h-72 overflow-auto border-t border-line bg-sunken px-4 py-2 font-mono text-xs whitespace-pre-wrap"
                      >
                        {JSON.stringify(line.data, null, 2)}
                      </pre>
                    </div>
                  )}
                </div>
              );
            })}
          </div>
        </div>
        {found.length === 0 && (
          <p className="p-6 text-ink-soft">
            No event matches “{filter}”.{" "}
            <button type="button" className="link" onClick={() => setSearch({ ev: undefined })}>
              Clear the filter
            </button>
          </p>
        )}
      </div>
    </section>
  );
}
