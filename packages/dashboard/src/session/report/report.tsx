import { describeScoreReason, describeVerdict } from "@peerscope/observer";
import type { SessionAnalysis } from "@peerscope/schema";
import type { SessionTraits } from "@peerscope/schema/api";
import { useNow } from "../../frame/clock.ts";
import { PanelBoundary } from "../../frame/panel-boundary.tsx";
import { machine } from "../../words/labels.ts";
import { plural } from "../../words/numbers.ts";
import { clock, day, duration } from "../../words/time.ts";
import { quietWords } from "../../words/unscored.ts";
import { adviceOf, headlineOf, isQuiet } from "../call-side.ts";
import { useSession, useSnapshot, useTimeWords } from "../context.tsx";
import { EvidenceCharts } from "../evidence-charts.tsx";
import { InTheCall } from "../in-the-call.tsx";
import { useMoments } from "../notes/use-moments.ts";
import { useCallSide } from "../use-call-side.ts";
import { ScoreNumber } from "../verdict-card.tsx";
import { Confidence } from "../verdict-parts.tsx";
import { ReportEnvironment } from "./report-environment.tsx";
import { ReportObservations } from "./report-observations.tsx";
import { Facts, ReportList, ReportSection } from "./report-parts.tsx";

/** "Europe/Berlin": paper is read in other time zones too. */
const ownZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

interface Props {
  readonly analysis: SessionAnalysis;
  /** What the list of sessions knows of it; null while that is not there. */
  readonly traits: SessionTraits | null;
}

/** The whole answer on one to three sheets: what, when, whose, how sure, why, and what was noticed meanwhile. */
export function Report({ analysis, traits }: Props): React.ReactNode {
  const { store, zone, start } = useSession();
  const { problems, phase } = useSnapshot(store);
  const now = useNow(60_000);
  const side = useCallSide(store, analysis);
  const { verdict, observations, score, end, context } = analysis;
  const words = describeVerdict(verdict, observations, { sessionStart: start });
  const quiet = isQuiet(analysis);
  const address = `${location.origin}/sessions/${encodeURIComponent(analysis.sessionId)}`;
  return (
    <article
      className="card mx-auto max-w-[46rem] p-8 max-sm:p-4 print:max-w-none print:rounded-none print:border-0 print:p-0 print:shadow-none"
      aria-labelledby="report-title"
      aria-busy={phase === "loading"}
      data-testid="report"
    >
      <header className="border-b-2 border-ink pb-3">
        <p className="flex justify-between gap-4 text-xs text-ink-soft">
          <span>Peerscope session report</span>
          <span className="tnum">
            {day(now, 0, zone)} {clock(now, zone)}
          </span>
        </p>
        <h1
          id="report-title"
          className="mt-2 text-lg leading-snug font-semibold tracking-tight text-pretty wrap-anywhere"
        >
          {headlineOf(analysis, words.headline)}
        </h1>
        {!quiet && <Confidence word={words.confidenceWord} signals={verdict.for.length} />}
      </header>
      <Facts
        facts={[
          ["User", analysis.userId ?? analysis.peer ?? "not told"],
          ["Call", analysis.callId],
          [
            "When",
            `${day(start, 0, zone)}, ${clock(start, zone)} to ${clock(end, zone)} (${zone === "utc" ? "UTC" : ownZone}), ${duration(end - start)}`,
          ],
          [
            "On",
            machine(
              context["browserName"],
              context["browserVersion"],
              context["osName"],
              context["osVersion"],
            ),
          ],
          ["Session", analysis.sessionId],
          ["Look at it", address],
        ]}
      />
      {(phase === "live" || phase === "loading") && (
        <p className="mt-2 text-table text-ink-soft">
          {phase === "live"
            ? "The session was still going on when this was made."
            : "The recording was still being read when this was made: charts, devices and reports may be missing."}
        </p>
      )}

      <ReportSection title="What to tell them">
        <p>{adviceOf(analysis, words.advice, side)}</p>
        <InTheCall analysis={analysis} side={side} />
      </ReportSection>

      {quiet ? (
        <ReportSection title="Why we think so">
          <p className="text-table">{quietWords(analysis)}</p>
        </ReportSection>
      ) : (
        <>
          <div className="grid grid-cols-2 gap-x-6 max-sm:grid-cols-1 print:grid-cols-2">
            <ReportSection title="Why we think so">
              <ReportList lines={words.forLines} none="No single signal stands out" />
            </ReportSection>
            <ReportSection title="Against">
              <ReportList lines={words.againstLines} none="Nothing speaks against it" />
            </ReportSection>
          </div>
          <ReportSection title="Missing">
            <ReportList lines={words.missingLines} none="Nothing that would change this" />
          </ReportSection>
        </>
      )}

      <PanelBoundary what="The evidence">
        <EvidenceCharts analysis={analysis} onPaper />
      </PanelBoundary>

      <ReportSection title="Experience score">
        <div className="grid break-inside-avoid grid-cols-[11rem_minmax(0,1fr)] items-start gap-x-6 gap-y-2 max-sm:grid-cols-1 print:grid-cols-[11rem_minmax(0,1fr)]">
          <ScoreNumber
            value={score.value}
            of={score.class}
            reason={score.reason}
            coverage={score.coverage}
            goodMinutes={score.goodMinutes}
          />
          <LostPoints analysis={analysis} />
        </div>
      </ReportSection>

      <PanelBoundary what="The reports and notes">
        <Moments />
      </PanelBoundary>
      <ReportObservations observations={observations} />
      <PanelBoundary what="Devices and network">
        <ReportEnvironment traits={traits} />
      </PanelBoundary>

      {problems.length > 0 && (
        <ReportSection title="What could not be read">
          <p className="text-table">
            {plural(problems.length, "part")} of the recording could not be read; everything else was looked
            at.
          </p>
        </ReportSection>
      )}
      <footer className="mt-6 border-t border-line pt-2 text-xs text-ink-soft">
        Times are counted from the start of the session unless they name a day. Catalogue{" "}
        {analysis.catalogVersion}, score model {score.modelVersion}.
      </footer>
    </article>
  );
}

