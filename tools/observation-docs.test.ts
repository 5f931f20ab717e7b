import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { catalogVersion, observationCatalog } from "@peerscope/observer";
import { expect, test } from "vitest";
import { observationIndex, observationPage } from "./docs/observation-page.ts";

const folder = fileURLToPath(new URL("../docs/reference/observations/", import.meta.url));
const read = (file: string): string => readFileSync(`${folder}${file}`, "utf8");
const known = new Set(observationCatalog.keys());

test("every observation has its page and no other page is there (npm run docs:observations writes them)", () => {
  const expected = [...known].map((id) => `${id}.md`);
  expect(readdirSync(folder).sort()).toEqual([...expected, "README.md"].sort());
  expect(read("README.md")).toBe(observationIndex([...observationCatalog.values()], catalogVersion));
});

test.each([...observationCatalog.values()])("$id: its page says what its definition says", (definition) => {
  expect(read(`${definition.id}.md`)).toBe(observationPage(definition, known));
});
