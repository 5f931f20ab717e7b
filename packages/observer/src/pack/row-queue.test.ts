import fc from "fast-check";
import { expect, test } from "vitest";
import { RowQueue } from "./row-queue.ts";

test("holds what a list of rows would", () => {
  const step = fc.oneof(
    fc.tuple(fc.double({ noNaN: true }), fc.double({ noNaN: true })),
    fc.record({ drop: fc.nat(5) }),
    fc.constant("clear" as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new RowQueue(2);
      let plain: (readonly [number, number])[] = [];
      for (const each of steps) {
        if (each === "clear") {
          queue.clear();
          plain = [];
        } else if ("drop" in each) {
          queue.drop(each.drop);
          plain = plain.slice(each.drop);
        } else {
          const at = queue.add();
          [queue.numbers[at], queue.numbers[at + 1]] = each;
          plain.push(each);
        }
      }
      expect(queue.length).toBe(plain.length);
      for (const [row, numbers] of plain.entries()) {
        expect([queue.get(row, 0), queue.get(row, 1)]).toEqual(numbers);
      }
      expect(queue.get(plain.length, 0)).toBeNaN();
      expect(queue.get(-1, 0)).toBeNaN();
    }),
  );
});
