import { describeVerdict } from "@peerscope/observer";
import type { ScoreClass, SessionAnalysis } from "@peerscope/schema";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { classTextColor, ClassShape } from "../frame/state-mark.tsx";
import { classWords } from "../words/labels.ts";
import { short } from "../words/numbers.ts";
import { quietWords, unscoredWords } from "../words/unscored.ts";
import { ScoreReasons } from "./score-reasons.tsx";
import { adviceOf, headlineOf, isQuiet, type CallSide } from "./call-side.ts";
import { useSession } from "./context.tsx";
import { InTheCall } from "./in-the-call.tsx";
import { withMargin } from "./evidence.ts";
import { EvidenceCharts } from "./evidence-charts.tsx";
import { Advice, Confidence, Reasons } from "./verdict-parts.tsx";

/** What was wrong, whose it was, how sure that is, and what to say: the answer before anything else. */
export function VerdictCard({
  analysis,
  side,
}: {
  readonly analysis: SessionAnalysis;
  readonly side: CallSide;
}): React.ReactNode {
  const { start, view, setSearch } = useSession();
  const { verdict, observations, score } = analysis;
  const words = describeVerdict(verdict, observations, { sessionStart: start });
  const quiet = isQuiet(analysis);
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
            {headlineOf(analysis, words.headline)}
          </h1>
          {!quiet && <Confidence word={words.confidenceWord} signals={verdict.for.length} />}
          <PanelBoundary what="What the call says">
            <InTheCall analysis={analysis} side={side} />
          </PanelBoundary>
          {quiet ? (
            <p className="mt-2 max-w-2xl text-ink-soft">{quietWords(analysis)}</p>
          ) : (
            <Reasons
              {...words}
              goTo={(list, index) => {
                const { from, to } = verdict[list][index] ?? {};
                if (from === undefined) return null;
                return () => {
                  setSearch({ tab: undefined });
                  view.show(withMargin((from - start) / 1000, ((to ?? from) - start) / 1000));
                };
              }}
            />
          )}
          <PanelBoundary what="The evidence">
            <EvidenceCharts analysis={analysis} />
          </PanelBoundary>
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
      <Advice>{adviceOf(analysis, words.advice, side)}</Advice>
    </section>
  );
}

interface NumberProps {
  readonly value: number | null;
  readonly of: ScoreClass;
  readonly reason: string | null;
  readonly coverage: number;
  readonly goodMinutes: number | null;
}

/** The score with its class and what it rests on. */
export function ScoreNumber({ value, of, reason, coverage, goodMinutes }: NumberProps): React.ReactNode {
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
          ? unscoredWords(reason)
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
