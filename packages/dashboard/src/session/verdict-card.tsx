import { describeVerdict, type ConfidenceWord } from "@peerscope/observer";
import type { ScoreClass, SessionAnalysis, VerdictSignal } from "@peerscope/schema";
import { Check, CircleHelp, MessageSquareText, Minus } from "lucide-react";
import { classTextColor, ClassShape } from "../frame/state-mark.tsx";
import { classWords } from "../words/labels.ts";
import { plural, short } from "../words/numbers.ts";
import { ScoreReasons } from "./score-reasons.tsx";
import { useSession } from "./context.tsx";

/** What was wrong, whose it was, how sure that is, and what to say: the answer before anything else. */
export function VerdictCard({ analysis }: { readonly analysis: SessionAnalysis }): React.ReactNode {
  const { start } = useSession();
  const { verdict, observations, score } = analysis;
  const words = describeVerdict(verdict, observations, { sessionStart: start });
  // Nothing happened: there is nothing to be sure or unsure of.
  const quiet =
    verdict.statedCause === null && observations.every((observation) => observation.severity === "info");
  return (
    <section
      aria-labelledby="verdict-headline"
      data-testid="verdict"
      data-stated-cause={verdict.statedCause ?? ""}
      data-fault-domain={verdict.faultDomain}
      className="card overflow-hidden"
    >
      <div className="grid lg:grid-cols-[minmax(0,1fr)_23rem]">
        <div className="order-1 p-5">
          <h1
            id="verdict-headline"
            data-testid="verdict-headline"
            className="text-lg leading-snug font-semibold tracking-tight text-pretty"
          >
            {words.headline}
          </h1>
          {!quiet && <Confidence word={words.confidenceWord} signals={verdict.for.length} />}
          {quiet ? (
            <p className="mt-2 max-w-2xl text-ink-soft">
              {plural(analysis.counts.samples, "sample")} and {plural(analysis.counts.events, "event")} of{" "}
              {plural(analysis.counts.connections, "peer connection")} were looked at, and nothing in them
              hurt this person.
            </p>
          ) : (
            <div className="mt-4 grid gap-x-6 gap-y-4 sm:grid-cols-[1fr_0.75fr_1.45fr]">
              <Lines
                title="Why we think so"
                lines={words.forLines}
                signals={verdict.for}
                none="No single signal stands out"
                icon={<Check className="mt-0.5 size-3.5 shrink-0 text-good-mark" aria-hidden />}
              />
              <Lines
                title="Against"
                lines={words.againstLines}
                signals={verdict.against}
                none="Nothing speaks against it"
                icon={<Minus className="mt-0.5 size-3.5 shrink-0 text-fair-mark" aria-hidden />}
              />
              <Lines
                title="Missing"
                lines={words.missingLines}
                none="Nothing that would change this"
                icon={<CircleHelp className="mt-0.5 size-3.5 shrink-0 text-ink-soft" aria-hidden />}
              />
            </div>
          )}
        </div>
        <aside
          aria-label="Experience score"
          className="order-2 border-line bg-sunken/50 p-5 max-lg:border-t lg:border-l"
        >
          <ScoreNumber
            value={score.value}
            of={score.class}
            reason={score.reason}
            coverage={score.coverage}
            goodMinutes={score.goodMinutes}
          />
          <ScoreReasons score={score} />
        </aside>
      </div>
      <div className="flex gap-3 border-t border-line bg-accent-soft/60 px-5 py-3">
        <MessageSquareText className="mt-0.5 size-4 shrink-0 text-accent" aria-hidden />
        <p>
          <span className="font-semibold">What to tell them: </span>
          {words.advice}
        </p>
      </div>
    </section>
  );
}

const dots: Readonly<Record<ConfidenceWord, number>> = {
  "almost certain": 3,
  likely: 2,
  possible: 1,
  unknown: 0,
};

