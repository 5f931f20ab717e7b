import type { JsonValue } from "@peerscope/schema";

/** Decides about one member of an object (or, without a name, an item): the value to copy in its place, undefined for none. */
export type MemberRule = (name: string, value: unknown) => unknown;

/** Ours: getStats nests two levels deep, constraints four. */
const maxDepth = 8;

/**
 * Copies a value of the page into plain JSON data. Never throws and always ends: cycles, getters that throw, `toJSON`,
 * functions, symbols and numbers that JSON does not have are left out, and
 * `budget` bounds the characters of its texts plus the number of members: what is beyond is cut off.
 */
export function toPlain(
  value: unknown,
  rule: MemberRule = (_, member) => member,
  budget: { left: number } = { left: 20_000 },
  depth = 0,
): JsonValue | undefined {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value === "string") {
    const text = value.slice(0, Math.max(0, budget.left));
    budget.left -= text.length;
    return text;
  }
  if (typeof value !== "object" || depth > maxDepth) return undefined;
  try {
    if (Array.isArray(value)) {
      const items: JsonValue[] = [];
      for (let index = 0; index < value.length && budget.left-- > 0; index++) {
        items.push(toPlain(rule("", value[index]), rule, budget, depth + 1) ?? null);
      }
      return items;
    }
    const copy: Record<string, JsonValue> = {};
    // for-in, not own keys: the attributes of RTCIceCandidate or RTCSessionDescription live on their prototype.
    for (const name in value) {
      if (budget.left-- <= 0) break;
      if (name === "__proto__") continue;
      try {
        const member = toPlain(rule(name, Reflect.get(value, name)), rule, budget, depth + 1);
        if (member !== undefined) copy[name] = member;
      } catch {
        // A getter that throws: the member is left out.
      }
    }
    return copy;
  } catch {
    // A proxy with hostile traps.
    return undefined;
  }
}
