import type { StatsObject } from "@peerscope/schema";
import { toPlain, type MemberRule } from "./plain-copy.ts";

/** Characters and members of one report. A report of 424 objects, the largest on record, has some 300,000. */
const reportBudget = 2_000_000;

/**
 * The statistics of a report under the privacy rule. An object in which nothing has to be reduced is passed on as it is:
 * the browser made it for this question, nobody else has it.
 */
export function copyReport(report: RTCStatsReport, rule: MemberRule): StatsObject[] {
  const budget = { left: reportBudget };
  const stats: StatsObject[] = [];
  report.forEach((object: unknown) => {
    const copy = toPlain(object, rule, budget, true) as StatsObject | undefined;
    // What else a report may hold, the codec refuses.
    if (copy?.id && copy.type && copy.timestamp) stats.push(copy);
  });
  return stats;
}