function Confidence({
  word,
  signals,
}: {
  readonly word: ConfidenceWord;
  readonly signals: number;
}): React.ReactNode {
  return (
    <p className="mt-2 flex flex-wrap items-center gap-2 text-table text-ink-soft">
      <span className="inline-flex items-center gap-1.5 rounded-full border border-line px-2 py-0.5">
        <svg viewBox="0 0 26 8" width="26" height="8" aria-hidden>
          {[0, 1, 2].map((i) => (
            <circle
              key={i}
              cx={4 + i * 9}
              cy="4"
              r="3"
              fill={i < dots[word] ? "var(--accent)" : "none"}
              stroke="var(--accent)"
              strokeWidth="1"
            />
          ))}
        </svg>
        <span className="font-medium text-ink">
          {word === "unknown" ? "Cannot be decided" : sentence(word)}
        </span>
      </span>
      {word !== "unknown" && (
        <span>
          {signals} {signals === 1 ? "signal" : "independent signals"}
        </span>
      )}
    </p>
  );
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

interface LinesProps {
  readonly title: string;
  readonly lines: readonly string[];
  readonly signals?: readonly VerdictSignal[];
  readonly none: string;
  readonly icon: React.ReactNode;
}

/** Statements; those that know when they were measured go there. */
function Lines({ title, lines, signals, none, icon }: LinesProps): React.ReactNode {
  const { view, start, setSearch } = useSession();
  return (
    <div className="min-w-0">
      <h2 className="eyebrow mb-1.5">{title}</h2>
      <ul className="flex flex-col gap-1.5 text-table">
        {lines.length === 0 && <li className="text-ink-soft">{none}</li>}
        {lines.map((line, i) => {
          const signal = signals?.[i];
          const { from, to } = signal ?? {};
          return (
            <li key={line} className="flex gap-2 wrap-anywhere">
              {icon}
              {from === undefined ? (
                <span>{line}</span>
              ) : (
                <button
                  type="button"
                  className="min-h-6 text-left underline decoration-line-strong/50 underline-offset-2 hover:decoration-accent"
                  title="Show this time in the charts"
                  onClick={() => {
                    setSearch({ tab: undefined });
                    view.show(withMargin((from - start) / 1000, ((to ?? from) - start) / 1000));
                  }}
                >
                  {line}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** A stretch with a little of what was before and after it. */
export function withMargin(from: number, to: number): { from: number; to: number } {
  const margin = Math.max(3, (to - from) * 0.15);
  return { from: Math.max(0, from - margin), to: to + margin };
}

interface NumberProps {
  readonly value: number | null;
  readonly of: ScoreClass;
  readonly reason: string | null;
  readonly coverage: number;
  readonly goodMinutes: number | null;
}

function ScoreNumber({ value, of, reason, coverage, goodMinutes }: NumberProps): React.ReactNode {
  return (
    <div>
      <div className="flex items-center gap-2.5">
        <ClassShape of={of} size={20} />
        {value !== null && (
          <span
            className={`tnum text-score leading-none font-semibold ${coverage < 0.5 ? "text-ink-soft" : ""}`}
          >
            {Math.round(value)}
          </span>
        )}
        <span className={`text-base font-semibold ${classTextColor(of)}`}>{classWords[of]}</span>
      </div>
      <p className="mt-1.5 text-xs text-ink-soft">
        {value === null
          ? (reason ?? "Too little was reported to compute a score")
          : [
              "of 100",
              goodMinutes === null ? null : `${short(goodMinutes * 100)} % good minutes`,
              `${short(coverage * 100)} % could be scored`,
            ]
              .filter((part) => part !== null)
              .join(" · ")}
      </p>
    </div>
  );
}

/** The card while nothing is known yet, in its final shape. */
export function VerdictSkeleton({ share }: { readonly share: number | null }): React.ReactNode {
  return (
    <section className="card p-5" aria-busy="true" aria-label="Reading the session">
      <div className="skeleton h-6 w-3/5" />
      <div className="skeleton mt-3 h-4 w-40" />
      <div className="mt-5 grid gap-6 sm:grid-cols-3">
        <div className="skeleton h-14" />
        <div className="skeleton h-14" />
        <div className="skeleton h-14" />
      </div>
      <p className="mt-4 text-xs text-ink-soft">
        {share === null ? "Reading the session" : `Reading the session, ${Math.round(share * 100)} %`}
      </p>
    </section>
  );
}
