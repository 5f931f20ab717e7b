import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tableNames } from "../analyse/table-columns.ts";
import { readMigrations } from "./migrate.ts";
import { openMigratedStore, type EmbeddedStore } from "./testing/embedded-store.ts";

const page = readFileSync(new URL("../../../../docs/reference/tables.md", import.meta.url), "utf8");

let store: EmbeddedStore;
beforeAll(async () => {
  store = await openMigratedStore();
}, 60_000);
afterAll(() => store?.close());

/** Columns of a section of the reference: name and type. */
function documented(table: string): string[] {
  const section = page.split(`\n## ${table}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| `(\w+)` +\| `([^`]+)` +\|/gm)].map(([, name, type]) => `${name} ${type}`);
}

describe("tables", () => {
  test("the reference lists every column that the migrations make, with its type, and nothing else", async () => {
    const tables = await store.rows<{ name: string; key: string }>(
      "SELECT name, sorting_key AS key FROM system.tables WHERE database = currentDatabase()",
    );
    const expected = [...tableNames, "rollups", "schema_migrations"];
    expect(tables.map(({ name }) => name).toSorted()).toEqual(expected.toSorted());
    for (const { name, key } of tables) {
      const columns = await store.rows<{ name: string; type: string }>(
        "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {name:String} ORDER BY position",
        { name },
      );
      expect(documented(name), name).toEqual(columns.map(({ name, type }) => `${name} ${type}`));
      if (key !== "")
        expect(page.split(`\n## ${name}\n`)[1]?.split("\n## ")[0]).toContain(`Sorted by \`${key}\``);
    }
  });

  test("migrations are numbered without gaps", async () => {
    const numbers = (await readMigrations()).map(({ number }) => number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });
});
