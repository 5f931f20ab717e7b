import type { ConfidenceWord } from "@peerscope/observer";
import { Check, CircleHelp, MessageSquareText, Minus } from "lucide-react";
import { useState } from "react";

/** The parts that the verdict of a session and the verdict of a call share. */

const dots: Readonly<Record<ConfidenceWord, number>> = {
  "almost certain": 3,
  likely: 2,
  possible: 1,
  unknown: 0,
};

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** How sure the verdict is, as dots, word and number of signals. */
export function Confidence({
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

interface ReasonsProps {
  readonly forLines: readonly string[];
  readonly againstLines: readonly string[];
  readonly missingLines: readonly string[];
  /** Goes to where a line was measured; null when that is not on this page. */
  readonly goTo?: (list: "for" | "against", index: number) => (() => void) | null;
}

/** What speaks for a verdict, what against it, and what would have helped. Always all three. */
export function Reasons({ forLines, againstLines, missingLines, goTo }: ReasonsProps): React.ReactNode {
  return (
    <div className="mt-4 grid gap-x-6 gap-y-4 sm:grid-cols-[1fr_0.75fr_1.45fr]">
      <Lines
        title="Why we think so"
        lines={forLines}
        none="No single signal stands out"
        goTo={(index) => goTo?.("for", index) ?? null}
        icon={<Check className="mt-0.5 size-3.5 shrink-0 text-good-mark" aria-hidden />}
      />
      <Lines
        title="Against"
        lines={againstLines}
        none="Nothing speaks against it"
        goTo={(index) => goTo?.("against", index) ?? null}
        icon={<Minus className="mt-0.5 size-3.5 shrink-0 text-fair-mark" aria-hidden />}
      />
      <Lines
        title="Missing"
        lines={missingLines}
        none="Nothing that would change this"
        goTo={() => null}
        icon={<CircleHelp className="mt-0.5 size-3.5 shrink-0 text-ink-soft" aria-hidden />}
      />
    </div>
  );
}

interface LinesProps {
  readonly title: string;
  readonly lines: readonly string[];
  readonly none: string;
  readonly icon: React.ReactNode;
  readonly goTo: (index: number) => (() => void) | null;
}

/** More lines than this are folded: the charts below must not be pushed away by what was not checked. Ours. */
const shownLines = 4;

function Lines({ title, lines, none, icon, goTo }: LinesProps): React.ReactNode {
  const [all, setAll] = useState(false);
  const shown = all ? lines : lines.slice(0, shownLines);
  return (
    <div className="min-w-0">
      <h2 className="eyebrow mb-1.5">{title}</h2>
      <ul className="flex flex-col gap-1.5 text-table">
        {lines.length === 0 && <li className="text-ink-soft">{none}</li>}
        {shown.map((line, i) => {
          const go = goTo(i);
          return (
            <li key={line} className="flex gap-2 wrap-anywhere">
              {icon}
              {go === null ? (
                <span>{line}</span>
              ) : (
                <button
                  type="button"
                  className="min-h-6 text-left underline decoration-line-strong/50 underline-offset-2 hover:decoration-accent"
                  title="Show this time in the charts"
                  onClick={go}
                >
                  {line}
                </button>
              )}
            </li>
          );
        })}
        {lines.length > shownLines && (
          <li>
            <button type="button" className="link min-h-6" aria-expanded={all} onClick={() => setAll(!all)}>
              {all ? "Fewer" : `${lines.length - shownLines} more`}
            </button>
          </li>
        )}
      </ul>
    </div>
  );
}

/** What the support agent says to the people concerned. */
export function Advice({ children }: { readonly children: string }): React.ReactNode {
  return (
    <div className="flex gap-3 border-t border-line bg-accent-soft/60 px-5 py-3">
      <MessageSquareText className="mt-0.5 size-4 shrink-0 text-accent" aria-hidden />
      <p>
        <span className="font-semibold">What to tell them: </span>
        {children}
      </p>
    </div>
  );
}
