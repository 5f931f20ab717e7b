import fc from "fast-check";
import { expect, test } from "vitest";
import { type ColumnKind, PackedTable } from "./packed-table.ts";

const kinds: readonly ColumnKind[] = ["count", "three-digits", "count"];

const threeDigits = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => Number(value.toPrecision(3)));
const cell = fc.oneof(
  fc.constant(null),
  fc.nat(),
  fc.constantFrom(254, 255, 256, 65_534, 65_535, 65_536, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 53, -1, 0.1, 1e300),
  threeDigits,
);

test("gives back what was put in, whatever the columns had to hold before", () => {
  const change = fc.record({ row: fc.nat(40), column: fc.nat(2), value: cell });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
      const table = new PackedTable(kinds);
      const plain: (number | null)[][] = [];
      for (const { row, column, value } of changes) {
        while (plain.length <= row) {
          plain.push([null, null, null]);
          table.addRow();
        }
        table.set(row, column, value);
        const known = plain[row];
        if (known !== undefined) known[column] = value;
      }
      expect(table.rows).toBe(plain.length);
      for (const column of kinds.keys()) {
        expect(table.column(column)).toEqual(plain.map((row) => row[column] ?? null));
      }
    }),
    { numRuns: 500 },
  );
});

test("what lies outside is null, and passed over when set", () => {
  const table = new PackedTable(kinds);
  table.addRow();
  table.set(1, 0, 5);
  table.set(-1, 0, 5);
  table.set(0, 3, 5);
  expect([table.get(0, 0), table.get(1, 0), table.get(-1, 0), table.get(0, 3)]).toEqual([
    null,
    null,
    null,
    null,
  ]);
});
