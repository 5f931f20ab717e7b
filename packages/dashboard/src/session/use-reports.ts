import { useEffect, useState } from "react";
import type { StatsSnapshot } from "../worker/messages.ts";
import { useSession, useSnapshot } from "./context.tsx";
import { useCursor } from "./use-range.ts";

/** The latest report of every peer connection at the cursor. */
export interface ReportsAtCursor {
  /** Null until the first answer. */
  readonly reports: readonly StatsSnapshot[] | null;
  /** Unix ms of the cursor; of the end of the session while there is none. */
  readonly at: number;
  /** Nobody put a cursor: it is the newest report. */
  readonly isNewest: boolean;
}

/** Asks again when the cursor moves, and while the recording is still being read. */
export function useReportsAtCursor(): ReportsAtCursor {
  const { store, view, start } = useSession();
  const snapshot = useSnapshot(store);
  const cursor = useCursor(view);
  const end = snapshot.analysis?.end ?? start;
  const at = cursor === null ? end : start + cursor * 1000;
  const [reports, setReports] = useState<readonly StatsSnapshot[] | null>(null);
  // While the recording is still being read, the report of this moment may not be there yet.
  const readSoFar = snapshot.phase === "loading" ? snapshot.version : -1;

  useEffect(() => {
    let stale = false;
    const timer = setTimeout(() => {
      void store.statsAt(at).then((found) => {
        if (!stale) setReports(found);
      });
    }, 60);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [store, at, readSoFar]);

  return { reports, at, isNewest: cursor === null };
}
