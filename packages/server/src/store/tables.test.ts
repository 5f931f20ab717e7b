import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { tableNames } from "../analyse/rows.ts";
import { readMigrations } from "./migrate.ts";

const page = readFileSync(new URL("../../../../docs/reference/tables.md", import.meta.url), "utf8");

/** Columns with types by table, and the sorting key, from CREATE TABLE. */
function parseCreate(sql: string): { table: string; columns: string[]; key: string } {
  const match = /CREATE TABLE IF NOT EXISTS (\w+)\s*\(([^]*)\)\s*ENGINE = [^]*ORDER BY \(?([^)]*)\)?/.exec(
    sql,
  );
  const columns = (match?.[2] ?? "")
    .trim()
    .split(/,\n/)
    .map((line) => line.trim());
  return { table: match?.[1] ?? "", columns, key: match?.[3] ?? "" };
}

describe("tables", () => {
  test("the reference lists every column of the migrations with its type, and nothing else", async () => {
    const tables = (await readMigrations()).flatMap(({ statements }) => statements.map(parseCreate));
    expect(tables.map(({ table }) => table).toSorted()).toEqual([...tableNames].toSorted());
    for (const { table, columns, key } of tables) {
      const section = page.split(`\n## ${table}\n`)[1]?.split("\n## ")[0] ?? "";
      const rows = [...section.matchAll(/^\| `(\w+)` +\| `([^`]+)` +\|/gm)].map(
        ([, name, type]) => `${name} ${type}`,
      );
      expect(rows, table).toEqual(columns);
      expect(section).toContain(`Sorted by \`${key}\``);
    }
  });

  test("migrations are numbered without gaps", async () => {
    const numbers = (await readMigrations()).map(({ number }) => number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });
});
