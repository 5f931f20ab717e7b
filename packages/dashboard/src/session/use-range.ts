import { useEffect, useState, useSyncExternalStore } from "react";
import type { TimeView } from "../charts/time-view.ts";
import type { TimeRange } from "../url/search.ts";

/** The visible window; renders again only when it changes, not when the cursor moves. */
export function useRange(view: TimeView): TimeRange {
  return useSyncExternalStore(view.subscribe, () => view.state().range);
}

/** Time without a change after which a window is worth being told in words, in milliseconds. Ours. */
const settledMs = 400;

/** The visible window once it stays: for what costs more than a frame. */
export function useSettledRange(view: TimeView): TimeRange {
  const [range, setRange] = useState(() => view.state().range);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settle = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => setRange(view.state().range), settledMs);
    };
    settle();
    const unsubscribe = view.subscribe((state, before) => {
      if (state.range !== before.range) settle();
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [view]);
  return range;
}

export function useExtent(view: TimeView): TimeRange {
  return useSyncExternalStore(view.subscribe, () => view.state().extent);
}

export function useChosen(view: TimeView): boolean {
  return useSyncExternalStore(view.subscribe, () => view.state().chosen);
}

/** Where the cursor is. Renders with every move: only for small parts. */
export function useCursor(view: TimeView): number | null {
  return useSyncExternalStore(view.subscribe, () => view.state().at);
}
