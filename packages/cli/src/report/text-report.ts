import { describeObservation, describeScoreReason, describeVerdict } from "@peerscope/observer";
import type { AnalysisReport, Observation, SessionReport } from "@peerscope/schema";

/** The report as a person reads it in a terminal: one session after the other, causes first. */
export function textReport(report: AnalysisReport): string[] {
  const lines: string[] = [];
  if (report.call !== null) {
    const observations = report.sessions.flatMap((session) => session.observations);
    const { headline, confidenceWord } = describeVerdict(report.call.verdict, observations);
    lines.push(`Call: ${headline} (${confidenceWord})`);
    lines.push(`  score: mean ${word(report.call.score.mean)}, worst ${word(report.call.score.worst)}`, "");
  }
  for (const session of report.sessions) lines.push(...sessionLines(session), "");
  lines.push(`catalogue ${report.catalogVersion}, score ${report.scoreVersion}`);
  return lines;
}

function sessionLines(session: SessionReport): string[] {
  const { start, end, observations } = session;
  const who = session.userId ?? (session.peer === null || session.peer === "" ? null : session.peer);
  const verdict = describeVerdict(session.verdict, observations);
  const lines = [
    `${who === null ? "" : `${who} · `}session ${session.sessionId}${session.callId === null ? "" : ` · call ${session.callId}`}`,
    `  ${new Date(start).toISOString()}, ${((end - start) / 1000).toFixed(0)} s`,
    `  score ${word(session.score)} (${session.scoreClass})`,
  ];
  for (const reason of session.scoreReasons)
    lines.push(`    −${reason.points.toFixed(1)}  ${describeScoreReason(reason)}`);
  lines.push(`  ${verdict.headline} (${verdict.confidenceWord})`);
  for (const line of verdict.forLines) lines.push(`    + ${line}`);
  for (const line of verdict.againstLines) lines.push(`    − ${line}`);
  for (const line of verdict.missingLines) lines.push(`    ? ${line}`);
  if (observations.length === 0) lines.push("  no observations");
  const keys = new Set(observations.map(({ key }) => key));
  // An effect stands below its cause; one whose cause is not in this session stands alone.
  const roots = observations.filter(({ parentId }) => parentId === null || !keys.has(parentId));
  for (const root of roots) lines.push(...observationLines(root, observations, start, 1));
  return lines;
}

function observationLines(
  observation: Observation,
  all: readonly Observation[],
  start: number,
  depth: number,
): string[] {
  const { id, severity, scope, startedAt, clearedAt } = observation;
  const { title, sentence, evidence, counter } = describeObservation(observation);
  const indent = "  ".repeat(depth);
  const seconds = (at: number): string => `${((at - start) / 1000).toFixed(0)} s`;
  const where = [scope.kind, scope.direction, scope.pcId].filter((part) => part !== undefined).join(" ");
  const lines = [
    `${indent}[${severity}] ${title} · ${id} · ${seconds(startedAt)} to ${clearedAt === null ? "the end" : seconds(clearedAt)}${where === "" ? "" : ` · ${where}`}`,
    `${indent}    ${sentence}`,
    ...evidence.map((line) => `${indent}    + ${line}`),
    ...counter.map((line) => `${indent}    − ${line}`),
  ];
  for (const effect of all)
    if (effect.parentId === observation.key) lines.push(...observationLines(effect, all, start, depth + 2));
  return lines;
}

function word(value: number | null): string {
  return value === null ? "not known" : value.toFixed(0);
}
