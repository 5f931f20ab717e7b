import type { JsonObject, JsonValue } from "@peerscope/schema";
import { count } from "../../words/numbers.ts";

/** How a member differs from what it was. */
export type Change =
  | { readonly kind: "same" }
  | { readonly kind: "new" }
  /** `by` is the difference of two numbers. */
  | { readonly kind: "changed"; readonly before: JsonValue; readonly by: number | null }
  | { readonly kind: "gone"; readonly before: JsonValue };

/** A member of an object, or an element of a list. */
export interface ChangedMember {
  readonly name: string;
  /** What it is; what it was if it is gone. */
  readonly value: JsonValue;
  readonly change: Change;
}

/** Members in their order, each with its change since `before`; those that are gone last. Without `before` all are the same. */
export function changedMembers(now: JsonValue, before: JsonValue | undefined): ChangedMember[] {
  const earlier = before === undefined ? null : new Map(membersOf(before));
  const members = membersOf(now).map(([name, value]): ChangedMember => {
    const change: Change = earlier === null ? { kind: "same" } : changeOf(value, earlier.get(name));
    earlier?.delete(name);
    return { name, value, change };
  });
  const gone = [...(earlier ?? [])].map(([name, value]): ChangedMember => ({
    name,
    value,
    change: { kind: "gone", before: value },
  }));
  return [...members, ...gone];
}

/** Whether a value is shown as members of its own. */
export function hasMembers(value: JsonValue): value is JsonObject | readonly JsonValue[] {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

function membersOf(value: JsonValue): [string, JsonValue][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function changeOf(now: JsonValue, before: JsonValue | undefined): Change {
  if (before === undefined) return { kind: "new" };
  if (now === before || JSON.stringify(now) === JSON.stringify(before)) return { kind: "same" };
  const by = typeof now === "number" && typeof before === "number" ? now - before : null;
  return { kind: "changed", before, by };
}

/** "+1,240", "was VP8", "new"; empty for what is the same. */
export function changeWords(change: Change): string {
  switch (change.kind) {
    case "same":
      return "";
    case "new":
      return "new";
    case "gone":
      return "gone";
    case "changed":
      if (change.by !== null) return `${change.by > 0 ? "+" : "−"}${amount(Math.abs(change.by))}`;
      return hasMembers(change.before) ? "changed" : `was ${scalarText(change.before)}`;
  }
}

function amount(value: number): string {
  return Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(6)));
}

/** A value without members, as JSON has it; text without its quotes. */
export function scalarText(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
