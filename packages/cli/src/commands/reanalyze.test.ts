import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generateSession } from "@peerscope/scenarios";
import { readServerConfig, startServer, type RunningServer } from "@peerscope/server";
import { changeText, reanalysisText } from "../report/reanalysis-text.ts";
import { runCommand } from "../testing/run-command.ts";
import { parseTime } from "./reanalyze.ts";

const env = { PEERSCOPE_LOG_LEVEL: "silent" };
let folder = "";
let server: RunningServer | null = null;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-reanalyze-"));
  server = await startServer(readServerConfig({ ...env, PORT: "0", PEERSCOPE_DATA: folder }));
  const createdAt = Date.UTC(2026, 5, 6);
  const { records } = generateSession({ seed: 1, durationSeconds: 30, kind: "loss", startAt: createdAt });
  await server.importSession({ sessionId: "session-loss", records, sample: false, createdAt });
  await server.importSession({
    sessionId: "session-late",
    records,
    sample: false,
    createdAt: createdAt + 90_000_000,
  });
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

describe("peerscope reanalyze and migrate", () => {
  it("work on a running server, and on its data folder when it is stopped", async () => {
    const url = server?.url ?? "";
    const filled = await runCommand(["reanalyze", "--url", url], env);
    expect([filled.code, filled.err]).toEqual([0, ""]);
    expect(filled.out).toMatch(/^2 of 2 sessions analysed again\n/);
    const json = await runCommand(
      ["reanalyze", "--url", url, "--until", "2026-06-07", "--dry-run", "--json"],
      env,
    );
    expect(JSON.parse(json.out)).toMatchObject({
      reanalysis: { state: "done", total: 1, done: 1, changed: 0, added: 0, failed: 0 },
      changes: [],
    });

    const unknown = await runCommand(["reanalyze", "--url", url, "--session", "session-none"], env);
    expect(unknown.code).toBe(1);
    expect(unknown.err).toContain("request-refused: session-unknown");
    for (const command of ["reanalyze", "migrate"]) {
      const inUse = await runCommand([command, "--data", folder], env);
      expect(inUse.code).toBe(1);
      expect(inUse.err).toContain("data-folder-in-use");
    }

    await server?.stop();
    server = null;
    const stopped = await runCommand(["reanalyze", "--data", folder, "--diff"], env);
    expect([stopped.code, stopped.err]).toEqual([0, ""]);
    expect(stopped.out).toContain("2 of 2 sessions analysed again");
    expect(stopped.out).toContain("0 differ, 0 had no rows, 0 could not be analysed");

    const migrated = await runCommand(["migrate", "--data", folder], env);
    expect([migrated.code, migrated.err]).toEqual([0, ""]);
    expect(migrated.out).toMatch(/^The store is up to date \(\d+ migrations\)\.$/);
  }, 120_000);

  it("a migration can be looked at before it is run", async () => {
    const data = join(folder, "new");
    const dry = await runCommand(["migrate", "--data", data, "--dry-run"], env);
    expect([dry.code, dry.err]).toEqual([0, ""]);
    expect(dry.out).toContain("CREATE TABLE IF NOT EXISTS legs\n");
    expect(dry.out).toContain("would run 0001-tables.sql");
    expect((await runCommand(["migrate", "--data", data], env)).out).toContain("ran 0001-tables.sql");
    expect((await runCommand(["migrate", "--data", data], env)).out).toContain("up to date");
  }, 60_000);

  it("a store that is not there is told with its code", async () => {
    const run = await runCommand(["migrate", "--url", "http://127.0.0.1:1"], env);
    expect(run.code).toBe(1);
    expect(run.err).toMatch(/^peerscope: store-unreachable: .*ECONNREFUSED/);
  });

  it.each([
    [["reanalyze", "--since", "soon"], "--since soon"],
    [["reanalyze", "--url", "http://x", "--data", "y"], "exclude"],
    [["migrate", "--url", "http://x", "--data", "y"], "exclude"],
    [["reanalyze", "--url", "ftp://x"], "--url ftp://x"],
  ])("%j is a mistake in the command line", async (args, text) => {
    const run = await runCommand(args, env);
    expect(run.code).toBe(2);
    expect(run.err).toContain(text);
  });

  it("times are dates, times or ages", () => {
    const now = Date.UTC(2026, 5, 30);
    expect(parseTime("--since", "2026-06-01", now)).toBe(Date.UTC(2026, 5, 1));
    expect(parseTime("--since", "2026-06-01T12:00Z", now)).toBe(Date.UTC(2026, 5, 1, 12));
    expect(parseTime("--since", "30d", now)).toBe(Date.UTC(2026, 4, 31));
    expect(parseTime("--since", "12h", now)).toBe(Date.UTC(2026, 5, 29, 12));
  });
});

describe("what a reanalysis is told as", () => {
  const before = {
    score: 78.4,
    scoreClass: "fair",
    faultDomain: "unknown",
    statedCause: "high-rtt",
    observationIds: ["high-rtt", "jitter"],
    analysisVersion: "1.0.0 1",
  };
  const after = {
    ...before,
    score: 81,
    scoreClass: "good",
    statedCause: null,
    observationIds: ["jitter", "loss"],
  };

  it("a line for each session says what was and what is", () => {
    const changed = ["score", "scoreClass", "statedCause", "observationIds"] as const;
    expect(changeText({ sessionId: "s", before, after, changed: [...changed] })).toBe(
      "s  score 78 → 81; class fair → good; cause high-rtt → none; observations +loss -high-rtt",
    );
    expect(changeText({ sessionId: "s", before: null, after, changed: ["rows"] })).toBe(
      "s  no rows → score 81, good, cause none",
    );
  });

  it("the summary counts what changed, most frequent first", () => {
    const lines = reanalysisText({
      projectId: "default",
      request: { dryRun: true },
      state: "failed",
      problem: "the store is away",
      startedAt: 0,
      endedAt: 1,
      total: 10,
      done: 5,
      changed: 3,
      added: 0,
      failed: 1,
      byClass: { "fair → poor": 1, "fair → good": 2 },
      byCause: {},
    });
    expect(lines).toEqual([
      "5 of 10 sessions analysed again, nothing written, ended early: the store is away",
      "  3 differ, 0 had no rows, 1 could not be analysed",
      "  score class:",
      "    2  fair → good",
      "    1  fair → poor",
    ]);
  });
});
