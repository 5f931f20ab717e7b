import { useSyncExternalStore } from "react";
import type { TimeView } from "../charts/time-view.ts";
import type { TimeRange } from "../url/search.ts";

/** The visible window; renders again only when it changes, not when the cursor moves. */
export function useRange(view: TimeView): TimeRange {
  return useSyncExternalStore(view.subscribe, () => view.state().range);
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
