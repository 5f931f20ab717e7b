import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openServerSettings } from "./first-start.ts";
import { firstPublicKey } from "./new-settings.ts";
import type { Settings } from "./settings.ts";
import { startPostgres } from "./testing/postgres.ts";

let folder = "";
const opened: Settings[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((settings) => settings.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function open(url: string | null = null, dataFolder = folder): Promise<Settings> {
  const settings = await openServerSettings({ dataFolder, url });
  opened.push(settings);
  return settings;
}

/** As the versions before settings had a database wrote it. */
const old = { projectId: "calls", name: "Our calls", ingestKey: "pk_0123456789abcdef0123456789abcdef" };
const writeOld = (dataFolder: string, content: object = old): void =>
  writeFileSync(join(dataFolder, "project.json"), JSON.stringify(content, null, 2));

describe("the first start", () => {
  test("makes a project and a key, once", async () => {
    const first = await open();
    const key = firstPublicKey(first, "default");
    expect(key).toMatch(/^pk_[0-9a-f]{32}$/);
    expect(first.projects).toMatchObject([{ projectId: "default", thresholds: {} }]);
    expect(Buffer.from(first.projects[0]?.salt ?? "", "base64url")).toHaveLength(32);
    await first.close();
    const second = await open();
    expect(second.projects).toEqual(first.projects);
    expect(firstPublicKey(second, "default")).toBe(key);
    expect(statSync(join(folder, "settings.sqlite")).mode & 0o077).toBe(0);
  });

  test("takes over project and key of a data folder that has them, and does not bring a revoked key back", async () => {
    writeOld(folder);
    const first = await open();
    expect(first.projects).toMatchObject([{ projectId: "calls", name: "Our calls" }]);
    expect(first.ingestKey(old.ingestKey)).toMatchObject({
      kind: "public",
      projectId: "calls",
      revokedAt: null,
    });
    expect(existsSync(join(folder, "project.json"))).toBe(false);
    const key = first.ingestKey(old.ingestKey);
    if (key !== null) await first.saveIngestKey({ ...key, revokedAt: 5 });
    await first.close();
    // A backup brought the file back.
    writeOld(folder);
    const second = await open();
    expect(second.ingestKey(old.ingestKey)?.revokedAt).toBe(5);
    expect(second.projects).toHaveLength(1);
  });

  test("a project file that is not valid stops it, and stays", async () => {
    writeOld(folder, { projectId: "NOT VALID" });
    await expect(open()).rejects.toThrow(/^settings-unusable: .*project\.json/);
    expect(readFileSync(join(folder, "project.json"), "utf8")).toContain("NOT VALID");
  });

  test("a file that is no database stops it, and stays", async () => {
    const text = "this is no database ".repeat(500);
    writeFileSync(join(folder, "settings.sqlite"), text);
    await expect(open()).rejects.toThrow(/^settings-unusable: .*settings\.sqlite/);
    expect(readFileSync(join(folder, "settings.sqlite"), "utf8")).toBe(text);
  });

  test("servers that share PostgreSQL start at once: one project, one salt, the keys of all old folders", async () => {
    const postgres = await startPostgres();
    try {
      const folders = ["a", "b", "c"].map((name) => mkdtempSync(join(folder, name)));
      writeOld(folders[0] ?? "", { ...old, projectId: "default" });
      writeOld(folders[1] ?? "", { ...old, projectId: "default", ingestKey: "pk_of_the_other_server" });
      const all = await Promise.all(folders.map((dataFolder) => open(postgres.url, dataFolder)));
      await Promise.all(all.map((settings) => settings.refresh()));
      for (const settings of all) {
        expect(settings.projects).toEqual(all[0]?.projects);
        expect(settings.ingestKey(old.ingestKey)?.projectId).toBe("default");
        expect(settings.ingestKey("pk_of_the_other_server")?.projectId).toBe("default");
      }
      expect(all[0]?.projects).toHaveLength(1);
      await Promise.all(opened.splice(0).map((settings) => settings.close()));
    } finally {
      await postgres.stop();
    }
  }, 60_000);

  test("a database that is not there stops it, and the message has no password", async () => {
    const refused = open("postgres://me:sesame@127.0.0.1:1/calls");
    await expect(refused).rejects.toThrow(/^settings-unusable: .*127\.0\.0\.1:1\/calls.*ECONNREFUSED/);
    await expect(refused).rejects.not.toThrow("sesame");
  });
});
