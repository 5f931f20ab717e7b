import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Copy, FolderOpen, Video } from "lucide-react";
import { copyText } from "../frame/announce.tsx";
import { useProject } from "../frame/project.ts";
import { projectQuery } from "../queries/sessions.ts";
import { omit, type SessionsSearch } from "../url/search.ts";
import { nearCodesQuery } from "../queries/report-codes.ts";
import { isReportCode, toReportCode } from "../url/report-code.ts";
import { ScoreBadge } from "../frame/state-mark.tsx";
import { nearestQuery, totalQuery } from "../queries/explorer.ts";
import { causeWords } from "../words/causes.ts";
import { count, plural } from "../words/numbers.ts";
import { When } from "./columns.tsx";
import { filterParts, withoutFilter } from "./filter-bar.tsx";
import { strangeWords } from "./filter-state.ts";
import { SessionsSkeleton } from "./sessions-table.tsx";

/** Nothing recorded yet: the three lines that change that, and two ways to look around before. */
export function EmptyProject(): React.ReactNode {
  const project = useQuery(projectQuery(useProject()));
  const snippet = [
    `<script src="${location.origin}/sdk/peerscope.iife.js"></script>`,
    "<script>",
    `  Peerscope.start({ url: "${location.origin}", token: "${project.data?.ingestKey ?? "…"}", user: "kim", call: "stand-up" });`,
    "</script>",
  ];
  return (
    <section className="card mx-auto mt-8 max-w-3xl p-8">
      <h2 className="text-lg font-semibold">Nothing recorded yet</h2>
      <p className="mt-1 text-ink-soft">
        Put these lines into the head of the page that makes the calls, before anything creates a peer
        connection. The first sample appears here within seconds.
      </p>
      <div className="relative mt-4">
        <pre
          tabIndex={0}
          role="region"
          aria-label="Code of the SDK"
          className="overflow-x-auto rounded-md border border-line bg-sunken p-4 pr-12 font-mono text-xs leading-relaxed"
        >
          {snippet.join("\n")}
        </pre>
        <button
          type="button"
          className="btn absolute top-2 right-2"
          onClick={() => void copyText(snippet.join("\n"), "Snippet")}
        >
          <Copy className="size-3.5" aria-hidden />
          Copy
        </button>
      </div>
      <div className="mt-6 grid gap-3 sm:grid-cols-2">
        <a href="/demo" className="card flex items-start gap-3 p-4 hover:border-accent">
          <Video className="mt-0.5 size-5 text-accent" aria-hidden />
          <span>
            <span className="block font-medium">Open the demo call</span>
            <span className="text-table text-ink-soft">
              A real call in this browser, with problems at the push of a button.
            </span>
          </span>
        </a>
        <Link to="/dump" className="card flex items-start gap-3 p-4 hover:border-accent">
          <FolderOpen className="mt-0.5 size-5 text-accent" aria-hidden />
          <span>
            <span className="block font-medium">Open a dump</span>
            <span className="text-table text-ink-soft">
              Look at a recording from a file. It never leaves this browser.
            </span>
          </span>
        </Link>
      </div>
    </section>
  );
}

/** No call is left: because no session matches, or because those that do name none. */
export function CallsFilteredAway({ search }: { readonly search: SessionsSearch }): React.ReactNode {
  const total = useQuery(totalQuery(search));
  if (total.isPending) return <SessionsSkeleton />;
  const sessions = total.data ?? 0;
  if (sessions === 0) return <FilteredAway search={search} what="call" />;
  return (
    <section className="card mx-auto mt-8 max-w-2xl p-8">
      <h2 className="text-lg font-semibold">No call to show</h2>
      <p className="mt-1 text-ink-soft">
        {plural(
          sessions,
          "session matches, but it does not name a call",
          "sessions match, but none of them names a call",
        )}
        .
      </p>
      <Link to="/sessions" search={omit(search, "show")} className="btn mt-4">
        {sessions === 1 ? "Show the session" : "Show the sessions"}
      </Link>
    </section>
  );
}

