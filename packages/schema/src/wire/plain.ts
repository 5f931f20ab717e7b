import type { JsonValue } from "../json.ts";
import { maxDepth, maxMembers } from "./limits.ts";

/** What one record may still hold. */
export interface PlainBudget {
  /** Values of any kind, also those inside others. */
  values: number;
  /** UTF-16 units of names and strings. */
  units: number;
  /** Becomes true when members or elements were left out for a limit. */
  isCut: boolean;
}

/** Longest string kept, in UTF-16 units; the rest is cut off and "…" says so. A session description fits. */
const maxStringUnits = 65_536;

const cutText = (text: string, budget: PlainBudget): string => {
  const room = Math.max(0, Math.min(maxStringUnits, budget.units));
  budget.units -= text.length;
  return text.length > room ? `${text.slice(0, room)}…` : text;
};

/**
 * A copy of a member that is certainly JSON and bounded, so that the encoder can rely on it. It never throws: apps hand
 * over cyclic objects, getters that throw, proxies.
 *
 *   undefined, functions, symbols   left out of objects, null in arrays
 *   bigint                          its decimal digits, as a string
 *   Date                            its ISO string, null when invalid; no other toJSON is called
 *   ArrayBuffer views               "[binary]"
 *   deeper than maxDepth            "[too deep]", which also ends cycles
 *   a getter or proxy that throws   "[unreadable]"
 *   members beyond the limits       left out
 *
 * NaN, ±Infinity and −0 are kept. Objects have no prototype, so a member named __proto__ is a member.
 */
export const toPlain = (
  holder: object,
  name: string | number,
  budget: PlainBudget,
  depth: number = 0,
): JsonValue | undefined => {
  budget.values--;
  try {
    const value = (holder as Readonly<Record<string | number, unknown>>)[name];
    if (value === null || typeof value === "number" || typeof value === "boolean") return value;
    if (typeof value === "string" || typeof value === "bigint") return cutText(String(value), budget);
    if (typeof value !== "object") return undefined;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (ArrayBuffer.isView(value)) return "[binary]";
    if (depth > maxDepth) return "[too deep]";
    const elements: JsonValue[] = [];
    const members: Record<string, JsonValue> = Object.create(null);
    const isArray = Array.isArray(value);
    const names = isArray ? value.slice(0, maxMembers + 1).keys() : Object.keys(value);
    let left = maxMembers;
    for (const name of names) {
      if (--left < 0 || budget.values <= 0 || budget.units <= 0) {
        budget.isCut = true;
        break;
      }
      const member = toPlain(value, name, budget, depth + 1);
      if (isArray) elements.push(member ?? null);
      else if (member !== undefined) members[cutText(String(name), budget)] = member;
    }
    return isArray ? elements : members;
  } catch {
    return "[unreadable]";
  }
};
