import type { StatsObject } from "@peerscope/schema";
import { toPlain, type MemberRule } from "./plain-copy.ts";

/** Characters and members of one report. A report of 424 objects, the largest on record, has some 300,000. */
const reportBudget = 2_000_000;

/** Strings that are remembered for each member, and their length: ids and the like, not what is new in each report. Ours. */
const maxRemembered = 1_000;
const maxRememberedLength = 64;

/**
 * The same rule, which remembers what it made of a string: nearly all strings of a report were in the last one. It then costs
 * two look-ups instead of a row of patterns.
 */
export function remember(rule: MemberRule): MemberRule {
  const results = new Map<string, Map<string, unknown>>();
  return (name, value) => {
    if (typeof value !== "string" || value.length > maxRememberedLength) return rule(name, value);
    let known = results.get(name);
    // Starting over bounds the memory, and that comes to an end on any input.
    if (!known || known.size > maxRemembered) {
      if (results.size > maxRemembered) results.clear();
      results.set(name, (known = new Map<string, unknown>()));
    }
    let result = known.get(value);
    if (result === undefined) known.set(value, (result = rule(name, value)));
    return result;
  };
}

/**
 * The statistics of a report under the privacy rule. An object in which nothing has to be reduced is passed on as it is:
 * the browser made it for this question, nobody else has it, and a copy costs several times as much as the look.
 */
export function copyReport(report: RTCStatsReport, rule: MemberRule): StatsObject[] {
  const budget = { left: reportBudget };
  const stats: StatsObject[] = [];
  report.forEach((object: unknown) => {
    const { left } = budget;
    let plain = reduce(object, rule, budget);
    if (!plain) {
      budget.left = left;
      plain = toPlain(object, rule, budget);
    }
    const { id, type, timestamp } = (plain ?? {}) as Partial<StatsObject>;
    // What else a report may hold, the codec refuses.
    if (id && type && timestamp) stats.push(plain as StatsObject);
  });
  return stats;
}

/**
 * The same object when it is JSON and the rule leaves it alone; a copy when only strings are to be replaced by strings;
 * undefined when it takes more than that.
 */
function reduce(value: unknown, rule: MemberRule, budget: { left: number }, depth = 0): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || depth > 1) return undefined;
  const original = value as Readonly<Record<string, unknown>>;
  let plain: Record<string, unknown> | undefined;
  try {
    for (const name in original) {
      const member = original[name];
      if (budget.left-- <= 0) return undefined;
      if (typeof member === "number" || typeof member === "boolean") continue;
      const kept = rule(name, member);
      if (typeof kept === "string") {
        budget.left -= kept.length;
        if (kept !== member) (plain ??= { ...original })[name] = kept;
      } else if (kept !== member || reduce(member, rule, budget, depth + 1) !== member) return undefined;
    }
  } catch {
    return undefined;
  }
  return budget.left < 0 ? undefined : (plain ?? original);
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
