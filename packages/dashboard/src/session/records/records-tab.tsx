import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { plural } from "../../words/numbers.ts";
import { useSession, useSnapshot } from "../context.tsx";
import { useCursor } from "../use-range.ts";
import { RecordDetail } from "./record-detail.tsx";
import { RecordFilterBar } from "./record-filter-bar.tsx";
import { RecordList } from "./record-list.tsx";
import { useFoundRecords } from "./use-found-records.ts";
import { useWholeRecord } from "./use-rows.ts";

/** Every record of the session as it came, in the order of the recording, and what is missing between them. */
export function RecordsTab(): React.ReactNode {
  const { store, search, setSearch, view, start } = useSession();
  const { phase, version } = useSnapshot(store);
  const filter = useMemo(
    () => ({
      kind: search.recordKind ?? null,
      type: search.recordType ?? null,
      text: search.recordText ?? "",
    }),
    [search.recordKind, search.recordType, search.recordText],
  );
  const found = useFoundRecords(store, filter);
  const { places, times, isOver, counts } = found;
  const [place, setPlace] = usePlaceOfUrl(search.record, setSearch);
  const [wanted, setWanted] = useState({ index: -1 });
  const cursor = useCursor(view);
  const chosen = place === null ? -1 : indexAt(places, place);
  const atCursor = cursor === null ? -1 : indexBefore(times, start + cursor * 1000);
  // A link may name a record that is not read yet.
  const isRead = place !== null && place < (counts?.total ?? 0);
  const whole = useWholeRecord(store.records, isRead ? place : null);

  const choose = useCallback(
    (index: number): void => {
      const next = places[index];
      const at = times[index];
      if (next === undefined || at === undefined) return;
      setPlace(next);
      view.setAt((at - start) / 1000, true);
    },
    [places, times, view, start, setPlace],
  );
  // The page is opened at a record, or where the cursor stands: it is brought into sight as soon as it is there.
  const section = useRef<HTMLElement>(null);
  const isShown = useRef(false);
  const first = place === null ? atCursor : chosen;
  const isKnown = place === null ? isOver || atCursor < places.length - 1 : chosen >= 0;
  useEffect(() => {
    if (isShown.current || !isKnown || first < 0) return;
    isShown.current = true;
    setWanted({ index: first });
    // A link to a record leads to it, below the verdict.
    if (place !== null) section.current?.scrollIntoView({ block: "start" });
  }, [isKnown, first, place]);

  if (counts?.total === 0 && isOver)
    return (
      <p className="card p-6 text-ink-soft">
        {phase === "loading" || found.version !== version
          ? "Reading the records"
          : phase === "live"
            ? "No record yet."
            : "This recording has no record."}
      </p>
    );
  return (
    <section ref={section} aria-label="Records" className="flex flex-col gap-3">
      <RecordFilterBar
        found={found}
        filter={filter}
        onCursor={
          atCursor < 0
            ? null
            : () => {
                choose(atCursor);
                setWanted({ index: atCursor });
              }
        }
      />
      <div className="grid gap-3 xl:grid-cols-[minmax(0,6fr)_minmax(0,5fr)]">
        <div className="card overflow-hidden">
          {places.length === 0 && isOver ? (
            <p className="p-6 text-ink-soft">
              None of {plural(counts?.total ?? 0, "record")} fits.{" "}
              <button
                type="button"
                className="link"
                onClick={() =>
                  setSearch({ recordKind: undefined, recordType: undefined, recordText: undefined })
                }
              >
                Show all
              </button>
            </p>
          ) : (
            <RecordList found={found} chosen={chosen} atCursor={atCursor} wanted={wanted} onChoose={choose} />
          )}
        </div>
        <section aria-label="Chosen record" className="card self-start overflow-hidden">
          <RecordDetail whole={whole} type={filter.type} />
        </section>
      </div>
    </section>
  );
}

/** Arrow keys that are held down write the URL once, when they rest. In milliseconds, ours. */
const restMs = 300;

/** The record that is open, kept the same as in the URL. */
function usePlaceOfUrl(
  inUrl: number | undefined,
  setSearch: ReturnType<typeof useSession>["setSearch"],
): readonly [number | null, (place: number) => void] {
  const [place, setPlace] = useState(inUrl ?? null);
  const written = useRef(inUrl);
  const write = useRef(setSearch);
  useEffect(() => {
    write.current = setSearch;
  });
  useEffect(() => {
    if (place === null || written.current === place) return;
    const timer = setTimeout(() => {
      written.current = place;
      write.current({ record: place });
    }, restMs);
    return () => clearTimeout(timer);
  }, [place]);
  useEffect(() => {
    if (inUrl === written.current) return;
    written.current = inUrl;
    setPlace(inUrl ?? null);
  }, [inUrl]);
  return [place, setPlace];
}

/** Index of a value in a sorted column; -1 when it is not in it. */
function indexAt(column: readonly number[], value: number): number {
  const index = indexBefore(column, value);
  return column[index] === value ? index : -1;
}

/** Index of the last value that is not larger; -1 when all are. */
function indexBefore(column: readonly number[], value: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((column[middle] ?? Infinity) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
