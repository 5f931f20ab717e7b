import { afterAll, beforeAll, expect, test } from "vitest";
import { openMigratedStore, type EmbeddedStore } from "./testing/embedded-store.ts";

let store: EmbeddedStore;
beforeAll(async () => {
  store = await openMigratedStore();
}, 60_000);
afterAll(() => store?.close());

interface Leg {
  readonly sessionId: string;
  readonly startedAt: number;
  readonly score: number | null;
  readonly scoreClass: string;
  readonly browser: string | null;
  readonly os: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly finished: number;
  readonly sample: number;
  readonly isDeleted: number;
}

/** The same numbers for the same seed. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("rollups are those of the newest rows, however often sessions were replaced or erased", async () => {
  const random = createRandom(7);
  const newest = new Map<string, Leg>();
  const start = Date.UTC(2026, 5, 6) / 1_000;
  const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)] as Item;
  for (let version = 1; version <= 5; version += 1) {
    const rows: (Leg & { version: number; projectId: string })[] = [];
    for (let index = 0; index < 200; index += 1) {
      const leg: Leg = {
        sessionId: `session-${random(300)}`,
        startedAt: start + random(600),
        score: random(5) === 0 ? null : random(101),
        scoreClass: pick(["good", "fair", "poor", "failed", "dropped", "not-measured"]),
        browser: pick([null, "Chrome 140", "Firefox 141"]),
        os: pick(["Windows 11", null]),
        tags: pick([{}, { country: "DE" }, { country: "FR", appVersion: "1.2" }]),
        finished: random(10) === 0 ? 0 : 1,
        sample: random(20) === 0 ? 1 : 0,
        isDeleted: random(10) === 0 ? 1 : 0,
      };
      if (rows.some(({ sessionId }) => sessionId === leg.sessionId)) continue;
      rows.push({ ...leg, projectId: "p", version });
      newest.set(leg.sessionId, leg);
    }
    const values = rows.map((row) => ({
      ...row,
      startedAt: new Date(row.startedAt * 1_000).toISOString().replace("T", " ").slice(0, -1),
    }));
    await store.client.insert({ table: "legs", values, format: "JSONEachRow" });
  }
  const expected = new Map<string, number[]>();
  for (const leg of newest.values()) {
    if (leg.finished === 0 || leg.sample === 1 || leg.isDeleted === 1) continue;
    const { browser, os, tags } = leg;
    const minute = leg.startedAt - (leg.startedAt % 60);
    const key = JSON.stringify([
      minute,
      browser ?? "",
      os ?? "",
      tags["appVersion"] ?? "",
      tags["country"] ?? "",
    ]);
    const sums = expected.get(key) ?? [0, 0, 0, 0, 0, 0, 0, 0];
    const classes = ["good", "fair", "poor", "failed", "dropped"];
    const add = [
      1,
      leg.score === null ? 0 : 1,
      leg.score ?? 0,
      ...classes.map((name) => Number(name === leg.scoreClass)),
    ];
    expected.set(
      key,
      sums.map((sum, index) => sum + (add[index] ?? 0)),
    );
  }
  const rows = await store.rows<Record<string, string | number>>(
    "SELECT toUnixTimestamp(minute) AS at, browser, os, appVersion, country, sessions, scored, scoreSum, good, fair, poor, failed, dropped " +
      "FROM rollups WHERE projectId = 'p'",
  );
  const found = rows.map(({ at, browser, os, appVersion, country, ...sums }) => [
    JSON.stringify([at, browser, os, appVersion, country]),
    Object.values(sums),
  ]);
  expect(found.length).toBeGreaterThan(20);
  expect(new Map(found as [string, unknown][])).toEqual(expected);
  const [median] = await store.rows<{ low: number; wanted: number }>(
    "SELECT quantilesTDigestIfMerge(0.05, 0.5)(scoreQuantiles)[2] AS low, " +
      "(SELECT quantileExact(0.5)(score) FROM legs FINAL WHERE finished = 1 AND sample = 0) AS wanted FROM rollups",
  );
  expect(Math.abs((median?.low ?? 0) - (median?.wanted ?? 100))).toBeLessThan(3);
});
