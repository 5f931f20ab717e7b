import { describeObservation } from "@peerscope/observer";
import type { Observation } from "@peerscope/schema";
import { SeverityShape } from "../../frame/state-mark.tsx";
import { Sentence } from "../../words/code.tsx";
import { severityWords } from "../../words/labels.ts";
import { duration } from "../../words/time.ts";
import { useSession, useTimeWords } from "../context.tsx";
import { ordered } from "../observations-order.ts";
import { ReportSection } from "./report-parts.tsx";

/** Observations on paper; a session of a day has hundreds, and nobody reads those there. Ours. */
const shownObservations = 40;

/** What was noticed, causes first, each with what happened and what to do about it. */
export function ReportObservations({
  observations,
}: {
  readonly observations: readonly Observation[];
}): React.ReactNode {
  const rows = ordered(observations).flatMap(({ observation, effects }) => [
    { observation, isEffect: false },
    ...effects.map((effect) => ({ observation: effect, isEffect: true })),
  ]);
  const left = rows.length - shownObservations;
  return (
    <ReportSection title={`Observations (${observations.length})`}>
      {rows.length === 0 ? (
        <p className="text-table text-ink-soft">Nothing unusual was noticed.</p>
      ) : (
        <ul className="flex flex-col text-table">
          {rows.slice(0, shownObservations).map(({ observation, isEffect }) => (
            <Row key={observation.key} observation={observation} isEffect={isEffect} />
          ))}
        </ul>
      )}
      {left > 0 && (
        <p className="mt-2 text-table text-ink-soft">{left} more are on the page of the session.</p>
      )}
    </ReportSection>
  );
}

interface RowProps {
  readonly observation: Observation;
  /** It is a consequence of the one above. */
  readonly isEffect: boolean;
}

function Row({ observation, isEffect }: RowProps): React.ReactNode {
  const { start } = useSession();
  const words = useTimeWords();
  const { title, sentence, supportAdvice } = describeObservation(observation, { sessionStart: start });
  const { startedAt, clearedAt, severity } = observation;
  return (
    <li
      className={`break-inside-avoid border-t border-line py-1.5 ${isEffect ? "pl-6" : ""}`}
      data-observation-id={observation.id}
    >
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="inline-flex items-center gap-1.5 text-xs">
          <SeverityShape of={severity} />
          {severityWords[severity]}
        </span>
        <span className="font-semibold">{title}</span>
        {isEffect && <span className="text-xs text-ink-soft">a consequence</span>}
        <span className="tnum ml-auto text-xs whitespace-nowrap text-ink-soft">
          {words(startedAt)}
          {clearedAt === null ? ", to the end" : `, ${duration(clearedAt - startedAt)}`}
        </span>
      </p>
      <p className="wrap-anywhere">
        <Sentence>{sentence}</Sentence>
      </p>
      {!isEffect && (
        <p className="wrap-anywhere text-ink-soft">
          <Sentence>{supportAdvice}</Sentence>
        </p>
      )}
    </li>
  );
}
