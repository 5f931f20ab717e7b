import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createStateBytes } from "./state-bytes.ts";

class Counter {
  count = 0;
  last: unknown = null;
  next(): number {
    return (this.count += 1);
  }
}
const shared = { rule: 1, judge: (): number => 7 };
const judge = (): number => 8;

const stateBytes = createStateBytes({
  classes: [{ prototype: Counter.prototype, blank: () => new Counter() }],
  constants: [shared, judge],
});
const again = (value: unknown): unknown => stateBytes.take(stateBytes.put(value));

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.double(),
    fc.integer(),
    fc.double({ min: 2 ** 40 - 5, max: 2 ** 41 + 5, noNaN: true }),
    fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }),
    fc.constantFrom(0, -0, 127, 128, 2 ** 31, 2 ** 48, 2 ** 48 + 1, -(2 ** 48), 2 ** 53, Number.NaN),
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
    fc.constantFrom("inbound-rtp", "", "__proto__", "a\u00ff", undefined, null, true, false, shared, judge),
    fc.array(tie("value")),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom("__proto__", "7", "id", "constructor")),
      tie("value"),
    ),
    fc.array(fc.tuple(tie("value"), tie("value"))).map((entries) => new Map(entries)),
    fc.array(tie("value")).map((values) => new Set(values)),
    fc.uint8Array(),
    fc.float64Array(),
    fc.uint16Array(),
    fc.int16Array(),
    fc.int32Array(),
    fc.tuple(fc.nat(), tie("value")).map(([count, last]) => Object.assign(new Counter(), { count, last })),
  ),
})).value;

describe("state as bytes", () => {
  it("is made anew as it was, whatever it holds", () => {
    fc.assert(
      fc.property(plain, (value) => {
        // Not toStrictEqual, to which a member named constructor is the class.
        expect(isDeepStrictEqual(again(value), value)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("keeps what is there twice by reference, circles, classes and constants", () => {
    const twice = { at: 1 };
    const state: Record<string, unknown> = {
      one: twice,
      other: [twice],
      shared,
      judge,
      counter: new Counter(),
    };
    state["self"] = state;
    const back = again(state) as typeof state & { readonly counter: Counter; readonly other: unknown[] };
    expect(back).not.toBe(state);
    expect(back["self"]).toBe(back);
    expect(back.other[0]).toBe(back["one"]);
    expect(back["shared"]).toBe(shared);
    expect(back["judge"]).toBe(judge);
    expect(back.counter.next()).toBe(1);
    expect(state["counter"]).toEqual(new Counter());
  });

  it("refers to what is given with it, or to what has taken its place", () => {
    const [rule, other] = [{ limit: 1 }, { limit: 2 }];
    const rested = stateBytes.put({ rules: [other, rule, shared] }, [rule, other]);
    const back = stateBytes.take(rested, [{ limit: 3 }, other]);
    expect(back).toEqual({ rules: [{ limit: 2 }, { limit: 3 }, shared] });
    expect((back as { rules: object[] }).rules[0]).toBe(other);
  });

  it("forgets what is held weakly", () => {
    expect(again({ cache: new WeakRef(shared) })).toEqual({ cache: null });
  });

  it("is as deep as it likes: a list of a million", () => {
    let list: { readonly before: unknown; readonly at: number } | null = null;
    for (let at = 0; at < 1_000_000; at++) list = { before: list, at };
    const back = again(list) as { readonly at: number; readonly before: { readonly at: number } };
    expect([back.at, back.before.at]).toEqual([999_999, 999_998]);
  });

  it("keeps members in more orders than are remembered", () => {
    for (let number = 0; number < 6_000; number++) {
      const object = { [`member ${number}`]: number, [`m-${number % 7}`]: "text", last: null };
      const back = again(object) as object;
      expect(Object.entries(back)).toEqual(Object.entries(object));
    }
  });

  it("keeps members with names of any length", () => {
    const object = {
      ["n".repeat(64)]: 1,
      ["n".repeat(65)]: 2,
      ["n".repeat(100_000)]: { ["\u{1f30d}".repeat(9)]: 3 },
    };
    expect(isDeepStrictEqual(again([object, { ...object, last: 4 }]), [object, { ...object, last: 4 }])).toBe(
      true,
    );
  });

  it("keeps objects of very many members", () => {
    const names = Array.from(
      { length: 200_000 },
      (_, at) => `${"abcdefghij"[at % 10]}${at % 3 === 0 ? "-name" : at}`,
    );
    const object = Object.fromEntries(names.map((name, at) => [name, at]));
    expect(isDeepStrictEqual(again({ object, list: names }), { object, list: names })).toBe(true);
  });

  it("refuses what is no state, and goes on", () => {
    for (const value of [
      () => 1,
      Symbol("s"),
      1n,
      new Date(0),
      { a: [() => 2] },
      new DataView(new ArrayBuffer(2)),
    ])
      expect(() => stateBytes.put(value)).toThrow("state-not-plain");
    expect(again({ fine: 1 })).toEqual({ fine: 1 });
  });

  it("does not share what it makes with what it was made of", () => {
    const state = { list: [1], bytes: new Uint8Array([1]) };
    const rested = stateBytes.put(state);
    state.list.push(2);
    state.bytes[0] = 9;
    const first = stateBytes.take(rested) as typeof state;
    first.list.push(3);
    expect(stateBytes.take(rested)).toEqual({ list: [1], bytes: new Uint8Array([1]) });
  });
});
