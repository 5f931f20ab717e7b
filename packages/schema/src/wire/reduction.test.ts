import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../json.ts";
import type { SessionRecord } from "../records.ts";
import { createFrameDecoder } from "./decoder.ts";
import { createFrameEncoder, type MemberReduction } from "./encoder.ts";
import { createRandom } from "./testing/random.ts";

const at = 1_800_000_000_000;

/** Addresses lose their end, secrets are left out, labels become a flag. */
const rule: MemberReduction = (name, value) => {
  if (name === "secret") return undefined;
  if (name === "label") return value !== null;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([key, member]) => [key, rule(key, member)] as const);
    return Object.fromEntries(members.filter(([, member]) => member !== undefined)) as JsonObject;
  }
  return typeof value === "string" ? value.replace(/\.\d+$/, ".0") : (value as JsonValue);
};

const sampleOf = (stats: readonly JsonObject[], index: number): SessionRecord =>
  ({ kind: "sample", at: at + 1000 * index, connectionId: "pc-1", stats }) as unknown as SessionRecord;

/** What a reader gets of each record. */
const through = (records: readonly SessionRecord[], reduce: MemberReduction): SessionRecord[] => {
  const encoder = createFrameEncoder({ reduce, isExact: true });
  const decoder = createFrameDecoder();
  return records.flatMap((record) => {
    const result = decoder.decode(encoder.encode([record]));
    if (!result.ok) throw new Error(result.error.message);
    // Records share what did not change.
    return structuredClone(result.frame.records);
  });
};

describe("members that are reduced on their way into a frame", () => {
  it("are for a reader what they would be had they been reduced before", () => {
    const random = createRandom(20_261_122);
    const pick = <T>(values: readonly T[]): T | undefined => values[random.below(values.length)];
    const values = {
      address: ["192.0.2.7", "192.0.2.8", "198.51.100.7", 5, null],
      secret: ["a", "b", 7, undefined],
      label: ["x", "y", null, undefined],
      port: [1, 2, 70_000, Number.NaN, -0, "192.0.2.9", "192.0.2.0"],
      more: [{ address: "192.0.2.7", secret: "a" }, { address: "192.0.2.7" }, "192.0.2.7", undefined],
      list: ["1,2,3", "1,2,4", "1.5,2.7", 4],
    };
    let held: JsonObject = {};
    const records = Array.from({ length: 3_000 }, (_, index) => {
      for (const [name, choices] of Object.entries(values))
        if (random.below(5) === 0) held = { ...held, [name]: pick<unknown>(choices) as JsonValue };
      return sampleOf([{ id: "a", type: "codec", timestamp: index, ...held }], index);
    });
    const reducedBefore = records.map((record, index) => {
      const { stats } = record as unknown as { readonly stats: readonly JsonObject[] };
      const members = Object.entries(stats[0] ?? {}).flatMap(([name, value]): [string, JsonValue][] => {
        const said =
          typeof value === "number" && name !== "secret" && name !== "label" ? value : rule(name, value);
        return value === undefined || said === undefined ? [] : [[name, said]];
      });
      return sampleOf([Object.fromEntries(members)], index);
    });
    expect(through(records, rule)).toEqual(reducedBefore);
  });

  it("are asked for when they change, have members or are left out, and hardly ever else", () => {
    const asked: string[] = [];
    const listening: MemberReduction = (name, value) => {
      asked.push(name);
      return name === "secret" ? undefined : (value as JsonValue);
    };
    const stats = (packetsSent: number, address: string): JsonObject[] => [
      {
        id: "a",
        type: "codec",
        timestamp: packetsSent,
        packetsSent,
        address,
        secret: "x",
        more: { n: packetsSent },
      },
    ];
    const records = [
      stats(1, "192.0.2.7"),
      stats(2, "192.0.2.7"),
      stats(3, "192.0.2.7"),
      stats(4, "192.0.2.8"),
      stats(5, "192.0.2.9"),
    ].map(sampleOf);
    const encoder = createFrameEncoder({ reduce: listening });
    const askedFor = records.map((record) => {
      asked.length = 0;
      encoder.encode([record]);
      return [...new Set(asked)];
    });
    expect(askedFor[2]).toEqual(["secret", "more"]);
    // The first time that a member changes, all of its object is looked at anew.
    expect(askedFor[3]).toContain("address");
    expect(askedFor[4]).toEqual(["secret", "address", "more"]);
  });

  it("are none of events, contexts and what else a sample has", () => {
    const others = [
      { kind: "event", at, name: "app-event", data: { name: "x", data: { secret: "192.0.2.7" } } },
      { kind: "context", at, context: { tags: { secret: "192.0.2.7" } } },
      { kind: "sample", at, connectionId: "192.0.2.7", stats: [], secret: "192.0.2.7" },
    ] as unknown as SessionRecord[];
    expect(through(others, rule)).toEqual(others);
  });
});
