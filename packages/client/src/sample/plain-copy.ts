import type { JsonObject, JsonValue } from "@peerscope/schema";

/** Decides about one member of an object or array: the value to copy in its place, undefined for none. */
export type MemberRule = (name: string, value: unknown) => unknown;

/** Ours: getStats nests two levels deep, constraints four. */
const maxDepth = 8;

/**
 * Copies a value of the page into plain data that JSON can say. Always ends: cycles, getters that throw, `toJSON`, functions and
 * symbols are left out, and `budget` bounds the characters of its texts plus the number of members (a session description of
 * 60,000, to which the privacy rule cuts it, fits): what is beyond is cut off. Throws only when the value itself is a proxy that does.
 *
 * With `mayShare` an object that would be copied as it is, is returned itself: a look costs a third of a copy. For values that
 * nobody else has.
 */
export function toPlain(
  value: unknown,
  rule: MemberRule = (_, member) => member,
  budget: { left: number } = { left: 80_000 },
  mayShare = false,
  depth = 0,
): JsonValue | undefined {
  if (value === null || typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "string") {
    const room = Math.max(0, budget.left);
    budget.left -= value.length;
    return value.slice(0, room);
  }
  if (typeof value !== "object" || depth > maxDepth || ArrayBuffer.isView(value)) return undefined;
  const isArray = Array.isArray(value);
  const copy: Record<string, JsonValue> | JsonValue[] = isArray ? [] : {};
  // for-in, not own keys: the attributes of browser objects, such as RTCSessionDescription, live on their prototype.
  // The engine lists all names before the loop begins, so a long array is cut first.
  for (const name in isArray ? value.slice(0, budget.left) : value) {
    if (budget.left-- <= 0) break;
    let given: unknown;
    let member: JsonValue | undefined;
    try {
      given = (value as Readonly<Record<string, unknown>>)[name];
      // Most of a report: decided first. No rule reduces a number.
      if (mayShare && typeof given === "number") continue;
      member = toPlain(rule(name, given), rule, budget, mayShare, depth + 1);
    } catch {
      // A getter or a proxy that throws: the member is left out.
    }
    if (mayShare) {
      if (member === undefined || member !== given) return toPlain(value, rule, budget, false, depth);
    } else if (member !== undefined && name !== "__proto__") Reflect.set(copy, name, member);
  }
  return mayShare && budget.left >= 0 ? (value as JsonObject) : copy;
}
