import type { CallResult, Judgement } from "./eval-call.ts";
import type { EvalReport } from "./eval-folder.ts";
import type { DelaySummary, EvalTotals } from "./eval-totals.ts";

/** The evaluation as a person reads it in a terminal: a row a verdict, then what all come to. */
export function evalText({ results, totals, notJudged }: EvalReport): string[] {
  const rows = [
    ["capture", "input", "of", "expected", "stated", "", "seen", "cleared"],
    ...results.flatMap((result) => result.judgements.map((judgement) => row(result, judgement))),
  ];
  const lines = table(rows);
  const alarms = results.flatMap(({ capture, input, falseAlarms }) =>
    falseAlarms.map(
      ({ peer, observationId, severity, atSeconds }) =>
        `  ${capture}, ${input}: ${severity} ${observationId} on ${peer}, ${atSeconds.toFixed(0)} s after the start`,
    ),
  );
  if (alarms.length > 0) lines.push("", "Raised where nothing was done:", ...alarms);
  for (const total of totals) lines.push("", ...totalLines(total));
  if (notJudged.length > 0)
    lines.push("", "Not judged:", ...notJudged.map(({ what, why }) => `  ${what}: ${why}`));
  return lines;
}

function row({ capture, input, delays }: CallResult, judgement: Judgement): string[] {
  const { subject, expectedCauses, expectedPlace, statedCause, statedPlace, wrong } = judgement;
  const delay = delays.find(({ peer }) => peer === subject);
  const cleared = seconds(delay?.clearingMs ?? null);
  return [
    capture,
    input,
    subject,
    says(anyOf(expectedCauses), expectedPlace),
    says(statedCause ?? "nothing", statedPlace),
    wrong.length === 0 ? "right" : `WRONG: ${wrong.join(", ")}`,
    delay === undefined ? "" : delay.detectionMs === null ? "never" : seconds(delay.detectionMs),
    delay?.isOpenAtEnd === true ? `> ${cleared}` : cleared,
  ];
}

function anyOf([first, ...others]: readonly (string | null)[]): string {
  const more =
    others.length === 0
      ? ""
      : ` or ${others.length === 1 ? (others[0] ?? "nothing") : `${others.length} others`}`;
  return `${first ?? "nothing"}${more}`;
}

function says(cause: string, place: string): string {
  return cause === place ? cause : `${cause} (${place})`;
}

function seconds(ms: number | null): string {
  return ms === null ? "" : `${(ms / 1000).toFixed(1)} s`;
}

function totalLines(total: EvalTotals): string[] {
  const { confusion } = total;
  const columns = [...new Set(Object.values(confusion).flatMap((cells) => Object.keys(cells)))].sort();
  return [
    `${total.captures} recorded calls, ${total.input}:`,
    `  right verdicts    ${total.right} of ${total.judgements}; of the calls alone ${total.callsRight} of ${total.calls}`,
    `  stated causes     precision ${percent(total.precision)}, recall ${percent(total.recall)}`,
    `  false alarms      ${total.falseAlarms} above info in ${(total.cleanSeconds / 60).toFixed(1)} clean minutes`,
    `  detection delay   ${delayWords(total.detection)}${total.neverDetected > 0 ? `; never detected: ${total.neverDetected}` : ""}`,
    `  clearing delay    ${delayWords(total.clearing)}${total.openAtEnd > 0 ? `; open at the end: ${total.openAtEnd}` : ""}`,
    "  where the fault was, down, and where it was said to be, across:",
    ...table([
      ["", ...columns],
      ...Object.entries(confusion)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([expected, cells]) => [expected, ...columns.map((column) => String(cells[column] ?? "·"))]),
    ]).map((line) => `    ${line}`),
  ];
}

function delayWords({ cases, p50, p95, max }: DelaySummary): string {
  return cases === 0
    ? "not measured"
    : `p50 ${seconds(p50)}, p95 ${seconds(p95)}, most ${seconds(max)}, ${cases} cases`;
}

function percent(ratio: number | null): string {
  return ratio === null ? "not known" : `${(ratio * 100).toFixed(1)} %`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
