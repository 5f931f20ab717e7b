import type { AnalysisDigest, Reanalysis, SessionChange } from "@peerscope/schema/api";

/** What a reanalysis came to, as lines. */
export function reanalysisText(reanalysis: Reanalysis): string[] {
  const { done, total, changed, added, failed, request, state, problem } = reanalysis;
  const end = { cancelled: ", cancelled", failed: `, ended early: ${problem ?? ""}`, done: "", running: "" }[
    state
  ];
  const lines = [
    `${done} of ${total} sessions analysed again${request.dryRun ? ", nothing written" : ""}${end}`,
    `  ${changed} differ, ${added} had no rows, ${failed} could not be analysed`,
  ];
  return [
    ...lines,
    ...countLines("score class", reanalysis.byClass),
    ...countLines("stated cause", reanalysis.byCause),
  ];
}

/** One session that differs, as a line. */
export function changeText({ sessionId, before, after, changed }: SessionChange): string {
  if (before === null) return `${sessionId}  no rows → ${words(after)}`;
  const parts = changed.flatMap((member) => {
    if (member === "rows") return [];
    if (member === "observationIds") return [observations(before, after)];
    return [`${labels[member]} ${value(before[member])} → ${value(after[member])}`];
  });
  return `${sessionId}  ${parts.join("; ")}`;
}

const labels = {
  score: "score",
  scoreClass: "class",
  faultDomain: "fault",
  statedCause: "cause",
} as const;

function words(digest: AnalysisDigest): string {
  return `score ${value(digest.score)}, ${digest.scoreClass}, cause ${value(digest.statedCause)}`;
}

function observations(before: AnalysisDigest, after: AnalysisDigest): string {
  const added = after.observationIds.filter((id) => !before.observationIds.includes(id));
  const gone = before.observationIds.filter((id) => !after.observationIds.includes(id));
  return ["observations", ...added.map((id) => `+${id}`), ...gone.map((id) => `-${id}`)].join(" ");
}

function value(of: number | string | null): string {
  if (of === null) return "none";
  return typeof of === "number" ? String(Math.round(of)) : of;
}

function countLines(title: string, counts: Readonly<Record<string, number>>): string[] {
  const sorted = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
  return sorted.length === 0 ? [] : [`  ${title}:`, ...sorted.map(([key, times]) => `    ${times}  ${key}`)];
}
