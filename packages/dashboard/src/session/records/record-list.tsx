import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useId, useRef } from "react";
import type { RecordRow } from "../../worker/record-rows.ts";
import { useSession, useTimeWords } from "../context.tsx";
import type { FoundRecords } from "./use-found-records.ts";
import { kindWords, rowName } from "./record-words.ts";
import { useRows } from "./use-rows.ts";

const rowHeight = 28;
/** Rows that PageUp and PageDown pass. */
const page = 15;

const columns =
  "grid grid-cols-[1rem_5.5rem_4rem_minmax(0,12rem)_minmax(0,1fr)] items-center gap-x-2 px-2 @max-lg:grid-cols-[1rem_5.5rem_4rem_minmax(0,1fr)]";

interface Props {
  readonly found: FoundRecords;
  /** Index of the record that is open; -1 for none. */
  readonly chosen: number;
  /** Index of the last record at or before the cursor of the charts; -1 for none. */
  readonly atCursor: number;
  /** What is brought into sight when it changes. */
  readonly wanted: { readonly index: number };
  readonly onChoose: (index: number) => void;
}

/** All records that were found, however many: only what is in sight is there. Arrows, Page keys, Home and End move in it. */
export function RecordList({ found, chosen, atCursor, wanted, onChoose }: Props): React.ReactNode {
  const { store } = useSession();
  const words = useTimeWords();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const { places, times } = found;
  // The compiler leaves this component alone; there is no other way to use the virtualizer.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: places.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const rows = useRows(
    store.records,
    items.flatMap(({ index }) => places[index] ?? []),
  );
  useEffect(() => {
    if (wanted.index >= 0) virtual.scrollToIndex(wanted.index, { align: "center" });
    // Once for every wish, not whenever rows come.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [wanted]);

  const go = (index: number): void => {
    const next = Math.min(Math.max(index, 0), places.length - 1);
    if (next < 0) return;
    virtual.scrollToIndex(next, { align: "auto" });
    onChoose(next);
  };
  const moves: Readonly<Record<string, () => void>> = {
    ArrowDown: () => go(chosen + 1),
    ArrowUp: () => go(chosen < 0 ? places.length - 1 : chosen - 1),
    PageDown: () => go(chosen + page),
    PageUp: () => go(chosen - page),
    Home: () => go(0),
    End: () => go(places.length - 1),
  };

  return (
    <div
      ref={scroller}
      role="listbox"
      tabIndex={0}
      aria-label="Records"
      aria-activedescendant={items.some(({ index }) => index === chosen) ? `${id}${chosen}` : undefined}
      className="@container h-[62dvh] min-h-60 overflow-auto max-xl:h-[38dvh]"
      onKeyDown={(event) => {
        const move = moves[event.key];
        if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        move();
      }}
    >
      <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const place = places[index];
          const row = place === undefined ? undefined : rows.get(place);
          const isChosen = index === chosen;
          return (
            // The keys of an option are those of its list.
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
            <div
              key={index}
              id={`${id}${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={isChosen}
              aria-setsize={places.length}
              aria-posinset={index + 1}
              data-record-place={place}
              className={`${columns} absolute inset-x-0 cursor-pointer text-table ${isChosen ? "bg-accent-soft outline-2 -outline-offset-2 outline-accent" : "odd:bg-sunken/40 hover:bg-sunken"}`}
              style={{ height: rowHeight, transform: `translateY(${start}px)` }}
              onClick={() => {
                onChoose(index);
                scroller.current?.focus({ preventScroll: true });
              }}
            >
              <span className="text-center text-accent">
                {index === atCursor && (
                  <>
                    <span aria-hidden>▸</span>
                    <span className="sr-only">at the cursor</span>
                  </>
                )}
              </span>
              <span className="tnum text-ink-soft">{words(times[index] ?? 0, true)}</span>
              {row === undefined ? (
                <span className="col-span-3 h-3 w-2/3 rounded bg-sunken" />
              ) : (
                <RowText row={row} />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function RowText({ row }: { readonly row: RecordRow }): React.ReactNode {
  const isGap = row.kind === "gap";
  return (
    <>
      <span className={`text-xs ${isGap ? "font-semibold text-fair" : "text-ink-soft"}`}>
        {kindWords[row.kind].one}
      </span>
      <bdi className={`truncate ${row.kind === "event" ? "font-medium" : ""} ${isGap ? "text-fair" : ""}`}>
        {rowName(row)}
      </bdi>
      <bdi className="truncate font-mono text-xs text-ink-soft @max-lg:hidden">
        {row.kind === "event" && row.connectionId !== null && `${row.connectionId} · `}
        {row.detail}
      </bdi>
    </>
  );
}
