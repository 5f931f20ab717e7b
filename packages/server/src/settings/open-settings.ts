import { createAnnotations } from "./annotations.ts";
import { createAuditLog } from "./audit-log.ts";
import { openDatabase } from "./database.ts";
import { createGuard } from "./guard.ts";
import { migrateSettings } from "./migrations/index.ts";
import { createPeople } from "./people.ts";
import { createProjectMemory } from "./project-memory.ts";
import type { Settings } from "./settings.ts";

export interface SettingsOptions {
  /** `postgres://…`, the path of an SQLite file (made when it is missing), or ":memory:". */
  readonly url: string;
  /** Unix ms. */
  readonly now?: () => number;
  /** How often changes of other servers are looked for, in milliseconds. Default 2000. */
  readonly refreshMs?: number;
  /** Starts a repeated piece of work; what it returns ends it. Default: a timer that keeps no process alive. */
  readonly every?: (intervalMs: number, work: () => void) => () => void;
  /** Told when the database starts to fail, and of each failure of a write. */
  readonly onProblem?: (error: unknown) => void;
}

const defaultRefreshMs = 2_000;
const pruneIntervalMs = 6 * 3_600_000;

/**
 * Opens the settings and brings their tables up to date. Several servers may open the same database at once.
 * @throws what the database says, when it cannot be opened.
 */
export async function openSettings(options: SettingsOptions): Promise<Settings> {
  const { now = Date.now, every = repeat, onProblem = () => {} } = options;
  const opened = openDatabase(options.url, onProblem);
  const { database } = opened;
  try {
    await migrateSettings(opened);
    const guard = createGuard(onProblem);
    const projects = await createProjectMemory(database, guard);
    const audit = createAuditLog(database, guard);
    await audit.prune(now());
    // Failures are told by the guard; what is in memory goes on, and the next look is soon.
    const stopRefresh = every(options.refreshMs ?? defaultRefreshMs, () => {
      projects.refresh().catch(() => {});
    });
    const stopPrune = every(pruneIntervalMs, () => {
      audit.prune(now()).catch(() => {});
    });
    return {
      ...projects,
      // Spread, it would be the list of this moment.
      get projects() {
        return projects.projects;
      },
      ...createPeople(database, guard),
      ...createAnnotations(database, guard, opened.purge),
      audit: audit.audit,
      auditEntries: audit.auditEntries,
      ping: () =>
        guard(async () => {
          await database.selectFrom("settingsChanges").select("counter").execute();
        }),
      async close() {
        stopRefresh();
        stopPrune();
        await database.destroy();
      },
    };
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

function repeat(intervalMs: number, work: () => void): () => void {
  const timer = setInterval(work, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
