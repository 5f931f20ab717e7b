import type { StatsObject } from "@peerscope/schema";
import { toPlain, type MemberRule } from "./plain-copy.ts";

/** Characters and members of one report. A report of 424 objects, the largest on record, has some 300,000. */
const reportBudget = 2_000_000;

/**
 * The statistics of a report under the privacy rule. An object in which nothing has to be reduced is passed on as it is:
 * the browser made it for this question, nobody else has it, and a copy costs three times as much as the look.
 */
export function copyReport(report: RTCStatsReport, rule: MemberRule): StatsObject[] {
  const budget = { left: reportBudget };
  const stats: StatsObject[] = [];
  report.forEach((object: unknown) => {
    const { left } = budget;
    let plain = object as StatsObject | undefined;
    if (!isClean(object, rule, budget)) {
      budget.left = left;
      plain = toPlain(object, rule, budget) as StatsObject | undefined;
    }
    // What else a report may hold, the codec refuses.
    if (plain?.id && plain.type && plain.timestamp) stats.push(plain);
  });
  return stats;
}

/** True when a copy would be the same: nothing but JSON in it, and nothing that the rule reduces. */
function isClean(value: unknown, rule: MemberRule, budget: { left: number }, depth = 0): boolean {
  if (typeof value !== "object" || value === null || depth > 1) return false;
  try {
    const members = value as Readonly<Record<string, unknown>>;
    for (const name in members) {
      const member = members[name];
      budget.left--;
      if (typeof member === "number" || typeof member === "boolean") continue;
      if (rule(name, member) !== member) return false;
      if (typeof member === "string") budget.left -= member.length;
      else if (!isClean(member, rule, budget, depth + 1)) return false;
    }
    return budget.left > 0;
  } catch {
    return false;
  }
}

/**
 * How badly off the media of a report is: lost packets, and freezes, which weigh as much as twenty of those (ours). Grows while
 * something goes wrong; says nothing by itself.
 */
export function distressOf(stats: readonly StatsObject[]): number {
  let distress = 0;
  for (const { packetsLost, freezeCount } of stats) {
    distress += (Number(packetsLost) || 0) + 20 * (Number(freezeCount) || 0);
  }
  return distress;
}
