import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { captureNames, readCapture } from "@peerscope/scenarios";
import { analyseRecords } from "../testing/call-builder.ts";
import { catalogVersion, observationCatalog } from "./catalog.ts";

const page = readFileSync(new URL("../../../../docs/reference/observations.md", import.meta.url), "utf8");

test("the reference names the version in force", () => {
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
