import { readinessSchema, healthSchema } from "@peerscope/schema/api";
import { describe, expect, test, vi } from "vitest";
import { createHealthReport, type HealthSources } from "./health.ts";
import { createWriteWatch } from "./write-watch.ts";

const room = { isFull: false, freeBytes: 5e9, totalBytes: 9e9, reserveBytes: 1e8 };
const noLag = { bytes: 0, ageMs: 0, workers: [] };
const archiveDown = {
  status: "down",
  waiting: 3,
  lastError: { message: "secret.example", since: 7 },
} as const;

function report(sources: Partial<HealthSources> = {}) {
  return createHealthReport({
    version: "1.2.3",
    disk: { state: room },
    writes: { isFailing: false },
    settings: { ping: async () => {} },
    store: { state: "ok", problem: null },
    rows: { waiting: 0 },
    analyser: { lag: noLag },
    archiver: null,
    archive: null,
    liveSessions: () => 2,
    isStopping: () => false,
    monotonicMs: () => 0,
    ...sources,
  });
}

describe("health", () => {
  test("a server that is well says so", async () => {
    expect(healthSchema.parse(report().health())).toEqual({
      status: "ok",
      version: "1.2.3",
      store: "ok",
      liveSessions: 2,
      problems: [],
    });
    expect(readinessSchema.parse(await report().readiness())).toMatchObject({ ready: true, problems: [] });
  });

  test.each<[string, Partial<HealthSources>]>([
    ["disk-full", { disk: { state: { ...room, isFull: true } } }],
    ["log-writes-failing", { writes: { isFailing: true } }],
    ["stopping", { isStopping: () => true }],
  ])("%s: nothing can be recorded", async (problem, sources) => {
    expect(await report(sources).readiness()).toMatchObject({ ready: false, problems: [problem] });
    expect(report(sources).health()).toMatchObject({ status: "degraded", problems: [problem] });
  });

  test.each<[string, Partial<HealthSources>]>([
    ["settings-down", { settings: { ping: () => Promise.reject(new Error("away")) } }],
    ["store-down", { store: { state: "down", problem: "store-unreachable" } }],
    ["analysis-behind", { analyser: { lag: { bytes: 5, ageMs: 60_001, workers: [] } } }],
    ["archive-down", { archiver: { state: archiveDown }, archive: { failure: {} } }],
  ])("%s: recording goes on, and it is said", async (problem, sources) => {
    const asked = report(sources);
    expect(await asked.readiness()).toMatchObject({ ready: true, problems: [problem] });
    expect(asked.health()).toMatchObject({ status: "degraded", problems: [problem] });
  });

  test("a store that is starting is no problem yet", async () => {
    expect(report({ store: { state: "starting", problem: null } }).health()).toMatchObject({
      status: "ok",
      store: "starting",
    });
  });

  test("everybody may ask, so nobody learns the names of machines", async () => {
    const readiness = await report({
      store: { state: "down", problem: "connect ECONNREFUSED clickhouse.internal.example:8123" },
      archiver: { state: archiveDown },
      archive: { failure: {} },
    }).readiness();
    expect(JSON.stringify(readiness)).not.toContain("example");
    expect(readiness.store.problem).toBe("store-unreachable");
    expect(readiness.archive).toEqual({ state: "down", logsWaiting: 3, downSince: 7 });
    const newer = report({ store: { state: "down", problem: "store-schema-newer: of x.example" } });
    expect((await newer.readiness()).store.problem).toBe("store-schema-newer");
  });

  test("a database that does not answer is waited for two seconds, and not asked by each request", async () => {
    vi.useFakeTimers();
    try {
      let now = 0;
      let asked = 0;
      const ping = (): Promise<void> => {
        asked += 1;
        return new Promise(() => {});
      };
      const slow = report({ settings: { ping }, monotonicMs: () => now });
      const first = slow.readiness();
      const second = slow.readiness();
      await vi.advanceTimersByTimeAsync(2_000);
      expect((await first).settings.state).toBe("down");
      expect((await second).settings.state).toBe("down");
      expect((await slow.readiness()).settings.state).toBe("down");
      expect(asked).toBe(1);
      now = 5_000;
      void slow.health();
      expect(asked).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  test("logs that could not be written are a problem until one is, or for half a minute", () => {
    let now = 0;
    const watch = createWriteWatch(() => now);
    expect(watch.isFailing).toBe(false);
    watch.failed();
    expect(watch.isFailing).toBe(true);
    watch.worked();
    expect(watch.isFailing).toBe(false);
    watch.failed();
    now = 29_999;
    expect(watch.isFailing).toBe(true);
    now = 30_000;
    expect(watch.isFailing).toBe(false);
  });
});
