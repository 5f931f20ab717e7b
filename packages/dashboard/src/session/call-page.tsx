import { describeVerdict } from "@peerscope/observer";
import type { CallAnalysis, ScoreClass } from "@peerscope/schema";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { useNow } from "../frame/clock.ts";
import { Failure } from "../frame/fallbacks.tsx";
import { ClassShape, LiveMark, ScoreBadge } from "../frame/state-mark.tsx";
import { useZone } from "../frame/zone.ts";
import { RequestError } from "../queries/fetch-json.ts";
import { callQuery } from "../queries/sessions.ts";
import { causeWords, namedObservation } from "../words/causes.ts";
import { browserWords, classWords } from "../words/labels.ts";
import { plural } from "../words/numbers.ts";
import { duration, when } from "../words/time.ts";

function isCallAnalysis(value: unknown): value is CallAnalysis {
  return typeof value === "object" && value !== null && "verdict" in value && "score" in value;
}

/** Who was in the call, how it was for each, and what the sessions together say about the cause. */
export function CallPage(): React.ReactNode {
  const { id } = useParams({ from: "/calls/$id" });
  const query = useQuery(callQuery(id));
  const zone = useZone();
  const now = useNow(30_000);
  useEffect(() => {
    document.title = `${id} – Call – Peerscope`;
  }, [id]);

  if (query.isError && query.data === undefined) {
    const unknown = query.error instanceof RequestError && query.error.status === 404;
    return (
      <Failure
        title={unknown ? "There is no such call" : "The call could not be loaded"}
        detail={unknown ? "No recorded session names this call." : query.error.message}
        code={query.error instanceof RequestError ? query.error.code : null}
        onRetry={() => void query.refetch()}
      >
        <Link to="/sessions" className="btn">
          All sessions
        </Link>
      </Failure>
    );
  }
  if (query.data === undefined) {
    return (
      <div className="flex flex-col gap-3 px-6 py-4" aria-busy="true">
        <div className="skeleton h-32" />
        <div className="skeleton h-48" />
      </div>
    );
  }

  const { sessions } = query.data;
  const analysis = isCallAnalysis(query.data.analysis) ? query.data.analysis : null;
  const start = Math.min(...sessions.map((session) => session.startedAt));
  const end = Math.max(...sessions.map((session) => session.lastAt));
  const span = Math.max(1, end - start);
  const sorted = [...sessions].sort((a, b) => (a.score ?? -1) - (b.score ?? -1) || a.startedAt - b.startedAt);
  const classes = new Map<ScoreClass, number>();
  for (const session of sessions) classes.set(session.scoreClass, (classes.get(session.scoreClass) ?? 0) + 1);
  // The rows only carry the ids of what was noticed; the words need no more.
  const noticed = [...new Set(sessions.flatMap((session) => session.observationIds))];
  const words = analysis === null ? null : describeVerdict(analysis.verdict, noticed.map(namedObservation));

  return (
    <div className="flex flex-col gap-3 px-4 py-4 md:px-6">
      <section className="card p-5" aria-labelledby="call-headline">
        <h1
          id="call-headline"
          data-testid="verdict-headline"
          className="max-w-3xl text-lg leading-snug font-semibold tracking-tight"
        >
          {words === null ? "Nothing is known about this call yet" : words.headline}
        </h1>
        <p className="mt-1 flex flex-wrap items-center gap-x-4 gap-y-1 text-table text-ink-soft">
          <span>
            Call <span className="font-medium text-ink">{id}</span>
          </span>
          <span>
            {when(start, now, zone)} ({duration(end - start)})
          </span>
          <span>{plural(sessions.length, "measured session")}</span>
          {analysis !== null && analysis.score.mean !== null && (
            <span>
              mean score <span className="tnum font-medium text-ink">{Math.round(analysis.score.mean)}</span>,
              worst <span className="tnum font-medium text-ink">{Math.round(analysis.score.worst ?? 0)}</span>
            </span>
          )}
          {[...classes].map(([name, count]) => (
            <span key={name} className="inline-flex items-center gap-1">
              <ClassShape of={name} size={10} />
              {count} {classWords[name].toLowerCase()}
            </span>
          ))}
        </p>
        {sessions.length === 1 && (
          <p className="mt-2 text-table text-ink-soft">
            Only one side was measured, which limits the verdict.
          </p>
        )}
        {words !== null && (
          <div className="mt-4 grid gap-x-6 gap-y-3 text-table sm:grid-cols-3">
            <List title="Why we think so" lines={words.forLines} none="No single signal stands out" />
            <List title="Against" lines={words.againstLines} none="Nothing speaks against it" />
            <List title="Missing" lines={words.missingLines} none="Nothing that would change this" />
          </div>
        )}
      </section>
      <div className="card overflow-x-auto">
        <table className="w-full min-w-[44rem] text-table">
          <caption className="sr-only">Sessions of the call, worst first</caption>
          <thead>
            <tr className="text-left text-xs text-ink-soft">
              {["User", "Score", "Cause", "Browser", "In the call"].map((title) => (
                <th key={title} scope="col" className="h-9 border-b border-line px-3 font-semibold">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.map((session) => {
              const what = causeWords(session);
              return (
                <tr
                  key={session.sessionId}
                  data-session-id={session.sessionId}
                  className="group h-10 hover:bg-sunken"
                >
                  <th
                    scope="row"
                    className="border-b border-line px-3 text-left font-medium group-last:border-b-0"
                  >
                    <span className="flex items-center gap-2">
                      <Link
                        to="/sessions/$id"
                        params={{ id: session.sessionId }}
                        className="link max-w-48 truncate py-1"
                      >
                        {session.userId ?? session.sessionId.slice(0, 8)}
                      </Link>
                      {session.live && <LiveMark />}
                    </span>
                  </th>
                  <td className="border-b border-line px-3 group-last:border-b-0">
                    <ScoreBadge score={session.score} of={session.scoreClass} />
                  </td>
                  <td className="border-b border-line px-3 group-last:border-b-0">
                    {what.what}
                    {what.where !== null && <span className="ml-2 text-xs text-ink-soft">{what.where}</span>}
                  </td>
                  <td className="border-b border-line px-3 text-ink-soft group-last:border-b-0">
                    {browserWords(session.browser, session.os)}
                  </td>
                  <td className="w-64 border-b border-line px-3 group-last:border-b-0">
                    <span className="sr-only">
                      from {duration(session.startedAt - start)} to {duration(session.lastAt - start)}
                    </span>
                    <span className="relative block h-2 rounded-full bg-sunken" aria-hidden>
                      <span
                        className="absolute inset-y-0 min-w-1 rounded-full bg-accent"
                        style={{
                          left: `${((session.startedAt - start) / span) * 100}%`,
                          width: `${((session.lastAt - session.startedAt) / span) * 100}%`,
                        }}
                      />
                    </span>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function List({
  title,
  lines,
  none,
}: {
  readonly title: string;
  readonly lines: readonly string[];
  readonly none: string;
}): React.ReactNode {
  return (
    <div>
      <h2 className="eyebrow mb-1">{title}</h2>
      <ul className="flex flex-col gap-1">
        {lines.length === 0 && <li className="text-ink-soft">{none}</li>}
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}
