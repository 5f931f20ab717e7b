import {
  analyseCall,
  catalogVersion,
  createSessionObserver,
  scoreVersion,
  toSessionReport,
} from "@peerscope/observer";
import type { Rules } from "../input/rules.ts";
import type { AnalysisReport, SessionAnalysis } from "@peerscope/schema";
import { readInput, type Input } from "../input/read-input.ts";

/**
 * Analyses one file: a session log or raw getStats lines, plain or gzip. `name` appears in the session ids of a
 * recording without any.
 * @throws CliError when nothing can be read; damage beside what can be read is left out.
 */
export function analyseFile(bytes: Uint8Array, name: string): AnalysisReport {
  return analyseInputs([readInput(bytes, name)]);
}

/** Analyses what several files hold. There is a call when all sessions belong to one. */
export function analyseInputs(inputs: readonly Input[], rules: Rules = {}): AnalysisReport {
  const sessions = inputs.flatMap((input) =>
    input.sessions.map((session) => {
      const observer = createSessionObserver({
        ...rules,
        sessionId: session.sessionId,
        peer: session.peer,
      });
      for (const record of session.records) observer.push(record);
      return { analysis: observer.finish(), input };
    }),
  );
  const analyses = sessions.map(({ analysis }) => analysis);
  const calls = new Set(sessions.map(({ analysis, input }) => callOf(analysis, input)));
  const oneCall = sessions.length > 0 && calls.size === 1 && !calls.has(null);
  return {
    catalogVersion: analyses[0]?.catalogVersion ?? catalogVersion,
    scoreVersion,
    sessions: analyses.map((analysis) => toSessionReport(analysis)),
    call: oneCall ? analyseCall(analyses) : null,
  };
}

/** A recording of getStats is of one call and names none; a session log names its call or belongs to none. */
function callOf({ callId }: SessionAnalysis, input: Input): string | Input | null {
  return callId ?? (input.format === "getstats-lines" ? input : null);
}
