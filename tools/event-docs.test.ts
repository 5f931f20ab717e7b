import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), "utf8");

test("the table of events in the reference of the SDK has exactly the events there are, in their order", () => {
  const [, types = ""] =
    /export interface EventData \{\n(.*?)\n\}\n/s.exec(read("packages/schema/src/events.ts")) ?? [];
  const names = [...types.matchAll(/^ {2}"([a-z-]+)":/gm)].map(([, name]) => name);
  const [, table = ""] = /\n## Events\n(.*?)\n## /s.exec(read("docs/reference/client.md")) ?? [];
  const rows = [...table.matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(40);
  expect(rows).toEqual(names);
});
