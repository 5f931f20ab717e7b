import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isHeld, runTorture } from "../../tools/torture/run-torture.ts";
import { ensureBuilt } from "../support/peerscope.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
let folder = "";

beforeEach(() => {
  ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), "peerscope-torture-"));
  console.log(`seed ${seed} (set SEED to repeat)`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("the store is away, then things are killed and lose their power under load: what was acknowledged is kept, and the rows are those of the logs", async () => {
  const result = await runTorture({
    dataFolder: join(folder, "data"),
    kills: 5,
    clients: 12,
    seed,
    storeDownSeconds: 4,
    onProgress: () => {},
  });
  console.log(JSON.stringify(result));
  expect(isHeld(result), JSON.stringify(result, null, 2)).toBe(true);
  expect(result.storeDown?.framesAcknowledged).toBeGreaterThan(0);
  expect(result.storeDown?.problems).toEqual(["store-down"]);
});
