import type { ScoreClass, Severity } from "@peerscope/schema";
import { classWords } from "../words/labels.ts";

const textColors: Readonly<Record<ScoreClass, string>> = {
  good: "text-good",
  fair: "text-fair",
  poor: "text-poor",
  failed: "text-failed",
  dropped: "text-failed",
  "not-measured": "text-unmeasured",
};

const markColors: Readonly<Record<ScoreClass, string>> = {
  good: "text-good-mark",
  fair: "text-fair-mark",
  poor: "text-poor-mark",
  failed: "text-failed-mark",
  dropped: "text-failed-mark",
  "not-measured": "text-unmeasured-mark",
};

/** Class of a score as a shape: every class has its own, so that colour never works alone. */
export function ClassShape({
  of,
  size = 12,
}: {
  readonly of: ScoreClass;
  readonly size?: number;
}): React.ReactNode {
  const shapes: Readonly<Record<ScoreClass, React.ReactNode>> = {
    good: <circle cx="6" cy="6" r="5" fill="currentColor" />,
    fair: (
      <>
        <circle cx="6" cy="6" r="4.4" fill="none" stroke="currentColor" strokeWidth="1.4" />
        <path d="M6 1.6a4.4 4.4 0 0 0 0 8.8z" fill="currentColor" />
      </>
    ),
    poor: <path d="M6 1 11.4 10.6H.6z" fill="currentColor" />,
    failed: <path d="m2 2 8 8M10 2l-8 8" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" />,
    dropped: (
      <path
        d="M6 1.2v5.6M3.2 5 6 7.8 8.8 5M1.6 10.6h8.8"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    ),
    "not-measured": (
      <path d="M2 6h8" stroke="currentColor" strokeWidth="2" strokeDasharray="2.4 1.6" strokeLinecap="butt" />
    ),
  };
  return (
    <svg viewBox="0 0 12 12" width={size} height={size} className={`${markColors[of]} shrink-0`} aria-hidden>
      {shapes[of]}
    </svg>
  );
}

/** Number, shape and word of a score. Without a number only the word. */
export function ScoreBadge({
  score,
  of,
}: {
  readonly score: number | null;
  readonly of: ScoreClass;
}): React.ReactNode {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <ClassShape of={of} />
      <span className="tnum w-6 text-right font-semibold">
        {score === null ? <span className="text-ink-soft">–</span> : Math.round(score)}
      </span>
      <span className={`${textColors[of]} text-xs`}>{classWords[of]}</span>
    </span>
  );
}

export function classTextColor(of: ScoreClass): string {
  return textColors[of];
}

const severityShapes: Readonly<Record<Severity, React.ReactNode>> = {
  critical: <path d="M3.5.8h5L11.200 3.500v5L8.500 11.200h-5L.8 8.500v-5z" fill="currentColor" />,
  major: <path d="M6 1 11.400 10.600H.6z" fill="currentColor" />,
  minor: <path d="M6 .9 11.100 6 6 11.100.9 6z" fill="none" stroke="currentColor" strokeWidth="1.500" />,
  info: <circle cx="6" cy="6" r="4.300" fill="none" stroke="currentColor" strokeWidth="1.400" />,
};

/** Severity as a shape: octagon, triangle, diamond, ring. */
export function SeverityShape({ of }: { readonly of: Severity }): React.ReactNode {
  const color =
    of === "critical" || of === "major"
      ? "text-poor-mark"
      : of === "minor"
        ? "text-fair-mark"
        : "text-unmeasured-mark";
  return (
    <svg viewBox="0 0 12 12" width="12" height="12" className={`${color} shrink-0`} aria-hidden>
      {severityShapes[of]}
    </svg>
  );
}

/** Live, in word and shape: a ring around a dot. Nothing blinks. */
export function LiveMark(): React.ReactNode {
  return (
    <span className="inline-flex items-center gap-1 rounded-full border border-good-mark px-1.5 text-xs font-medium text-good">
      <svg viewBox="0 0 12 12" width="10" height="10" aria-hidden>
        <circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" strokeWidth="1.3" />
        <circle cx="6" cy="6" r="2.2" fill="currentColor" />
      </svg>
      live
    </span>
  );
}
