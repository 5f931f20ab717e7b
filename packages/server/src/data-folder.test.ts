import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDataFolder } from "./data-folder.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("data folder", () => {
  test("is made, and holds only what belongs there", () => {
    const inside = join(folder, "new", "deeper");
    openDataFolder(inside).release();
    expect(readdirSync(inside).toSorted()).toEqual(["logs", "store"]);
  });

  test("two servers cannot share it", () => {
    const first = openDataFolder(folder);
    expect(() => openDataFolder(folder)).toThrow(/^data-folder-in-use: .*PEERSCOPE_DATA/);
    first.release();
    openDataFolder(folder).release();
  });

  test("the lock of a process that is gone does not count", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    writeFileSync(join(folder, "server.lock"), `${pid} 12345`);
    openDataFolder(folder).release();
  });

  test("the lock of a process whose id was given to another does not count", () => {
    writeFileSync(join(folder, "server.lock"), `${process.ppid} 1`);
    // Only where the system tells start times; elsewhere a living id counts.
    if (process.platform === "linux") openDataFolder(folder).release();
    else expect(() => openDataFolder(folder)).toThrow("data-folder-in-use");
  });

  test("a release takes only the own lock away", () => {
    const first = openDataFolder(folder);
    writeFileSync(join(folder, "server.lock"), "1 1");
    first.release();
    expect(readFileSync(join(folder, "server.lock"), "utf8")).toBe("1 1");
  });
});
