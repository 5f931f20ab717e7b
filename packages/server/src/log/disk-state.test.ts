import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createDiskWatch, isDiskFull } from "./disk-state.ts";

const noRoom = (code: string): Error => Object.assign(new Error(`${code}: no space left`), { code });

test("logs end at the reserve, and go on when clearly more is free", async () => {
  let freeBytes = 1_000;
  const watch = createDiskWatch({
    folder: "/data",
    reserveBytes: 500,
    measure: async () => ({ freeBytes, totalBytes: 2_000 }),
  });
  expect(watch.state).toEqual({ isFull: false, freeBytes: null, totalBytes: null, reserveBytes: 500 });
  const seen: boolean[] = [];
  for (freeBytes of [1_000, 500, 499, 520, 624, 625, 510, 499]) {
    await watch.check();
    seen.push(watch.state.isFull);
  }
  expect(seen).toEqual([false, false, true, true, true, false, false, true]);
  expect(watch.state).toMatchObject({ freeBytes: 499, totalBytes: 2_000 });
});

test("a write without room counts at once, and until a write works, whatever the system says is free", async () => {
  let canWrite = false;
  let tries = 0;
  const watch = createDiskWatch({
    folder: "/data",
    reserveBytes: 500,
    measure: async () => ({ freeBytes: 10_000, totalBytes: 20_000 }),
    async tryToWrite() {
      tries += 1;
      if (!canWrite) throw noRoom("EDQUOT");
    },
  });
  await watch.check();
  expect(tries).toBe(0);
  watch.failed(noRoom("EIO"));
  expect(watch.state.isFull).toBe(false);
  watch.failed(noRoom("EDQUOT"));
  expect(watch.state.isFull).toBe(true);
  await watch.check();
  expect(watch.state.isFull).toBe(true);
  canWrite = true;
  await watch.check();
  expect(watch.state.isFull).toBe(false);
  await watch.check();
  expect(tries).toBe(2);
});

test("a system that does not say how much is free is believed to have some", async () => {
  const watch = createDiskWatch({
    folder: "/data",
    reserveBytes: 500,
    measure: () => Promise.reject(new Error("ENOSYS")),
  });
  await watch.check();
  expect(watch.state).toEqual({ isFull: false, freeBytes: null, totalBytes: null, reserveBytes: 500 });
});

test("the real disk is measured and tried, and nothing is left of it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "peerscope-"));
  const watch = createDiskWatch({ folder, reserveBytes: 1 });
  watch.failed(noRoom("ENOSPC"));
  await watch.check();
  expect(watch.state.isFull).toBe(false);
  expect(watch.state.freeBytes).toBeGreaterThan(0);
  expect(watch.state.totalBytes).toBeGreaterThanOrEqual(watch.state.freeBytes ?? Infinity);
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

test("what says that there is no room", () => {
  for (const code of ["ENOSPC", "EDQUOT", "SQLITE_FULL"]) expect(isDiskFull(noRoom(code))).toBe(true);
  expect(isDiskFull(noRoom("EROFS"))).toBe(false);
  expect(isDiskFull("ENOSPC")).toBe(false);
});
