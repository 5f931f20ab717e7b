import type { JsonValue } from "@peerscope/schema";

/** Decides about one member of an object or array: the value to copy in its place, undefined for none. */
export type MemberRule = (name: string, value: unknown) => unknown;

/** Ours: getStats nests two levels deep, constraints four. */
const maxDepth = 8;

/**
 * Copies a value of the page into plain data that JSON can say. Always ends: cycles, getters that throw, `toJSON`, functions and
 * symbols are left out, and `budget` bounds the characters of its texts plus the number of members (a session description of
 * 60,000, to which the privacy rule cuts it, fits): what is beyond is cut off. Throws only when the value itself is a proxy that does.
 */
export function toPlain(
  value: unknown,
  rule: MemberRule = (_, member) => member,
  budget: { left: number } = { left: 80_000 },
  depth = 0,
): JsonValue | undefined {
  if (value === null || typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "string") {
    budget.left -= value.length;
    return budget.left < 0 ? value.slice(0, Math.max(0, budget.left + value.length)) : value;
  }
  if (typeof value !== "object" || depth > maxDepth || ArrayBuffer.isView(value)) return undefined;
  const isArray = Array.isArray(value);
  const copy = (isArray ? [] : {}) as Record<string, JsonValue>;
  // for-in, not own keys: the attributes of browser objects, such as RTCSessionDescription, live on their prototype.
  // The engine lists all names before the loop begins, so a long array is cut first.
  for (const name in isArray ? value.slice(0, budget.left) : value) {
    if (budget.left-- <= 0) break;
    let member: JsonValue | undefined;
    try {
      member = toPlain(
        rule(name, (value as Readonly<Record<string, unknown>>)[name]),
        rule,
        budget,
        depth + 1,
      );
    } catch {
      // A getter or a proxy that throws: the member is left out.
    }
    if (member !== undefined && name !== "__proto__") copy[name] = member;
  }
  return copy;
}
