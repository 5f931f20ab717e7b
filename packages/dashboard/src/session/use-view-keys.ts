import type { Observation, SessionAnalysis } from "@peerscope/schema";
import { copyText } from "../frame/announce.tsx";
import { useKeys } from "../frame/keys.ts";
import type { SessionContextValue } from "./context.tsx";
import { withMargin } from "./evidence.ts";
import { viewLink } from "./view-link.ts";

/**
 * Keys of a session page. Without an analysis there is nothing to step through, and no ticket to write. Gives what goes
 * to the next observation or the one before: its buttons work also when single letters are no shortcuts.
 */
export function useViewKeys(
  session: SessionContextValue,
  analysis: SessionAnalysis | null,
  copyTicket: (() => void) | null,
): (step: 1 | -1) => void {
  const { view, start, search, setSearch, axis, writeNote } = session;

  const goObservation = (step: 1 | -1): void => {
    const sorted = [...(analysis?.observations ?? [])].sort((a, b) => a.startedAt - b.startedAt);
    if (sorted.length === 0) return;
    const here = sorted.findIndex((observation) => observation.key === search.obs);
    const next: Observation | undefined =
      sorted[(here + step + sorted.length + (here < 0 && step < 0 ? 1 : 0)) % sorted.length];
    if (next === undefined) return;
    const end = next.clearedAt ?? analysis?.end ?? next.startedAt;
    setSearch({ obs: next.key });
    view.show(withMargin((next.startedAt - start) / 1000, (end - start) / 1000));
    view.setAt((next.startedAt - start) / 1000, true);
  };
  const moveCursor = (seconds: number): void => {
    const { at, range } = view.state();
    view.setAt((at ?? (seconds > 0 ? range.from : range.to)) + seconds, true);
  };
  const setEdge = (edge: "from" | "to"): void => {
    const { at, range } = view.state();
    if (at === null) return;
    const next = { ...range, [edge]: at };
    if (next.to > next.from) view.show(next);
  };

  useKeys({
    n: () => goObservation(1),
    p: () => goObservation(-1),
    ArrowLeft: () => moveCursor(-1),
    ArrowRight: () => moveCursor(1),
    "Shift+ArrowLeft": () => view.pan(-0.25),
    "Shift+ArrowRight": () => view.pan(0.25),
    "+": () => view.zoom(0.5),
    "=": () => view.zoom(0.5),
    "-": () => view.zoom(2),
    "0": () => view.reset(),
    "[": () => setEdge("from"),
    "]": () => setEdge("to"),
    " ": () => {
      const { at, pinned } = view.state();
      view.setAt(at, !pinned);
    },
    t: () => setSearch({ axis: axis === "rel" ? "abs" : undefined }),
    y: () => void copyText(viewLink(), "Link"),
    c: () => copyTicket?.(),
    m: () => writeNote?.(),
  });
  return goObservation;
}
