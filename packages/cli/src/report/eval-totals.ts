import type { CallResult, EvalInput } from "./eval-call.ts";

/** Milliseconds: half and 95 % of the cases are not above them (nearest rank); null without cases. */
export interface DelaySummary {
  readonly cases: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly max: number | null;
}

/** What all recordings in one form come to. */
export interface EvalTotals {
  readonly input: EvalInput;
  readonly captures: number;
  /** Verdicts on participants and calls. */
  readonly judgements: number;
  readonly right: number;
  /** Of the calls alone. */
  readonly calls: number;
  readonly callsRight: number;
  /** Share of the stated causes that are right; null: none was stated. */
  readonly precision: number | null;
  /** Share of the causes to state that were; null: there was none to state. */
  readonly recall: number | null;
  readonly falseAlarms: number;
  /** Summed over the participants. */
  readonly cleanSeconds: number;
  /** Expected place -> stated place -> verdicts. */
  readonly confusion: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly detection: DelaySummary;
  /** Participants whose session never showed a right cause. */
  readonly neverDetected: number;
  /** What is open at the end counts with what was recorded after the recovery. */
  readonly clearing: DelaySummary;
  readonly openAtEnd: number;
}

export function totalsOf(input: EvalInput, results: readonly CallResult[]): EvalTotals {
  const judgements = results.flatMap((result) => result.judgements);
  const calls = judgements.filter(({ subject }) => subject === "call");
  const stated = judgements.filter(({ statedCause }) => statedCause !== null);
  const due = judgements.filter(({ expectedCauses }) => !expectedCauses.includes(null));
  const delays = results.flatMap((result) => result.delays);
  const confusion: Record<string, Record<string, number>> = {};
  for (const { expectedPlace, statedPlace } of judgements) {
    const row = (confusion[expectedPlace] ??= {});
    row[statedPlace] = (row[statedPlace] ?? 0) + 1;
  }
  return {
    input,
    captures: results.length,
    judgements: judgements.length,
    right: judgements.filter(({ wrong }) => wrong.length === 0).length,
    calls: calls.length,
    callsRight: calls.filter(({ wrong }) => wrong.length === 0).length,
    precision: share(stated.filter(({ isCauseRight }) => isCauseRight).length, stated.length),
    recall: share(due.filter(({ isCauseRight }) => isCauseRight).length, due.length),
    falseAlarms: results.reduce((sum, { falseAlarms }) => sum + falseAlarms.length, 0),
    cleanSeconds: results.reduce((sum, { cleanSeconds }) => sum + cleanSeconds, 0),
    confusion,
    detection: summary(delays.map(({ detectionMs }) => detectionMs)),
    neverDetected: delays.filter(({ detectionMs }) => detectionMs === null).length,
    clearing: summary(delays.map(({ clearingMs }) => clearingMs)),
    openAtEnd: delays.filter(({ isOpenAtEnd }) => isOpenAtEnd).length,
  };
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function summary(values: readonly (number | null)[]): DelaySummary {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  const rank = (ratio: number): number | null => sorted[Math.ceil(sorted.length * ratio) - 1] ?? null;
  return { cases: sorted.length, p50: rank(0.5), p95: rank(0.95), max: sorted.at(-1) ?? null };
}
