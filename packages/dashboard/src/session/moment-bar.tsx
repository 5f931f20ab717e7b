import { useSession, useTimeWords } from "./context.tsx";
import type { ReportsAtCursor } from "./use-reports.ts";

/** Says which moment a report is from, and moves it. */
export function MomentBar({ at, isNewest }: Pick<ReportsAtCursor, "at" | "isNewest">): React.ReactNode {
  const { analysis, view, start } = useSession();
  const end = analysis?.end ?? start;
  const words = useTimeWords();
  return (
    <>
      <span className="text-table text-ink-soft">
        Latest report at <span className="tnum font-medium text-ink">{words(at, true)}</span>
        {isNewest ? " (newest)" : ""}
      </span>
      <input
        type="range"
        className="h-6 min-w-40 flex-1 accent-accent"
        aria-label="Time of the report"
        aria-valuetext={words(at, true)}
        min={0}
        max={Math.max(1, (end - start) / 1000)}
        step={1}
        value={(at - start) / 1000}
        onChange={(event) => view.setAt(Number(event.target.value), true)}
      />
    </>
  );
}
