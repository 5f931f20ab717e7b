import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openSettings } from "./open-settings.ts";
import { project, publicKey } from "./testing/examples.ts";
import { startPostgres } from "./testing/postgres.ts";

const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

const unavailable = { code: "settings-unavailable", status: 503 };

describe("the database is away", () => {
  test("PostgreSQL: what is in memory goes on, the rest says so, and all of it is back afterwards", async () => {
    const postgres = await startPostgres();
    undo.push(() => postgres.stop());
    const problems: unknown[] = [];
    const looks: (() => void)[] = [];
    const settings = await openSettings({
      url: postgres.url,
      every: (_ms, work) => (looks.push(work), () => {}),
      onProblem: (error) => problems.push(error),
    });
    undo.push(() => settings.close());
    await settings.createProject(
      project({ projectId: "one" }),
      publicKey({ projectId: "one", keyId: "pk_1" }),
    );

    await postgres.goAway();
    await expect(settings.ping()).rejects.toMatchObject(unavailable);
    const { projects } = settings;
    await expect(settings.saveProject(project({ projectId: "one", name: "new" }))).rejects.toMatchObject(
      unavailable,
    );
    await expect(settings.userById("u_1")).rejects.toMatchObject(unavailable);
    looks[0]?.();
    await expect(settings.refresh()).rejects.toMatchObject(unavailable);
    expect(settings.projects).toBe(projects);
    expect(settings.ingestKey("pk_1")).not.toBeNull();
    expect(problems.length).toBeGreaterThan(0);

    await postgres.comeBack();
    await settings.ping();
    await settings.saveProject(project({ projectId: "one", name: "new" }));
    expect(settings.project("one")?.name).toBe("new");
  }, 60_000);

  test("PostgreSQL: a connection that is cut within a transaction ends the transaction, not the process", async () => {
    const postgres = await startPostgres();
    undo.push(() => postgres.stop());
    const settings = await openSettings({ url: postgres.url });
    undo.push(() => settings.close());
    await settings.createProject(project({ projectId: "one" }), null);
    const cut = settings.changeProject("one", (before) => {
      void postgres.goAway();
      return { ...before, name: "half" };
    });
    await expect(cut).rejects.toMatchObject(unavailable);
    expect(settings.project("one")?.name).toBe("Default project");
    await postgres.goAway();
    await postgres.comeBack();
    await settings.changeProject("one", (before) => ({ ...before, name: `${before.name}, whole` }));
    expect(settings.project("one")?.name).toBe("Default project, whole");
  }, 60_000);

  test("SQLite: another process that writes holds up neither the timers nor, in the end, the write", async () => {
    const folder = mkdtempSync(join(tmpdir(), "peerscope-"));
    undo.push(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, "settings.sqlite");
    const settings = await openSettings({ url: file });
    undo.push(() => settings.close());
    const other = spawn(process.execPath, ["-e", holder, file], { stdio: ["pipe", "pipe", "inherit"] });
    undo.push(() => void other.kill());
    const heard = new Promise((resolve) => other.stdout.once("data", resolve));
    await heard;

    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
      // It lets go while the write waits.
      if (turns === 20) other.stdin.write("go\n");
    }, 5);
    undo.push(() => clearInterval(timer));
    expect(settings.projects).toEqual([]);
    await settings.createProject(project({ projectId: "one" }), null);
    expect(turns).toBeGreaterThanOrEqual(20);
    expect(settings.projects).toHaveLength(1);
  });
});

/** Takes the file of SQLite, says so, and lets go when it is told. */
const holder = `
const Database = require(${JSON.stringify(createRequire(import.meta.url).resolve("libsql"))});
const database = new Database(process.argv[1]);
database.exec("BEGIN IMMEDIATE");
process.stdin.once("data", () => { database.exec("COMMIT"); process.exit(0); });
process.stdout.write("held");
`;
