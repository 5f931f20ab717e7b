import { describeObservation } from "@peerscope/observer";
import type { CallAnalysis } from "@peerscope/schema";
import { SeverityShape } from "../frame/state-mark.tsx";
import { useZone } from "../frame/zone.ts";
import { Sentence } from "../words/code.tsx";
import { severityWords } from "../words/labels.ts";
import { clock, duration } from "../words/time.ts";

interface Props {
  readonly analysis: CallAnalysis;
  readonly names: ReadonlyMap<string, string>;
}

/** Observations that no session shows by itself: they need everybody's recording side by side. */
export function CallFindings({ analysis, names }: Props): React.ReactNode {
  const zone = useZone();
  return (
    <section className="card overflow-hidden" aria-label="What only the call shows">
      <h2 className="border-b border-line px-4 py-2 font-semibold">What only all recordings together show</h2>
      <ol className="divide-y divide-line">
        {analysis.observations.map((observation) => {
          const words = describeObservation(observation);
          const who = names.get(observation.scope.sessionId);
          const isExplained = analysis.explained.some(({ key }) => key === observation.key);
          const lasted =
            observation.clearedAt === null ? null : duration(observation.clearedAt - observation.startedAt);
          return (
            <li key={observation.key} className="flex gap-3 px-4 py-2.5 text-table">
              <span className="pt-1">
                <SeverityShape of={observation.severity} />
              </span>
              <div className="min-w-0">
                <p className="font-medium">
                  {words.title}
                  {who !== undefined && <span className="text-ink-soft">, {who}</span>}
                  <span className="sr-only">, {severityWords[observation.severity]}</span>
                </p>
                <p className="mt-0.5 text-ink-soft">
                  <Sentence>{words.sentence}</Sentence>
                </p>
                <p className="mt-0.5 text-xs text-ink-soft">
                  {clock(observation.startedAt, zone)}
                  {lasted === null ? ", still open at the end" : `, for ${lasted}`}
                  {isExplained && ". Follows from something else in this call"}
                </p>
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
