import { describeObservation, describeScoreReason, describeVerdict } from "@peerscope/observer";
import type { AnalysisReport, Observation, SessionReport } from "@peerscope/schema";

/** Lines of evidence of one observation: the text is for reading, --json has all of it. */
const evidenceShown = 4;

/** The report as a person reads it in a terminal: one session after the other, causes first. */
export function textReport(report: AnalysisReport): string[] {
  const lines: string[] = [];
  if (report.call !== null) {
    const observations = report.sessions.flatMap((session) => session.observations);
    const { headline, confidenceWord } = describeVerdict(report.call.verdict, observations, {
      people: report.call.people,
    });
    lines.push(`Call: ${sure(headline, confidenceWord)}`);
    lines.push(`  score: mean ${word(report.call.score.mean)}, worst ${word(report.call.score.worst)}`, "");
  }
  for (const session of report.sessions) lines.push(...sessionLines(session), "");
  lines.push(`catalogue ${report.catalogVersion}, score ${report.scoreVersion}`);
  return lines;
}

function sessionLines(session: SessionReport): string[] {
  const { start, end, observations, sessionId, callId, userId } = session;
  const options = { sessionStart: start };
  const who = userId ?? session.peer;
  const verdict = describeVerdict(session.verdict, observations, options);
  const lines = [
    `${who === null || who === "" ? "" : `${who} · `}session ${sessionId}${callId === null ? "" : ` · call ${callId}`}`,
    `  ${new Date(start).toISOString()}, ${((end - start) / 1000).toFixed(0)} s`,
    `  score ${word(session.score)} (${session.scoreClass.replaceAll("-", " ")})`,
  ];
  for (const reason of session.scoreReasons) {
    const { points, title, time } = describeScoreReason(reason, options);
    lines.push(`    −${points}  ${title}${time === null ? "" : `, ${time}`}`);
  }
  lines.push(`  ${sure(verdict.headline, verdict.confidenceWord)}`);
  for (const line of verdict.forLines) lines.push(`    + ${line}`);
  for (const line of verdict.againstLines) lines.push(`    − ${line}`);
  for (const line of verdict.missingLines) lines.push(`    ? ${line}`);
  if (observations.length === 0) lines.push("  no observations");
  else lines.push(`    ${verdict.advice}`);
  const keys = new Set(observations.map(({ key }) => key));
  // An effect stands below its cause; one whose cause is not in this session stands alone.
  const roots = observations.filter(({ parentId }) => parentId === null || !keys.has(parentId));
  for (const root of roots) lines.push(...observationLines(root, observations, options, "  "));
  return lines;
}

function observationLines(
  observation: Observation,
  all: readonly Observation[],
  options: { readonly sessionStart: number },
  indent: string,
): string[] {
  const { title, sentence, evidence, counter } = describeObservation(observation, options);
  const lines = [
    `${indent}${observation.severity}: ${title} [${observation.id}]`,
    `${indent}  ${sentence}`,
    ...evidence.slice(0, evidenceShown).map((line) => `${indent}    + ${line}`),
    ...(evidence.length > evidenceShown
      ? [`${indent}    and ${evidence.length - evidenceShown} more with --json`]
      : []),
    ...counter.map((line) => `${indent}    − ${line}`),
  ];
  for (const effect of all)
    if (effect.parentId === observation.key)
      lines.push(...observationLines(effect, all, options, `${indent}    `));
  return lines;
}

/** "unknown" says nothing that the headline does not. */
function sure(headline: string, confidence: string): string {
  return confidence === "unknown" ? headline : `${headline} (${confidence})`;
}

function word(value: number | null): string {
  return value === null ? "not known" : value.toFixed(0);
}
