import { describe, expect, test } from "vitest";
import type { AnalysisDigest, ReanalysisRequest } from "@peerscope/schema/api";
import { createReanalyser, type ReanalysedSession, type ReanalysisSource } from "./reanalysis.ts";

const digest = (changes: Partial<AnalysisDigest> = {}): AnalysisDigest => ({
  score: 90,
  scoreClass: "good",
  faultDomain: "unknown",
  statedCause: null,
  observationIds: [],
  analysisVersion: "1.0.0 1",
  ...changes,
});

const sessions: ReanalysedSession[] = Array.from({ length: 12 }, (_, index) => ({
  sessionId: `session-${index}`,
  createdAt: 1_000 * index,
}));

interface World {
  readonly source: ReanalysisSource;
  readonly stored: Map<string, AnalysisDigest>;
  readonly present: Map<string, AnalysisDigest | null>;
  writes: number;
  beforeIdle: () => void;
}

/** A server with twelve sessions, of which the tests say what is stored and what the analysis says now. */
function createWorld(): World {
  const stored = new Map(sessions.map(({ sessionId }) => [sessionId, digest()]));
  const present = new Map<string, AnalysisDigest | null>(
    sessions.map(({ sessionId }) => [sessionId, digest({ analysisVersion: "2.0.0 1" })]),
  );
  const world: World = {
    stored,
    present,
    writes: 0,
    beforeIdle: () => {},
    source: {
      sessions: (projectId) => (projectId === "default" ? sessions : []),
      stored: (_, ids) => Promise.resolve(new Map([...stored].filter(([id]) => ids.includes(id)))),
      analyse: ({ sessionId }) => Promise.resolve(present.get(sessionId) ?? null),
      write(_, written) {
        world.writes += 1;
        const taken = new Set<string>();
        for (const { sessionId } of written) {
          const now = present.get(sessionId) ?? null;
          if (now === null) continue;
          stored.set(sessionId, now);
          taken.add(sessionId);
        }
        return Promise.resolve(taken);
      },
      idle: () => Promise.resolve(world.beforeIdle()),
      now: () => 5,
    },
  };
  return world;
}

async function run(world: World, request: Partial<ReanalysisRequest> = {}) {
  const reanalyser = createReanalyser(world.source);
  reanalyser.start("default", { dryRun: false, ...request });
  await reanalyser.settled();
  return reanalyser.page("default", 0, 100);
}

describe("reanalysis", () => {
  test.each([true, false])("tells what is different, dry run: %s", async (dryRun) => {
    const world = createWorld();
    world.present.set("session-1", digest({ score: 40, scoreClass: "poor", statedCause: "high-rtt" }));
    world.present.set("session-2", digest({ score: 90.3 }));
    world.present.set("session-3", digest({ observationIds: ["high-rtt"] }));
    world.stored.delete("session-4");
    world.present.set("session-5", null);
    const before = new Map(world.stored);
    const { reanalysis, changes } = await run(world, { dryRun });
    expect(reanalysis).toMatchObject({
      state: "done",
      total: 12,
      done: 12,
      changed: 2,
      added: 1,
      failed: 1,
      byClass: { "good → poor": 1, "no rows → good": 1 },
      byCause: { "none → high-rtt": 1, "no rows → none": 1 },
    });
    expect(changes.map(({ sessionId, changed }) => [sessionId, changed])).toEqual([
      ["session-1", ["score", "scoreClass", "statedCause"]],
      ["session-3", ["observationIds"]],
      ["session-4", ["rows"]],
    ]);
    expect(changes[0]).toMatchObject({ before: { score: 90 }, after: { score: 40 } });
    if (dryRun) expect(world.stored).toEqual(before);
    else expect(world.stored.get("session-0")?.analysisVersion).toBe("2.0.0 1");
    expect(world.writes > 0).toBe(!dryRun);
  });

  test.each([
    [{ since: 3_000, until: 5_000 }, 2],
    [{ sessionId: "session-7" }, 1],
    [{ since: 99_000 }, 0],
  ])("%j is %i sessions", async (request, total) => {
    expect((await run(createWorld(), request)).reanalysis).toMatchObject({
      state: "done",
      total,
      done: total,
    });
  });

  test("one job at a time, another project sees nothing of it", async () => {
    const reanalyser = createReanalyser(createWorld().source);
    reanalyser.start("default", { dryRun: true });
    expect(() => reanalyser.start("other", { dryRun: true })).toThrow("already");
    expect(reanalyser.page("other", 0, 10)).toEqual({ reanalysis: null, changes: [] });
    expect(reanalyser.cancel("other")).toBeNull();
    await reanalyser.settled();
    expect(reanalyser.page("default", 0, 10).reanalysis?.state).toBe("done");
    reanalyser.start("other", { dryRun: true });
    await reanalyser.close();
  });

  test("a session that is not there is unknown", () => {
    const reanalyser = createReanalyser(createWorld().source);
    expect(() => reanalyser.start("default", { dryRun: true, sessionId: "session-x" })).toThrow("No session");
  });

  test.each([true, false])("a cancelled job stops where it is, dry run: %s", async (dryRun) => {
    const world = createWorld();
    const reanalyser = createReanalyser(world.source);
    let steps = 0;
    world.beforeIdle = () => {
      steps += 1;
      if (steps === 2) reanalyser.cancel("default");
    };
    reanalyser.start("default", { dryRun });
    await reanalyser.settled();
    const { reanalysis } = reanalyser.page("default", 0, 100);
    expect(reanalysis).toMatchObject({ state: "cancelled", failed: 0 });
    expect(reanalysis?.done).toBeLessThan(12);
    if (dryRun) expect(world.writes).toBe(0);
  });

  test("a store that stays away ends it and says so; what was done stays done", async () => {
    const world = createWorld();
    let asked = 0;
    const source: ReanalysisSource = {
      ...world.source,
      stored(projectId, ids) {
        asked += 1;
        return asked > 2
          ? Promise.reject(new Error("the store is away"))
          : world.source.stored(projectId, ids);
      },
    };
    const { reanalysis } = await run({ ...world, source });
    expect(reanalysis).toMatchObject({ state: "failed", problem: "the store is away", done: 5, endedAt: 5 });
  });
});
