import { describeVerdict } from "@peerscope/observer";
import type { CallAnalysis, ScoreClass } from "@peerscope/schema";
import type { SessionSummary } from "@peerscope/schema/api";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { useNow } from "../frame/clock.ts";
import { Failure } from "../frame/fallbacks.tsx";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { ClassShape } from "../frame/state-mark.tsx";
import { useZone } from "../frame/zone.ts";
import { RequestError } from "../queries/fetch-json.ts";
import { callQuery } from "../queries/sessions.ts";
import { namedObservation } from "../words/causes.ts";
import { classWords, shortId } from "../words/labels.ts";
import { plural } from "../words/numbers.ts";
import { duration, when } from "../words/time.ts";
import { isCallAnalysis } from "./call-analysis.ts";
import { CallFindings } from "./call-findings.tsx";
import { useProject } from "../frame/project.ts";
import { CallMatrix } from "./call-matrix.tsx";
import { CallSessions, spanOf } from "./call-sessions.tsx";
import { Advice, Confidence, Reasons } from "../session/verdict-parts.tsx";

/** Who was in the call, how it was for each, and what the sessions together say about the cause. */
export function CallPage(): React.ReactNode {
  const { id } = useParams({ from: "/calls/$id" });
  const query = useQuery(callQuery(id, useProject()));
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
  const names = namesOf(sessions);
  const analysis = isCallAnalysis(query.data.analysis) ? query.data.analysis : null;
  return (
    <div className="flex flex-col gap-3 px-4 py-4 md:px-6">
      <CallVerdict id={id} sessions={sessions} analysis={analysis} />
      {analysis !== null && sessions.length > 1 && (
        <PanelBoundary what="The matrix of the call">
          <CallMatrix analysis={analysis} names={names} />
        </PanelBoundary>
      )}
      {analysis !== null && analysis.observations.length > 0 && (
        <PanelBoundary what="What only the call shows">
          <CallFindings analysis={analysis} names={names} />
        </PanelBoundary>
      )}
      <PanelBoundary what="The sessions">
        <CallSessions sessions={sessions} pairs={analysis?.pairs ?? null} />
      </PanelBoundary>
    </div>
  );
}

/** What people are called: their user id, numbered when the same person was there twice. */
function namesOf(sessions: readonly SessionSummary[]): ReadonlyMap<string, string> {
  const seen = new Map<string, number>();
  return new Map(
    sessions.map(({ sessionId, userId }) => {
      const name = userId ?? shortId(sessionId);
      const ordinal = (seen.get(name) ?? 0) + 1;
      seen.set(name, ordinal);
      return [sessionId, ordinal === 1 ? name : `${name} (${ordinal})`];
    }),
  );
}

interface VerdictProps {
  readonly id: string;
  readonly sessions: readonly SessionSummary[];
  readonly analysis: CallAnalysis | null;
}

/** Whose it was, with names, how sure that is, and how it was for everybody: never a mean alone. */
function CallVerdict({ id, sessions, analysis }: VerdictProps): React.ReactNode {
  const zone = useZone();
  const now = useNow(30_000);
  const { start, end } = spanOf(sessions);
  // The rows only carry the ids of what was noticed; the words need no more.
  const noticed = [...new Set(sessions.flatMap((session) => session.observationIds))];
  const words =
    analysis === null
      ? null
      : describeVerdict(analysis.verdict, noticed.map(namedObservation), { people: analysis.people ?? null });
  const quiet = analysis?.verdict.statedCause === null && noticed.length === 0;
  return (
    <section
      className="card overflow-hidden"
      aria-labelledby="verdict-headline"
      data-testid="verdict"
      data-stated-cause={analysis?.verdict.statedCause ?? ""}
      data-fault-domain={analysis?.verdict.faultDomain ?? ""}
    >
      <div className="grid lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="p-5">
          <h1
            id="verdict-headline"
            data-testid="verdict-headline"
            className="text-lg leading-snug font-semibold tracking-tight text-pretty"
          >
            {words === null ? "Nothing is known about this call yet" : words.headline}
          </h1>
          {words !== null && analysis !== null && !quiet && (
            <>
              <Confidence word={words.confidenceWord} signals={analysis.verdict.for.length} />
              <Reasons {...words} />
            </>
          )}
          {sessions.length === 1 && (
            <p className="mt-3 text-table text-ink-soft">
              Only one side was measured, which limits the verdict.
            </p>
          )}
        </div>
        <aside
          aria-label="Call"
          className="border-line bg-sunken/50 p-5 text-table max-lg:border-t lg:border-l"
        >
          {analysis !== null && analysis.score.mean !== null && <CallScore score={analysis.score} />}
          <ClassCounts sessions={sessions} />
          <dl className="mt-3 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
            <dt className="text-ink-soft">Call</dt>
            <dd className="truncate font-medium" title={id}>
              {id}
            </dd>
            <dt className="text-ink-soft">When</dt>
            <dd>
              {when(start, now, zone)} ({duration(end - start)})
            </dd>
            <dt className="text-ink-soft">Measured</dt>
            <dd>{plural(sessions.length, "session")}</dd>
          </dl>
        </aside>
      </div>
      {words !== null && <Advice>{words.advice}</Advice>}
    </section>
  );
}

function CallScore({ score }: { readonly score: CallAnalysis["score"] }): React.ReactNode {
  const number = (value: number | null): string => (value === null ? "–" : String(Math.round(value)));
  return (
    <dl className="flex gap-8">
      <div>
        <dt className="text-xs text-ink-soft">Mean score</dt>
        <dd className="tnum text-score leading-tight font-semibold">{number(score.mean)}</dd>
      </div>
      <div>
        <dt className="text-xs text-ink-soft">Worst</dt>
        <dd className="tnum text-score leading-tight font-semibold">{number(score.worst)}</dd>
      </div>
    </dl>
  );
}

/** How many had which class: one number hides the person who could not take part. */
function ClassCounts({ sessions }: { readonly sessions: readonly SessionSummary[] }): React.ReactNode {
  const classes = new Map<ScoreClass, number>();
  for (const { scoreClass } of sessions) classes.set(scoreClass, (classes.get(scoreClass) ?? 0) + 1);
  return (
    <p className="mt-2 flex flex-wrap gap-x-4 gap-y-1">
      {[...classes].map(([name, count]) => (
        <span key={name} className="inline-flex items-center gap-1.5">
          <ClassShape of={name} size={12} />
          {count} {classWords[name].toLowerCase()}
        </span>
      ))}
    </p>
  );
}
