import { describeVerdict } from "@peerscope/observer";
import { ScoreBadge } from "../frame/state-mark.tsx";
import type { FileCall, FileFacts } from "../worker/messages.ts";
import { causeWords, namedObservation } from "../words/causes.ts";
import { duration } from "../words/time.ts";
import { Advice, Confidence, Reasons } from "./verdict-parts.tsx";

interface Props {
  readonly facts: FileFacts;
  readonly together: FileCall;
  readonly onChoose: (index: number) => void;
}

/** What all sessions of a file together say about their call, and how it was for each. */
export function FileCallView({ facts, together, onChoose }: Props): React.ReactNode {
  const { call, sessions } = together;
  const ids = (index: number): string[] =>
    (sessions[index]?.observations ?? []).filter(({ severity }) => severity !== "info").map(({ id }) => id);
  const noticed = [...new Set(sessions.flatMap((_, index) => ids(index)))];
  const words = describeVerdict(call.verdict, noticed.map(namedObservation), { people: call.people ?? null });
  const cell = "border-b border-line px-3 group-last:border-b-0";
  return (
    <div className="flex flex-col gap-3">
      <section
        className="card overflow-hidden"
        aria-labelledby="verdict-headline"
        data-testid="verdict"
        data-stated-cause={call.verdict.statedCause ?? ""}
        data-fault-domain={call.verdict.faultDomain}
      >
        <div className="p-5">
          <h1
            id="verdict-headline"
            data-testid="verdict-headline"
            className="text-lg leading-snug font-semibold tracking-tight text-pretty"
          >
            {words.headline}
          </h1>
          {(call.verdict.statedCause !== null || noticed.length > 0) && (
            <>
              <Confidence word={words.confidenceWord} signals={call.verdict.for.length} />
              <Reasons {...words} />
            </>
          )}
        </div>
        <Advice>{words.advice}</Advice>
      </section>
      <div className="card overflow-x-auto">
        <table className="w-full text-table">
          <caption className="sr-only">Sessions of the file</caption>
          <thead>
            <tr className="text-left text-xs text-ink-soft">
              {["Participant", "Score", "Cause", "Recorded"].map((title) => (
                <th key={title} scope="col" className="h-9 border-b border-line px-3 font-semibold">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sessions.map((session, index) => {
              const { statedCause, faultDomain } = session.verdict;
              const { score, scoreClass, start, end } = session;
              const what = causeWords({ statedCause, faultDomain, scoreClass, observationIds: ids(index) });
              return (
                <tr key={session.sessionId} className="group h-10 hover:bg-sunken">
                  <th scope="row" className={`${cell} text-left font-medium`}>
                    <button type="button" className="link min-h-6" onClick={() => onChoose(index)}>
                      {facts.sessions[index]?.name ?? session.sessionId}
                    </button>
                  </th>
                  <td className={cell}>
                    <ScoreBadge score={score} of={scoreClass} />
                  </td>
                  <td className={cell}>
                    {what.what}
                    {what.where !== null && <span className="ml-2 text-xs text-ink-soft">{what.where}</span>}
                  </td>
                  <td className={`${cell} text-ink-soft`}>{duration(end - start)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}
