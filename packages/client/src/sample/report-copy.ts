import type { JsonObject, StatsObject } from "@peerscope/schema";
import { toPlain, type MemberRule } from "./plain-copy.ts";

/** Characters of one report. A report of 424 objects, the largest on record, has some 300,000. */
const reportBudget = 2_000_000;

/**
 * The statistics of a report under the privacy rule. An object in which nothing has to be reduced, and that has no members with members,
 * is passed on as it is: the browser made it for this question, nobody else has it. A look costs a fifth of a copy.
 */
export function copyReport(report: RTCStatsReport, rule: MemberRule): StatsObject[] {
  const budget = { left: reportBudget };
  const stats: StatsObject[] = [];
  report.forEach((object: JsonObject) => {
    let kept: Record<string, unknown> = object;
    try {
      // A loop of its own, over nothing but these objects, and no other is read from in it: engines then know where each member is.
      for (const name in object) {
        const given: unknown = object[name];
        // Most of a report: decided first. No rule reduces a number.
        if (typeof given === "number") continue;
        const member = toPlain(rule(name, given), rule, budget);
        if (member === given) continue;
        if (kept === object) kept = { ...object };
        kept[name] = member;
      }
    } catch {
      kept = toPlain(object, rule, budget) as JsonObject;
    }
    // What else a report may hold, the codec refuses.
    if (kept?.["id"] && kept["type"] && kept["timestamp"] && budget.left > 0) stats.push(kept as StatsObject);
  });
  return stats;
}
