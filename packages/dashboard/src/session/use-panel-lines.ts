import { useMemo, useState } from "react";
import { linesOf, type Panel, type PanelLine } from "../charts/panels.ts";
import { useSnapshot } from "./context.tsx";
import type { SessionStore } from "./session-store.ts";

/** The lines of a panel that have a value; the same array while they are the same lines. */
export function usePanelLines(panel: Panel, store: SessionStore): readonly PanelLine[] {
  const snapshot = useSnapshot(store);
  // The lines only change when a new one appears; their points grow in place.
  const lines = useMemo(
    () => linesOf(panel, store.series.values()),
    // oxlint-disable-next-line react/exhaustive-deps
    [panel, store, snapshot.seriesCount],
  );
  const reported = useMemo(
    () =>
      lines.filter((line) =>
        line.series.values.subarray(0, line.series.length).some((value) => !Number.isNaN(value)),
      ),
    // oxlint-disable-next-line react/exhaustive-deps
    [lines, snapshot.version],
  );
  // Another array would build the chart anew.
  return useStable(reported);
}

function useStable(lines: readonly PanelLine[]): readonly PanelLine[] {
  const [kept, setKept] = useState(lines);
  const same = kept.length === lines.length && kept.every((line, i) => line.series === lines[i]?.series);
  if (same) return kept;
  setKept(lines);
  return lines;
}
