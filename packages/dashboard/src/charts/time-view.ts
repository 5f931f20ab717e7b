import type { TimeRange } from "../url/search.ts";

/** What part of a session is on the screen, and where the cursor is. Seconds since session start. */
export interface TimeViewState {
  /** Everything there is. */
  readonly extent: TimeRange;
  /** What is visible. */
  readonly range: TimeRange;
  /** The reader chose the range; otherwise it follows the session. */
  readonly chosen: boolean;
  readonly at: number | null;
  /** The cursor stays where it is. */
  readonly pinned: boolean;
}

/**
 * Shared by all charts and lanes of a page, outside React: a moving cursor costs no render. Ranges never leave the
 * extent and never get shorter than a second.
 */
export interface TimeView {
  readonly state: () => TimeViewState;
  readonly subscribe: (listener: (state: TimeViewState, before: TimeViewState) => void) => () => void;
  /** The session got longer, or turned out to be this long. */
  readonly setExtent: (extent: TimeRange, live: boolean) => void;
  readonly show: (range: TimeRange) => void;
  /** Back to what is shown without a choice: everything, or the last minutes of a long live session. */
  readonly reset: () => void;
  /** Zooms around the cursor, or the middle. Below 1 zooms in. */
  readonly zoom: (factor: number, around?: number) => void;
  /** Moves by a share of what is visible. */
  readonly pan: (share: number) => void;
  readonly setAt: (at: number | null, pin?: boolean) => void;
}

/** Longest part of a live session that is shown without a choice, in seconds. Ours. */
const followSeconds = 300;
const shortestSeconds = 1;

export function createTimeView(chosen: TimeRange | null, at: number | null): TimeView {
  const listeners = new Set<(state: TimeViewState, before: TimeViewState) => void>();
  let live = false;
  let known = false;
  let state: TimeViewState = {
    extent: chosen ?? { from: 0, to: 1 },
    range: chosen ?? { from: 0, to: 1 },
    chosen: chosen !== null,
    at,
    pinned: at !== null,
  };

  const change = (patch: Partial<TimeViewState>): void => {
    const before = state;
    state = { ...state, ...patch };
    for (const listener of listeners) listener(state, before);
  };

  const natural = (extent: TimeRange): TimeRange =>
    live && extent.to - extent.from > followSeconds
      ? { from: extent.to - followSeconds, to: extent.to }
      : extent;

  const inside = (range: TimeRange, extent: TimeRange): TimeRange => {
    const whole = Math.max(extent.to - extent.from, shortestSeconds);
    const span = Math.min(Math.max(range.to - range.from, shortestSeconds), whole);
    const middle = (range.from + range.to) / 2;
    const from = Math.min(Math.max(middle - span / 2, extent.from), extent.from + whole - span);
    return { from, to: from + span };
  };

  const reset = (): void => change({ range: natural(state.extent), chosen: false });

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    setExtent(next, isLive) {
      live = isLive;
      const extent = next.to - next.from < shortestSeconds ? { from: next.from, to: next.from + 1 } : next;
      if (known && extent.from === state.extent.from && extent.to === state.extent.to) return;
      known = true;
      change({ extent, range: state.chosen ? state.range : natural(extent) });
    },
    show(range) {
      change({ range: known ? inside(range, state.extent) : range, chosen: true });
    },
    reset,
    zoom(factor, around) {
      const { from, to } = state.range;
      const inSight = state.at !== null && state.at >= from && state.at <= to;
      const centre = around ?? (inSight && state.at !== null ? state.at : (from + to) / 2);
      const span = (to - from) * factor;
      if (span >= state.extent.to - state.extent.from) {
        reset();
        return;
      }
      const share = (centre - from) / (to - from);
      const start = centre - span * share;
      change({ range: inside({ from: start, to: start + span }, state.extent), chosen: true });
    },
    pan(share) {
      const step = (state.range.to - state.range.from) * share;
      const range = { from: state.range.from + step, to: state.range.to + step };
      change({ range: inside(range, state.extent), chosen: true });
    },
    setAt(next, pin = false) {
      const at = next === null ? null : Math.min(Math.max(next, state.extent.from), state.extent.to);
      if (at === state.at && pin === state.pinned) return;
      change({ at, pinned: pin && at !== null });
    },
  };
}
