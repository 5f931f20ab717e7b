import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { captureNames, readCapture } from "@peerscope/scenarios";
import { analyseRecords } from "../testing/call-builder.ts";
import { catalogVersion, observationCatalog } from "./catalog.ts";

const page = readFileSync(new URL("../../../../docs/reference/observations.md", import.meta.url), "utf8");

/** Cells of the row of an id. */
function rowOf(id: string): string[] {
  const line = page
    .split("\n")
    .find((candidate) => candidate.startsWith(`| \`${id}\` `) && candidate.split("|").length > 6);
  return (line ?? "")
    .split("|")
    .map((cell) => cell.trim())
    .slice(1, -1);
}

test.each([...observationCatalog.values()])(
  "$id: the reference page has its row, with levels and evidence",
  (definition) => {
    const [, meaning, on, severity, clear, evidence] = rowOf(definition.id);
    expect(meaning).toContain(definition.meaning);
    expect(on).toBe(definition.onText);
    expect(clear).toBe(definition.clearText);
    for (const level of definition.levels) expect(severity).toContain(`${level.severity} > ${level.on}`);
    for (const name of definition.evidence) expect(evidence).toContain(`\`${name}\``);
  },
);

test("the page names no observation that does not exist, and the version in force", () => {
  const named = [...page.matchAll(/^\| `([a-z-]+)`\s+\|.*\|.*\|.*\|.*\|.*\|$/gm)].map(([, id]) => id ?? "");
  expect(new Set(named)).toEqual(new Set(observationCatalog.keys()));
  expect(page).toContain(`Catalogue version ${catalogVersion}`);
});

test("levels are let go below where they are raised, and severities grow", () => {
  for (const { levels, severities } of observationCatalog.values()) {
    for (const [index, level] of levels.entries()) {
      expect(level.clear).toBeLessThan(level.on);
      expect(severities).toContain(level.severity);
      expect(level.on).toBeGreaterThan(levels[index - 1]?.on ?? Number.NEGATIVE_INFINITY);
    }
  }
});

test("evidence of the recorded calls has the names that the catalogue announces", () => {
  for (const name of captureNames) {
    for (const { records } of readCapture(name).sessions) {
      for (const { id, evidence } of analyseRecords(records).observations) {
        const announced = observationCatalog.get(id)?.evidence ?? [];
        for (const { stat, field } of evidence) expect(announced, id).toContain(`${stat}.${field}`);
      }
    }
  }
});
