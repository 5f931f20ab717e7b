import { describeScoreReason } from "@peerscope/observer";
import type { SessionScore } from "@peerscope/schema";
import { useSession } from "./context.tsx";
import { withMargin } from "./evidence.ts";

/** Every lost point with its name and when; a click goes there. A score without its deductions is not shown. */
export function ScoreReasons({ score }: { readonly score: SessionScore }): React.ReactNode {
  const { view, start, setSearch } = useSession();
  if (score.value === null) return null;
  const reasons = [...score.reasons].sort((a, b) => b.points - a.points);
  if (reasons.length === 0) {
    return <p className="mt-3 text-table text-ink-soft">100, and no point was lost.</p>;
  }
  return (
    <div className="mt-3">
      <h2 className="eyebrow mb-1">Lost points</h2>
      <ul className="max-h-60 overflow-y-auto text-table">
        {reasons.map((reason) => {
          const words = describeScoreReason(reason, { sessionStart: start });
          return (
            <li key={`${reason.term} ${reason.subject} ${reason.from}`}>
              <button
                type="button"
                className="-mx-2 flex min-h-7 w-[calc(100%+1rem)] items-baseline gap-2 rounded px-2 py-0.5 text-left hover:bg-sunken"
                title="Show this time in the charts"
                onClick={() => {
                  setSearch({ tab: undefined });
                  view.show(withMargin((reason.from - start) / 1000, (reason.to - start) / 1000));
                }}
              >
                <span className="tnum w-9 shrink-0 text-right font-semibold">−{words.points}</span>
                <span className="min-w-0">
                  {words.title}
                  <span className="text-ink-soft"> · {reason.subject}</span>
                </span>
                {words.time !== null && (
                  <span className="tnum ml-auto shrink-0 text-xs text-ink-soft">
                    {words.time.replace(" to ", "–")}
                  </span>
                )}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
