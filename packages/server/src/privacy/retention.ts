import type { LogAccess } from "../archive/log-access.ts";
import type { FinishedCatalogue } from "../log/finished-catalogue.ts";
import type { ProjectSettings, Settings } from "../settings/settings.ts";
import { deleteRowsBefore } from "../store/delete-rows.ts";
import type { Store } from "../store/store.ts";

/** Erases what a project does not keep any longer. */
export interface RetentionJob {
  /** One pass over all projects. Returns at once while one is under way. */
  run(): Promise<void>;
  /** Resolves when nothing is under way. */
  close(): Promise<void>;
}

export interface RetentionOptions {
  readonly settings: Pick<Settings, "projects" | "audit">;
  readonly catalogue: Pick<FinishedCatalogue, "list" | "get" | "place">;
  readonly logs: Pick<LogAccess, "removeLocal" | "removeArchived" | "isHeld">;
  readonly store: Pick<Store, "client" | "layout">;
  /** The session has something to be done yet: it is open, or its rows are not written. */
  readonly isBusy: (sessionId: string) => boolean;
  /** Drops what the analysis keeps of a session in memory. */
  readonly forget: (sessionId: string) => void;
  /** Unix ms; injected so that tests decide. */
  readonly now: () => number;
  /** Called between two steps; the default lets other work go first. */
  readonly pause?: () => Promise<void>;
  readonly onProblem: (message: string) => void;
}

const dayMs = 86_400_000;
/** Logs of one project and pass: the rest comes with the next one. Ours: an hour later. */
const logsPerPass = 20_000;
/** Logs between two pauses. Ours. */
const logsPerStep = 50;
/** Statements of one project and pass, of a thousand sessions each. Ours. */
const rowStepsPerPass = 20;

/** Unix ms: sessions that ended before have no rows any more; 0 when all are kept. */
export function rowsKeptSince(project: ProjectSettings | null, now: number): number {
  const days = project?.retention.rowDays ?? null;
  return days === null ? 0 : now - days * dayMs;
}

/** What is old is told by the end of its session. Recorded calls that ship with Peerscope stay. */
export function createRetentionJob(options: RetentionOptions): RetentionJob {
  const { settings, now } = options;
  const pause = options.pause ?? ((): Promise<void> => new Promise((resolve) => setImmediate(resolve)));
  let running: Promise<void> | null = null;
  let isClosing = false;

  const isInUse = (sessionId: string): boolean => options.isBusy(sessionId) || options.logs.isHeld(sessionId);

  async function eraseLogs(projectId: string, until: number): Promise<{ logs: number; logBytes: number }> {
    let logs = 0;
    let logBytes = 0;
    let seen = 0;
    for (const log of options.catalogue.list({ projectId, until })) {
      if (isClosing || logs >= logsPerPass) break;
      if (log.sample || isInUse(log.sessionId)) continue;
      // The archive first: while it is away, the catalogue still knows of the log.
      if (log.archivedAs !== null) logBytes += await options.logs.removeArchived(log);
      // Its client came back meanwhile, and it is here again: it goes on, and is archived anew when it has ended.
      if (isInUse(log.sessionId)) {
        if (options.catalogue.get(log.sessionId)?.isLocal === true)
          options.catalogue.place(log.sessionId, { isLocal: true, archivedAs: null });
        continue;
      }
      logBytes += options.logs.removeLocal(log);
      options.forget(log.sessionId);
      logs += 1;
      seen += 1;
      if (seen % logsPerStep === 0) await pause();
    }
    return { logs, logBytes };
  }

  async function eraseRows(projectId: string, until: number): Promise<number> {
    let sessions = 0;
    for (let step = 0; step < rowStepsPerPass; step += 1) {
      const { client, layout } = options.store;
      if (client === null || isClosing) break;
      const erased = await deleteRowsBefore({ client, layout }, projectId, until);
      sessions += erased;
      if (erased === 0) break;
      await pause();
    }
    return sessions;
  }

  async function apply({ projectId, retention }: ProjectSettings): Promise<void> {
    const { logDays, rowDays } = retention;
    const done = { logs: 0, logBytes: 0, rowSessions: 0 };
    const problems: string[] = [];
    const attempt = async (act: () => Promise<void>): Promise<void> => {
      await act().catch((error: unknown) => {
        problems.push(error instanceof Error ? error.message : String(error));
      });
    };
    if (logDays !== null) {
      await attempt(async () => {
        Object.assign(done, await eraseLogs(projectId, now() - logDays * dayMs));
      });
    }
    if (rowDays !== null) {
      await attempt(async () => {
        done.rowSessions = await eraseRows(projectId, now() - rowDays * dayMs);
      });
    }
    if (done.logs > 0 || done.rowSessions > 0) {
      await attempt(() =>
        settings.audit({
          at: now(),
          actor: "server:",
          actorName: "server",
          action: "retention-applied",
          projectId,
          subject: projectId,
          details: done,
        }),
      );
    }
    for (const problem of problems) options.onProblem(`retention of ${projectId}: ${problem}`);
  }

  async function pass(): Promise<void> {
    for (const project of settings.projects) if (!isClosing) await apply(project);
  }

  return {
    run() {
      running ??= pass().finally(() => {
        running = null;
      });
      return running;
    },
    async close() {
      isClosing = true;
      await running;
    },
  };
}
