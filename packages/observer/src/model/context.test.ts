import { expect, test } from "vitest";
import type { ContextRecord, JsonObject } from "@peerscope/schema";
import { mergedContext } from "./context.ts";

const merged = (before: JsonObject, context: Record<string, unknown>): JsonObject =>
  mergedContext(before, { kind: "context", at: 1, context } as unknown as ContextRecord);

test("members are set and taken back, labels are merged key by key", () => {
  let context = merged({}, { userId: "kim", mobile: false, tags: { room: "1", floor: "2" } });
  context = merged(context, { userId: null, callId: "stand-up", tags: { room: null, desk: "3" } });
  expect(context).toEqual({ mobile: false, callId: "stand-up", tags: { floor: "2", desk: "3" } });
  expect(merged(context, { tags: null })).toEqual(context);
});

test("a name of a prototype is data", () => {
  const context = merged({}, JSON.parse('{"__proto__":"a","tags":{"__proto__":"b"}}'));
  expect(JSON.stringify(context)).toBe('{"__proto__":"a","tags":{"__proto__":"b"}}');
  expect(Object.getPrototypeOf(context)).toBe(Object.prototype);
});

test("however much a client says of itself, what is kept stays small", () => {
  const long = "a".repeat(1_000_000);
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, number) => [`member-${number}`, long]));
  let context = merged({}, { userId: long, callId: long, userAgent: long, [long]: "x", nested: { long } });
  context = merged(context, { ...many, tags: { ...many, [long]: "x" } });
  expect(context["userId"]).toHaveLength(512);
  expect(context["callId"]).toHaveLength(512);
  expect(context["userAgent"]).toHaveLength(4_096);
  expect(context["nested"]).toBeUndefined();
  expect(Object.keys(context["tags"] ?? {})).toHaveLength(100);
  expect(JSON.stringify(context).length).toBeLessThan(1_000_000);
  // What was there can still be changed and taken back.
  expect(merged(context, { userId: "kim", tags: { "member-3": null } })).toMatchObject({ userId: "kim" });
  expect(merged(context, { userAgent: null })["userAgent"]).toBeUndefined();
});
