import { describe, expect, it } from "vitest";
import { toPlain } from "./plain-copy.ts";

describe("plain copy", () => {
  it("is another object with the same data", () => {
    const data = { a: [1, "x", null, { b: true }], c: -1.5 };
    const copy = toPlain(data);
    expect(copy).toEqual(data);
    expect(copy).not.toBe(data);
  });

  it("leaves out what JSON has not, and what throws", () => {
    const hostile = {
      good: 1,
      toJSON: () => {
        throw new Error("toJSON");
      },
      missing: undefined,
      symbol: Symbol("s"),
      call: () => 1,
      big: 10n,
      get bad(): number {
        throw new Error("getter");
      },
      proxy: new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error("ownKeys");
          },
        },
      ),
    };
    expect(toPlain(hostile)).toEqual({ good: 1 });
  });

  it("ends on cycles and on huge values", () => {
    const cycle: Record<string, unknown> = {};
    for (const name of ["a", "b", "c", "d", "e", "f"]) cycle[name] = cycle;
    const budget = { left: 1_000 };
    expect(JSON.stringify(toPlain(cycle, undefined, budget)).length).toBeLessThan(10_000);
    const long = toPlain({ text: "x".repeat(1_000_000) }) as { text: string };
    expect(long.text.length).toBeLessThanOrEqual(80_000);
    expect(toPlain({ bytes: new Uint8Array(10_000_000) })).toEqual({});
    expect(JSON.stringify(toPlain(Array.from({ length: 1_000_000 }, () => 1))).length).toBeLessThan(200_000);
  });

  it("does not let a member become a prototype", () => {
    const copy = toPlain(JSON.parse('{"__proto__":{"polluted":true},"a":1}')) as Record<string, unknown>;
    expect(copy).toEqual({ a: 1 });
    expect(copy["polluted"]).toBeUndefined();
  });

  it("reads the attributes of browser objects, which live on their prototype", () => {
    const prototype = Object.defineProperty({}, "sdp", { get: () => "v=0", enumerable: true });
    expect(toPlain(Object.create(prototype))).toEqual({ sdp: "v=0" });
  });
});
