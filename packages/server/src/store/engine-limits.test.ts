import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEngineChild } from "./engine-child.ts";
import { openEmbeddedStore, type EmbeddedStore } from "./testing/embedded-store.ts";

let store: EmbeddedStore;
beforeAll(async () => {
  store = await openEmbeddedStore();
  await store.client.command({ query: "CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n" });
}, 60_000);
afterAll(() => store?.close());

/** Reads for as long as it is let: a condition that nothing fulfils, over more numbers than there is time. */
const endless = "SELECT count() AS n FROM numbers(1000000000000) WHERE sipHash64(number) = 1";

describe("the embedded engine under load", () => {
  test("what reads cannot write, whatever it says", async () => {
    for (const query of [
      "WITH 1 AS x INSERT INTO t SELECT x",
      "SELECT 1 AS n SETTINGS readonly = 0",
      "EXPLAIN SELECT 1 SETTINGS readonly = 0",
    ]) {
      await expect(store.client.command({ query }), query).rejects.toThrow(/readonly/i);
    }
    await expect(
      store.client.command({ query: "INSERT INTO t VALUES (1)", clickhouse_settings: { readonly: "1" } }),
    ).rejects.toThrow("readonly");
    expect(await store.rows("SELECT n FROM t")).toEqual([]);
  });

  test("limits of one question end with it", async () => {
    const value = () => store.rows<{ n: string }>("SELECT getSetting('max_execution_time') AS n");
    const before = await value();
    const ask = (sql: string) =>
      store.client.query({
        query: sql,
        format: "JSONEachRow",
        clickhouse_settings: { max_execution_time: 1 },
      });
    await expect(ask(endless)).rejects.toThrow(/timeout/i);
    for (let reader = 0; reader < 6; reader += 1) expect(await value()).toEqual(before);
  });

  test("rows are taken while three questions read as much as they can", async () => {
    const reading = [1, 2, 3].map(() =>
      store.client.query({ query: endless, clickhouse_settings: { max_execution_time: 4 } }).then(
        () => "answered",
        () => "stopped",
      ),
    );
    const done = Promise.all(reading).then(() => true);
    let inserts = 0;
    for (;;) {
      const isOver = await Promise.race([
        done,
        new Promise<false>((resolve) => setTimeout(() => resolve(false), 20)),
      ]);
      if (isOver) break;
      await store.client.insert({ table: "t", values: [{ n: 1 }], format: "JSONEachRow" });
      inserts += 1;
    }
    expect(await Promise.all(reading)).toEqual(["stopped", "stopped", "stopped"]);
    // One that had to wait for a reader would be alone.
    expect(inserts).toBeGreaterThan(5);
    await store.client.command({ query: "TRUNCATE TABLE t" });
  }, 60_000);

  test("a question that wants all memory is stopped, and the engine goes on", async () => {
    const query = "SELECT length(groupArray(number)) AS n FROM numbers(1000000000)";
    await expect(store.rows(query)).rejects.toMatchObject({ code: "241" });
    expect(await store.rows("SELECT toUInt8(1) AS n")).toEqual([{ n: 1 }]);
  });

  test("a process that is too large is started again", async () => {
    const path = mkdtempSync(join(tmpdir(), "peerscope-store-"));
    let ups = 0;
    const { child, reason } = await new Promise<{
      child: ReturnType<typeof startEngineChild>;
      reason: string;
    }>((resolve) => {
      const child = startEngineChild({
        path,
        // Less than the engine takes to be there at all.
        memoryMb: 64,
        memoryCheckMs: 50,
        onUp: () => {
          ups += 1;
        },
        onDown: (reason) => resolve({ child, reason }),
      });
    });
    expect(reason).toMatch(/took \d+ MiB, PEERSCOPE_STORE_MEMORY_MB is 64/);
    expect(ups).toBeLessThan(2);
    await child.close(5_000);
    rmSync(path, { recursive: true, force: true });
  }, 30_000);
});