/** Something is recorded, but the filters hide it: name the one that hides most, and offer to drop each. */
export function FilteredAway({
  search,
  what = "session",
}: {
  readonly search: SessionsSearch;
  readonly what?: "session" | "call";
}): React.ReactNode {
  const parts = filterParts(search);
  const strange = strangeWords(search.q ?? "");
  const code = search.q !== undefined && isReportCode(search.q) ? toReportCode(search.q) : null;
  const totals = useQueries({ queries: parts.map(({ without }) => totalQuery(without)) });
  const withTotals = parts.map((part, index) => ({ ...part, total: totals[index]?.data ?? null }));
  const most = withTotals.toSorted((a, b) => (b.total ?? 0) - (a.total ?? 0))[0];
  return (
    <section className="card mx-auto mt-8 max-w-2xl p-8">
      <h2 className="text-lg font-semibold">No {what} matches</h2>
      <p className="mt-1 text-ink-soft">
        There are recorded sessions, but none with {parts.map(({ words }) => words).join(" and ")}.{" "}
        {most !== undefined && parts.length > 1 && (most.total ?? 0) > 0 ? (
          <>
            Most are hidden by <strong className="font-semibold text-ink">{most.words}</strong>: without it{" "}
            {plural(most.total ?? 0, "session matches", "sessions match")}.
          </>
        ) : parts.length > 1 && withTotals.every(({ total }) => total === 0) ? (
          "No single one of them is the reason: without any one of them there is still nothing."
        ) : strange.length > 0 ? (
          <>
            {strange.join(" ")} is no filter and was looked for as text. A number is compared, as in{" "}
            <code>score&lt;60</code>; how it was is a word, as in <code>score:poor</code>.
          </>
        ) : (
          "The commonest reason is a day boundary in another time zone, or an id that was cut off."
        )}
      </p>
      <div className="mt-4 flex flex-wrap gap-2">
        {parts.length > 1 &&
          withTotals.map(({ words, without, total }) => (
            <Link key={words} to="/sessions" search={without} className="btn max-w-80">
              <span className="truncate">Clear {words}</span>
              {total !== null && <span className="tnum text-ink-soft">{count(total)}</span>}
            </Link>
          ))}
        <Link to="/sessions" search={withoutFilter(search, "all")} className="btn">
          {parts.length > 1 ? "Clear all filters" : "Clear the filter"}
        </Link>
      </div>
      {code !== null && <UnknownCode code={code} />}
      <Nearest search={search} />
    </section>
  );
}

/** What looks like a code that somebody read out: why there may be no report of it, and what it may have been. */
function UnknownCode({ code }: { readonly code: string }): React.ReactNode {
  const near = useQuery(nearCodesQuery(code, useProject()));
  return (
    <div className="mt-6 border-t border-line pt-4" data-testid="unknown-code">
      <h3 className="eyebrow">If {code} is a report code</h3>
      <p className="mt-1 text-table text-ink-soft">
        No report with it has arrived in this project. Ask for it again letter by letter: codes have the
        digits 2 to 9 and the letters A to H. A client that is offline sends its report later; a code of
        another project is only found there.
      </p>
      {near.data !== undefined && near.data.length > 0 && (
        <>
          <p className="mt-3 text-table font-medium">One character differs:</p>
          <ul className="mt-1">
            {near.data.slice(0, 5).map(({ code: other, session }) => (
              <li key={session.sessionId}>
                <Link
                  to="/sessions/$id"
                  params={{ id: session.sessionId }}
                  search={{ code: other }}
                  className="flex min-h-9 items-center gap-3 rounded px-2 hover:bg-sunken"
                >
                  <span className="w-20 shrink-0 font-mono text-xs font-semibold">{other}</span>
                  <span className="w-40 shrink-0">
                    <When at={session.startedAt} />
                  </span>
                  <span className="truncate">{causeWords(session).what}</span>
                  <span className="ml-auto max-w-32 shrink-0 truncate text-ink-soft">
                    {session.userId ?? ""}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** Of somebody who was in no session at the time: the sessions before and after. */
function Nearest({ search }: { readonly search: SessionsSearch }): React.ReactNode {
  const nearest = useQuery(nearestQuery(search));
  if (nearest.data === undefined || nearest.data.length === 0) return null;
  return (
    <div className="mt-6 border-t border-line pt-4">
      <h3 className="eyebrow">Nearest before and after</h3>
      <ul className="mt-1">
        {nearest.data.map((session) => (
          <li key={session.sessionId}>
            <Link
              to="/sessions/$id"
              params={{ id: session.sessionId }}
              className="flex min-h-9 items-center gap-3 rounded px-2 hover:bg-sunken"
            >
              <span className="w-40 shrink-0">
                <When at={session.startedAt} />
              </span>
              <span className="w-32 shrink-0">
                <ScoreBadge score={session.score} of={session.scoreClass} />
              </span>
              <span className="truncate">{causeWords(session).what}</span>
              <span className="ml-auto max-w-32 shrink-0 truncate text-ink-soft">{session.userId ?? ""}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
