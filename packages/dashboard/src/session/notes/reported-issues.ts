import { isReportCode, toReportCode } from "../../url/report-code.ts";
import type { EventRow } from "../../worker/messages.ts";

/** A moment at which the user of the app said that something is wrong. */
export interface ReportedIssue {
  /** Place of its event in the log. */
  readonly key: number;
  /** Unix ms. */
  readonly at: number;
  /** What they were given to read out: "K7M-3QX". */
  readonly code: string;
  /** What they wrote; null when they wrote nothing. */
  readonly text: string | null;
}

/** Calls of `reportIssue()` in the order of the log. */
export function reportedIssues(events: readonly EventRow[]): ReportedIssue[] {
  return events.flatMap(({ at, name, data }, key) => {
    const { code, text } = data ?? {};
    if (name !== "issue-reported" || typeof code !== "string") return [];
    return [{ key, at, code, text: typeof text === "string" && text.trim() !== "" ? text : null }];
  });
}

/** The report that a code belongs to, however it was written down. */
export function issueOfCode(issues: readonly ReportedIssue[], code: string): ReportedIssue | null {
  const wanted = isReportCode(code) ? toReportCode(code) : code;
  return issues.find((issue) => issue.code === wanted) ?? null;
}
