import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { privacySchema, projectLimitsSchema, retentionSchema, settingsLimits } from "@peerscope/schema/api";
import { auditDays } from "./audit-log.ts";
import { openDatabase } from "./database.ts";
import { migrateSettings } from "./migrations/index.ts";
import { newProject } from "./new-settings.ts";

const page = readFileSync(new URL("../../../../docs/reference/settings.md", import.meta.url), "utf8");

test("the reference has the limits", () => {
  const rows = page.slice(page.indexOf("## Limits"), page.indexOf("## Tables"));
  const {
    secretBytesLeast,
    secretBytesMost,
    publicKeyLength: _,
    auditPage,
    retentionDays,
    ...counts
  } = settingsLimits;
  for (const [name, most] of Object.entries(counts))
    expect([name, rows]).toEqual([name, expect.stringMatching(`\\b${most}\\b`)]);
  expect(page).toContain(`secret of ${secretBytesLeast} to ${secretBytesMost} bytes`);
  expect(page).toContain(`(up to ${auditPage})`);
  expect(page).toContain(`1 to ${retentionDays}, null`);
  expect(page).toContain(`after ${auditDays} days`);
});

test("the reference has every member of a project, and the defaults that a new one has", () => {
  const project = newProject("x", "x", 0);
  for (const [group, schema] of [
    ["retention", retentionSchema],
    ["privacy", privacySchema],
    ["limits", projectLimitsSchema],
  ] as const) {
    for (const name of Object.keys(schema.shape)) {
      const row = page.split("\n").find((line) => line.startsWith(`| \`${group}.${name}\``)) ?? "";
      const value = Object.entries(project[group]).find(([member]) => member === name)?.[1];
      expect(row.split("|")[3]?.trim().replaceAll("`", "")).toBe(String(value));
    }
  }
});

test("the reference has every table", async () => {
  const opened = openDatabase(":memory:", () => {});
  await migrateSettings(opened);
  const tables = await opened.database.introspection.getTables({ withInternalKyselyTables: true });
  await opened.database.destroy();
  const described = page.slice(page.indexOf("## Tables")).matchAll(/`(\w+)`(?=[^|]*\|[^|]*\|$)/gm);
  const names = new Set([...described].map(([, name]) => name));
  for (const { name } of tables) expect(names).toContain(name);
  expect(tables.length).toBe(13);
});
