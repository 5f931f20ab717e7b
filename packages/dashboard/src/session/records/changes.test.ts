import { describe, expect, it } from "vitest";
import { changedMembers, changeWords } from "./changes.ts";

const words = (now: Parameters<typeof changedMembers>[0], before: typeof now): Record<string, string> =>
  Object.fromEntries(changedMembers(now, before).map(({ name, change }) => [name, changeWords(change)]));

describe("changes of a statistics object", () => {
  it("are told by how much, or what it was", () => {
    const now = { id: "O1", bytesSent: 5_240, jitter: 0.013, codecId: "B", active: true, mid: "0" };
    const before = { id: "O1", bytesSent: 4_000, jitter: 0.025, codecId: "A", active: true, rid: "h" };
    expect(words(now, before)).toEqual({
      id: "",
      bytesSent: "+1,240",
      jitter: "−0.012",
      codecId: "was A",
      active: "",
      mid: "new",
      rid: "gone",
    });
  });

  it("look into lists and objects", () => {
    const now = { durations: { cpu: 1, none: 5 }, list: [1, 2] };
    const before = { durations: { cpu: 1, none: 4 }, list: [1, 2] };
    expect(words(now, before)).toEqual({ durations: "changed", list: "" });
    expect(words(now.durations, before.durations)).toEqual({ cpu: "", none: "+1" });
  });

  it("are none without anything to compare with", () => {
    expect(changedMembers({ a: 1 }, undefined)).toEqual([{ name: "a", value: 1, change: { kind: "same" } }]);
  });

  it("keep members with the names of object members apart", () => {
    const now = JSON.parse('{"__proto__":1,"constructor":2}') as { [member: string]: number };
    expect(words(now, {})).toEqual(
      Object.fromEntries([
        ["__proto__", "new"],
        ["constructor", "new"],
      ]),
    );
  });
});
