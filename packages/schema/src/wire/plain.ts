import type { JsonObject, JsonValue } from "../json.ts";
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
 * A copy of anything that is certainly JSON and bounded, so that the encoder can rely on it. It never throws: apps hand
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
export const toPlain = (value: unknown, budget: PlainBudget, depth: number = 0): JsonValue | undefined => {
  budget.values--;
  try {
    switch (typeof value) {
      case "number":
      case "boolean":
        return value;
      case "string":
        return cutText(value, budget);
      case "bigint":
        return cutText(String(value), budget);
      case "object":
        break;
      default:
        return undefined;
    }
    if (value === null) return null;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (ArrayBuffer.isView(value)) return "[binary]";
    if (depth > maxDepth) return "[too deep]";
    if (Array.isArray(value)) {
      const elements: JsonValue[] = [];
      const count = Math.min(value.length, maxMembers);
      budget.isCut ||= count < value.length || count > budget.values;
      for (let i = 0; i < count && budget.values > 0; i++) {
        elements.push(toPlain(readMember(value, i), budget, depth + 1) ?? null);
      }
      return elements;
    }
    const members: Record<string, JsonValue> = Object.create(null);
    for (const [i, name] of Object.keys(value).entries()) {
      if (i >= maxMembers || budget.values <= 0 || budget.units <= 0) {
        budget.isCut = true;
        break;
      }
      const member = toPlain(readMember(value, name), budget, depth + 1);
      if (member !== undefined) members[cutText(name, budget)] = member;
    }
    return members;
  } catch {
    return "[unreadable]";
  }
};

const readMember = (value: object, name: string | number): unknown => {
  try {
    return (value as JsonObject)[name];
  } catch {
    return "[unreadable]";
  }
};
