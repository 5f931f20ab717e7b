import { Flag } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { useSession, useSnapshot, useTimeWords } from "../context.tsx";
import { toReportCode } from "../../url/report-code.ts";
import { issueOfCode, reportedIssues, type ReportedIssue } from "./reported-issues.ts";

/** Reports that are told about at once; the others are on the timeline. Ours. */
const shownIssues = 4;

/** Seconds on each side of a report that are shown with it: what somebody complains about was before. Ours. */
const aroundSeconds = 30;

/** What the user said while it happened, with the code that they were given. A code in the URL goes to its moment. */
export function ReportedBanner(): React.ReactNode {
  const { store, view, start, search, setSearch } = useSession();
  const { events, phase } = useSnapshot(store);
  const words = useTimeWords();
  const issues = useMemo(() => reportedIssues(events), [events]);
  const wanted = search.code === undefined ? null : issueOfCode(issues, search.code);
  const isKnown = start > 0;
  const gone = useRef<string | null>(null);

  useEffect(() => {
    if (wanted === null || !isKnown || gone.current === wanted.code) return;
    gone.current = wanted.code;
    // Whoever opened the link again may have gone somewhere else since.
    if (search.at !== undefined || search.t !== undefined) return;
    const seconds = (wanted.at - start) / 1000;
    view.show({ from: Math.max(0, seconds - aroundSeconds), to: seconds + aroundSeconds });
    view.setAt(seconds, true);
  }, [wanted, isKnown, start, view, search.at, search.t]);

  const isMissing = search.code !== undefined && wanted === null && phase !== "loading";
  if (issues.length === 0 && !isMissing) return null;
  const listed = [...issues].sort((a, b) => Number(b === wanted) - Number(a === wanted) || a.at - b.at);
  const show = (issue: ReportedIssue): void => {
    const seconds = (issue.at - start) / 1000;
    setSearch({ tab: undefined, code: issue.code });
    view.show({ from: Math.max(0, seconds - aroundSeconds), to: seconds + aroundSeconds });
    view.setAt(seconds, true);
  };
  return (
    <div className="flex gap-2 rounded-md border border-accent px-3 py-1.5 text-table" data-testid="reported">
      <Flag className="mt-1 size-4 shrink-0 text-accent" aria-hidden />
      <ul className="flex min-w-0 flex-col gap-1" aria-label="Reported by the user">
        {listed.slice(0, shownIssues).map((issue) => (
          <li
            key={issue.key}
            aria-current={issue === wanted ? "true" : undefined}
            className={`min-h-6 wrap-anywhere ${issue === wanted ? "font-semibold" : ""}`}
          >
            The user reported{issue.text === null ? " a problem" : ": "}
            {issue.text !== null && (
              <>
                “<bdi>{issue.text.slice(0, 500)}</bdi>”
              </>
            )}{" "}
            at{" "}
            <button type="button" className="link tnum min-h-6" onClick={() => show(issue)}>
              {words(issue.at, true)}
            </button>
            , code <bdi className="font-mono text-xs">{issue.code.slice(0, 40)}</bdi>
          </li>
        ))}
        {issues.length > shownIssues && (
          <li className="text-ink-soft">and {issues.length - shownIssues} more on the timeline</li>
        )}
        {isMissing && (
          <li role="status">
            The report <bdi className="font-mono text-xs">{toReportCode(search.code ?? "")}</bdi> is not in
            what was recorded of this session. It was made in it, so the moment is lost, not the session.
          </li>
        )}
      </ul>
    </div>
  );
}