/** Every lost point, the most first. */
function LostPoints({ analysis: { score } }: { readonly analysis: SessionAnalysis }): React.ReactNode {
  const { start } = useSession();
  if (score.value === null) return null;
  if (score.reasons.length === 0) return <p className="text-table text-ink-soft">No point was lost.</p>;
  const reasons = score.reasons.toSorted((a, b) => b.points - a.points);
  return (
    <table className="w-full text-table">
      <caption className="sr-only">Lost points</caption>
      <thead>
        <tr className="text-left text-xs text-ink-soft">
          <th scope="col" className="w-14 pr-3 text-right font-semibold">
            Lost
          </th>
          <th scope="col" className="font-semibold">
            For
          </th>
          <th scope="col" className="text-right font-semibold">
            When
          </th>
        </tr>
      </thead>
      <tbody>
        {reasons.map((reason) => {
          const { points, title, time } = describeScoreReason(reason, { sessionStart: start });
          return (
            <tr
              key={`${reason.term} ${reason.subject} ${reason.from}`}
              className="break-inside-avoid border-t border-line align-baseline"
            >
              <td className="tnum py-0.5 pr-3 text-right font-semibold">−{points}</td>
              <td className="py-0.5">
                {title} <span className="text-ink-soft">· {reason.subject}</span>
              </td>
              <td className="tnum py-0.5 text-right whitespace-nowrap">{time ?? ""}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** What the user reported, and what people wrote about it. */
function Moments(): React.ReactNode {
  const words = useTimeWords();
  const { zone } = useSession();
  const moments = useMoments();
  if (moments.length === 0) return null;
  return (
    <ReportSection title="Reports of the user, notes">
      <ul className="flex flex-col gap-1.5 text-table">
        {moments.map((moment) => (
          <li
            key={moment.kind === "note" ? moment.note.noteId : `issue ${moment.issue.key}`}
            className="grid break-inside-avoid grid-cols-[4.5rem_minmax(0,1fr)] gap-x-3"
          >
            <span className="tnum font-semibold">{words(moment.at, true)}</span>
            <div className="min-w-0">
              <p className="text-ink-soft">
                {moment.kind === "note" ? (
                  <>
                    Note of <bdi className="wrap-anywhere">{moment.note.createdByName}</bdi>,{" "}
                    {day(moment.note.createdAt, 0, zone)} {clock(moment.note.createdAt, zone)}
                  </>
                ) : (
                  <>
                    Reported by the user, code{" "}
                    <bdi className="font-mono text-xs">{moment.issue.code.slice(0, 40)}</bdi>
                  </>
                )}
              </p>
              <p dir="auto" className="wrap-anywhere whitespace-pre-wrap">
                {moment.kind === "note" ? moment.note.text : (moment.issue.text ?? "")}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </ReportSection>
  );
}
