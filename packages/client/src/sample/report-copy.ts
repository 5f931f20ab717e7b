import type { JsonObject, StatsObject } from "@peerscope/schema";
import { toPlain, type MemberRule } from "./plain-copy.ts";

/** Characters of one report. A report of 424 objects, the largest on record, has some 300,000. */
const reportBudget = 2_000_000;

/**
 * The statistics of a report, copied under a privacy rule; without one as they are: the browser made them for this question, nobody else
 * has them. To look at each member once more costs as much as a third of its way into a frame.
 */
export function copyReport(report: RTCStatsReport, rule?: MemberRule): StatsObject[] {
  const budget = { left: reportBudget };
  const stats: StatsObject[] = [];
  report.forEach((object: JsonObject) => {
    const kept = rule ? (toPlain(object, rule, budget) as JsonObject) : object;
    // What else a report may hold, the codec refuses.
    if (kept?.["id"] && kept["type"] && kept["timestamp"] && budget.left > 0) stats.push(kept as StatsObject);
  });
  return stats;
}
