import type { SessionNote } from "@peerscope/schema/api";
import type { ReportedIssue } from "./reported-issues.ts";

/** A moment that a person marked: in the app by reporting something, or here by a note. */
export type Moment =
  | { readonly kind: "issue"; readonly at: number; readonly issue: ReportedIssue }
  | { readonly kind: "note"; readonly at: number; readonly note: SessionNote };

/** Marks too close to each other to be pointed at one by one. */
export interface MomentGroup {
  /** Pixels from the left edge: that of its first mark. */
  readonly x: number;
  readonly moments: readonly Moment[];
}

/** Reports and notes together, in the order of time. */
export function momentsOf(issues: readonly ReportedIssue[], notes: readonly SessionNote[]): Moment[] {
  return [
    ...issues.map((issue): Moment => ({ kind: "issue", at: issue.at, issue })),
    ...notes.map((note): Moment => ({ kind: "note", at: note.at, note })),
  ].sort((a, b) => a.at - b.at);
}

/** Groups moments so that no two marks begin less than `apart` pixels from each other. What is out of sight is left out. */
export function groupMoments(
  moments: readonly Moment[],
  toX: (at: number) => number,
  width: number,
  apart: number,
): MomentGroup[] {
  const groups: { x: number; moments: Moment[] }[] = [];
  for (const moment of moments) {
    const x = toX(moment.at);
    if (x < 0 || x > width) continue;
    const last = groups.at(-1);
    if (last === undefined || x - last.x >= apart) groups.push({ x, moments: [moment] });
    else last.moments.push(moment);
  }
  return groups;
}
