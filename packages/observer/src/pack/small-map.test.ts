import fc from "fast-check";
import { expect, test } from "vitest";
import { SmallMap, SmallSet } from "./small-map.ts";

const key = fc.integer({ min: 0, max: 24 }).map((number) => `key-${number}`);
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("set", "put"), key, value: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("delete"), key, value: fc.nat() }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom("clear", "delete-all-seen"), key, value: fc.nat() }),
    },
  ),
  { maxLength: 120 },
);

test("a small map is a Map, a small set is a Set, however many entries come and go", () => {
  fc.assert(
    fc.property(steps, (list) => {
      const map = new SmallMap<string, number>();
      const set = new SmallSet<string>();
      const expected = new Map<string, number>();
      for (const step of list) {
        if (step.do === "set" || step.do === "put") {
          map[step.do](step.key, step.value);
          set.add(step.key);
          expected.set(step.key, step.value);
        } else if (step.do === "delete") {
          const wasThere = expected.delete(step.key);
          expect(map.delete(step.key)).toBe(wasThere);
          expect(set.delete(step.key)).toBe(wasThere);
        } else if (step.do === "clear") {
          map.clear();
          set.clear();
          expected.clear();
        } else {
          const seen = [...map.keys()];
          for (const own of map.keys()) map.delete(own);
          for (const own of set) set.delete(own);
          expect(seen).toEqual([...expected.keys()]);
          expected.clear();
        }
        expect(map.get(step.key)).toBe(expected.get(step.key));
        expect(map.has(step.key)).toBe(expected.has(step.key));
        expect(set.has(step.key)).toBe(expected.has(step.key));
        expect([map.size, set.size]).toEqual([expected.size, expected.size]);
        expect([...map]).toEqual([...expected]);
        expect([...map.values()]).toEqual([...expected.values()]);
        expect([...set]).toEqual([...expected.keys()]);
      }
    }),
  );
});
