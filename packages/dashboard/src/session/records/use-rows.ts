import { useEffect, useRef, useState } from "react";
import type { RecordRow, WholeRecord } from "../../worker/record-rows.ts";
import type { RecordClient } from "./record-client.ts";

/** Rows kept for scrolling back; all of eight hours are too many. Ours. */
const mostRows = 2_000;

/** The rows at some places, as they are known; asks for the others. */
export function useRows(client: RecordClient, places: readonly number[]): ReadonlyMap<number, RecordRow> {
  const [rows, setRows] = useState<ReadonlyMap<number, RecordRow>>(new Map());
  const known = useRef(rows);
  const key = places.join();
  useEffect(() => {
    const missing = places.filter((place) => !known.current.has(place));
    if (missing.length === 0) return;
    let isStale = false;
    void client.rows(missing).then((more) => {
      if (isStale) return;
      const before = known.current.size > mostRows ? [] : known.current;
      known.current = new Map([...before, ...more.map((row) => [row.place, row] as const)]);
      setRows(known.current);
    });
    return () => {
      isStale = true;
    };
    // The key says which places they are.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [client, key]);
  return rows;
}

/** Arrow keys that are held down pass many records; only the one where they rest is read. In milliseconds, ours. */
const restMs = 40;

/** A whole record; the one before until it is there, null without one. */
export function useWholeRecord(client: RecordClient, place: number | null): WholeRecord | null {
  const [whole, setWhole] = useState<WholeRecord | null>(null);
  useEffect(() => {
    if (place === null) return;
    let isStale = false;
    const timer = setTimeout(() => {
      void client.record(place).then((read) => {
        if (!isStale) setWhole(read);
      });
    }, restMs);
    return () => {
      isStale = true;
      clearTimeout(timer);
    };
  }, [client, place]);
  return place === null ? null : whole;
}
