import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createLogAccess, type LogAccess } from "../archive/log-access.ts";
import { createArchive, type Archive } from "../archive/archive.ts";
import { createFolderStorage } from "../archive/folder-storage.ts";
import { openFinishedCatalogue, type FinishedCatalogue } from "../log/finished-catalogue.ts";
import { logPath } from "../log/log-path.ts";
import { newProject } from "../settings/new-settings.ts";
import type { AuditEntry, ProjectSettings, Retention } from "../settings/settings.ts";
import { openMigratedStore, type EmbeddedStore } from "../store/testing/embedded-store.ts";
import { createRetentionJob, type RetentionJob } from "./retention.ts";

const dayMs = 86_400_000;
const now = Date.UTC(2026, 8, 30);
let store: EmbeddedStore;
beforeAll(async () => {
  store = await openMigratedStore();
}, 60_000);
afterAll(() => store?.close());

let folder = "";
let catalogue: FinishedCatalogue;
let archive: Archive;
let logs: LogAccess;
let audit: AuditEntry[];
let problems: string[];
const busy = new Set<string>();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
  for (const name of ["logs", "archive"]) mkdirSync(join(folder, name));
  catalogue = openFinishedCatalogue(join(folder, "logs", "finished.sqlite"));
  archive = createArchive({
    storage: createFolderStorage(join(folder, "archive")),
    now: () => now,
    random: () => 0,
  });
  logs = createLogAccess({
    catalogue,
    archive,
    logsFolder: join(folder, "logs"),
    cacheFolder: join(folder, "cache"),
    now: () => now,
  });
  audit = [];
  problems = [];
  busy.clear();
  for (const table of ["legs", "events"]) await store.client.command({ query: `TRUNCATE TABLE ${table}` });
});
afterEach(() => {
  catalogue.close();
  rmSync(folder, { recursive: true, force: true });
});

function job(...projects: readonly (readonly [projectId: string, retention: Retention])[]): RetentionJob {
  const settings = projects.map(([projectId, retention]): ProjectSettings => ({
    ...newProject(projectId, projectId, now),
    retention,
  }));
  return createRetentionJob({
    settings: { projects: settings, audit: async (entry) => void audit.push(entry) },
    catalogue,
    logs,
    store: { client: store.client, layout: { cluster: null } },
    isBusy: (sessionId) => busy.has(sessionId),
    forget() {},
    now: () => now,
    onProblem: (message) => problems.push(message),
  });
}

/** A finished session that ended so many days ago, with its log and its row. */
async function finished(
  sessionId: string,
  ageDays: number,
  more: { projectId?: string; sample?: boolean; isArchived?: boolean } = {},
): Promise<void> {
  const { projectId = "default", sample = false, isArchived = false } = more;
  const endedAt = now - ageDays * dayMs;
  const createdAt = endedAt - 3_600_000;
  const file = join(folder, "logs", logPath(projectId, sessionId, createdAt, sample));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, sessionId);
  const log = { sessionId, projectId, sample, createdAt, endedAt, bytes: sessionId.length, lastSequence: 0 };
  catalogue.add(log);
  if (isArchived) {
    const archivedAs = await archive.store({ ...log, isLocal: true, archivedAs: null }, file);
    catalogue.place(sessionId, { isLocal: false, archivedAs });
    rmSync(file);
  }
  await store.client.insert({
    table: "legs",
    values: [
      {
        projectId,
        sessionId,
        finished: 1,
        sample: sample ? 1 : 0,
        lastAt: new Date(endedAt).toISOString().replace("T", " ").slice(0, -1),
        version: 1,
      },
    ],
    format: "JSONEachRow",
  });
}

const files = (name: string): string[] =>
  readdirSync(join(folder, name), { recursive: true, encoding: "utf8" })
    .flatMap((file) => /[a-z]+-session-\d/.exec(file)?.[0] ?? [])
    .toSorted();
const rows = async (): Promise<string[]> =>
  (await store.rows<{ sessionId: string }>("SELECT sessionId FROM legs FINAL ORDER BY sessionId")).map(
    ({ sessionId }) => sessionId,
  );

describe("retention", () => {
  test("logs and rows go at their own age; others', samples and what is in use stay; one entry of the audit log", async () => {
    await finished("old-session-1", 31);
    await finished("old-session-2", 40, { isArchived: true });
    await finished("new-session-3", 29);
    await finished("held-session-4", 90);
    await finished("demo-session-5", 900, { sample: true });
    await finished("foreign-session-6", 90, { projectId: "other" });
    busy.add("held-session-4");
    const retention = job(
      ["default", { logDays: 30, rowDays: 60 }],
      ["other", { logDays: null, rowDays: null }],
    );
    await retention.run();
    expect(files("logs")).toEqual(["demo-session-5", "foreign-session-6", "held-session-4", "new-session-3"]);
    expect(files("archive")).toEqual([]);
    expect([...catalogue.list()].map(({ sessionId }) => sessionId)).toEqual([
      "demo-session-5",
      "foreign-session-6",
      "held-session-4",
      "new-session-3",
    ]);
    expect(await rows()).toEqual([
      "demo-session-5",
      "foreign-session-6",
      "new-session-3",
      "old-session-1",
      "old-session-2",
    ]);
    expect(audit).toMatchObject([
      {
        action: "retention-applied",
        projectId: "default",
        actor: "server:",
        details: { logs: 2, logBytes: 26, rowSessions: 1 },
      },
    ]);
    await retention.run();
    expect(audit).toHaveLength(1);
    expect(problems).toEqual([]);
  }, 30_000);

  test("a session whose client comes back while its log leaves the archive keeps what it has here", async () => {
    await finished("old-session-1", 31, { isArchived: true });
    const retention = job(["default", { logDays: 30, rowDays: null }]);
    const removeArchived = logs.removeArchived.bind(logs);
    const comeBack = vi.spyOn(logs, "removeArchived").mockImplementation(async (log) => {
      await logs.restore(log.sessionId);
      busy.add(log.sessionId);
      return removeArchived(log);
    });
    await retention.run();
    expect(comeBack).toHaveBeenCalledTimes(1);
    expect(files("logs").filter((name) => name.includes("old-session-1"))).toHaveLength(1);
    expect(files("archive").filter((name) => name.includes("old-session-1"))).toEqual([]);
    // It is archived again when it has ended, and erased like any other.
    expect(catalogue.get("old-session-1")).toMatchObject({ isLocal: true, archivedAs: null });
    expect(problems).toEqual([]);
  });

  test("an archive that is away loses nothing: the next run does it", async () => {
    await finished("old-session-1", 31, { isArchived: true });
    rmSync(join(folder, "archive"), { recursive: true });
    writeFileSync(join(folder, "archive"), "not mounted");
    const retention = job(["default", { logDays: 30, rowDays: null }]);
    await retention.run();
    expect(problems).toHaveLength(1);
    expect(catalogue.get("old-session-1")).not.toBeNull();
    expect(audit).toEqual([]);
  });
});
