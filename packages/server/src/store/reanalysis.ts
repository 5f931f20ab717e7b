import type {
  AnalysisDigest,
  Reanalysis,
  ReanalysisPage,
  ReanalysisRequest,
  SessionChange,
} from "@peerscope/schema/api";
import { RequestError } from "../errors.ts";

/** A finished session as it can be analysed again. */
export interface ReanalysedSession {
  readonly sessionId: string;
  /** Unix ms. */
  readonly createdAt: number;
}

/** What a job needs from the server. */
export interface ReanalysisSource {
  /** Finished sessions of the project whose rows are to be kept. */
  sessions(projectId: string): Iterable<ReanalysedSession>;
  /** What the store has, by session id; sessions without rows are missing. */
  stored(projectId: string, sessionIds: readonly string[]): Promise<ReadonlyMap<string, AnalysisDigest>>;
  /** Analyses the log from its start and writes nothing. Null when that fails. */
  analyse(session: ReanalysedSession): Promise<AnalysisDigest | null>;
  /** Replaces all rows of the sessions. Resolves with the ids of those that the store has now. */
  write(projectId: string, sessions: readonly ReanalysedSession[]): Promise<ReadonlySet<string>>;
  /** Resolves when the server has nothing better to do: sessions that are recorded now go first. */
  idle(): Promise<void>;
  readonly now: () => number;
}

/** Analyses old sessions again: one job at a time, in small steps. */
export interface Reanalyser {
  /** @throws RequestError `reanalysis-running`. */
  start(projectId: string, request: ReanalysisRequest): Reanalysis;
  /** The running or last job of the project. */
  page(projectId: string, from: number, limit: number): ReanalysisPage;
  cancel(projectId: string): Reanalysis | null;
  /** Resolves when the running job, if any, has ended. */
  settled(): Promise<void>;
  /** Ends the running job. */
  close(): Promise<void>;
}

/** Sessions whose rows are written together. Ours: what a cancel waits for, and live sessions of the same worker. */
const sessionsPerStep = 5;
/** Changes that are kept to be shown. Ours: some ten megabytes at most. */
const maxChanges = 10_000;

interface Job {
  state: Reanalysis;
  readonly changes: SessionChange[];
  cancelled: boolean;
  ended: Promise<void>;
}

export function createReanalyser(source: ReanalysisSource): Reanalyser {
  let job: Job | null = null;

  function jobOf(projectId: string): Job | null {
    return job?.state.projectId === projectId ? job : null;
  }

  async function run(job: Job, sessions: readonly ReanalysedSession[]): Promise<void> {
    const { projectId, request } = job.state;
    for (let at = 0; at < sessions.length && !job.cancelled; at += sessionsPerStep) {
      const step = sessions.slice(at, at + sessionsPerStep);
      const ids = step.map(({ sessionId }) => sessionId);
      await source.idle();
      const before = await source.stored(projectId, ids);
      const after = request.dryRun ? await analyseEach(job, step) : await writeAll(projectId, step);
      for (const sessionId of ids) note(job, sessionId, before.get(sessionId) ?? null, after.get(sessionId));
    }
  }

  async function analyseEach(
    job: Job,
    step: readonly ReanalysedSession[],
  ): Promise<ReadonlyMap<string, AnalysisDigest>> {
    const digests = new Map<string, AnalysisDigest>();
    for (const session of step) {
      if (job.cancelled) break;
      await source.idle();
      const digest = await source.analyse(session);
      if (digest !== null) digests.set(session.sessionId, digest);
    }
    return digests;
  }

  async function writeAll(
    projectId: string,
    step: readonly ReanalysedSession[],
  ): Promise<ReadonlyMap<string, AnalysisDigest>> {
    return source.stored(projectId, [...(await source.write(projectId, step))]);
  }

  function note(
    job: Job,
    sessionId: string,
    before: AnalysisDigest | null,
    after: AnalysisDigest | undefined,
  ): void {
    if (job.cancelled && job.state.request.dryRun && after === undefined) return;
    const state = { ...job.state, done: job.state.done + 1 };
    job.state = state;
    if (after === undefined) {
      state.failed += 1;
      return;
    }
    const changed = compareDigests(before, after);
    if (changed.length === 0) return;
    if (before === null) state.added += 1;
    else state.changed += 1;
    if (before?.scoreClass !== after.scoreClass)
      state.byClass = count(state.byClass, before?.scoreClass ?? "no rows", after.scoreClass);
    if (before?.statedCause !== after.statedCause) {
      const from = before === null ? "no rows" : (before.statedCause ?? "none");
      state.byCause = count(state.byCause, from, after.statedCause ?? "none");
    }
    if (job.changes.length < maxChanges) job.changes.push({ sessionId, before, after, changed });
  }

  return {
    start(projectId, request) {
      if (job?.state.state === "running") throw new RequestError("reanalysis-running");
      const { since = 0, until = Number.MAX_SAFE_INTEGER, sessionId } = request;
      const sessions = [...source.sessions(projectId)].filter(
        (session) =>
          (sessionId === undefined || session.sessionId === sessionId) &&
          session.createdAt >= since &&
          session.createdAt < until,
      );
      if (sessionId !== undefined && sessions.length === 0) throw new RequestError("session-unknown");
      const started: Job = {
        state: {
          projectId,
          request,
          state: "running",
          problem: null,
          startedAt: source.now(),
          endedAt: null,
          total: sessions.length,
          done: 0,
          changed: 0,
          added: 0,
          failed: 0,
          byClass: {},
          byCause: {},
        },
        changes: [],
        cancelled: false,
        ended: Promise.resolve(),
      };
      job = started;
      const end = (state: Reanalysis["state"], problem: string | null): void => {
        started.state = { ...started.state, state, problem, endedAt: source.now() };
      };
      started.ended = run(started, sessions).then(
        () => end(started.cancelled ? "cancelled" : "done", null),
        (error: unknown) => end("failed", error instanceof Error ? error.message : String(error)),
      );
      return started.state;
    },
    page(projectId, from, limit) {
      const found = jobOf(projectId);
      return {
        reanalysis: found?.state ?? null,
        changes: found?.changes.slice(from, from + limit) ?? [],
      };
    },
    cancel(projectId) {
      const found = jobOf(projectId);
      if (found === null) return null;
      found.cancelled = true;
      return found.state;
    },
    async settled() {
      await job?.ended;
    },
    async close() {
      if (job === null) return;
      job.cancelled = true;
      await job.ended;
    },
  };
}

/** Members in which two analyses differ. Scores that round to the same whole number are the same. */
function compareDigests(before: AnalysisDigest | null, after: AnalysisDigest): SessionChange["changed"] {
  if (before === null) return ["rows"];
  const changed: SessionChange["changed"] = [];
  if (rounded(before.score) !== rounded(after.score)) changed.push("score");
  if (before.scoreClass !== after.scoreClass) changed.push("scoreClass");
  if (before.faultDomain !== after.faultDomain) changed.push("faultDomain");
  if (before.statedCause !== after.statedCause) changed.push("statedCause");
  if (before.observationIds.join(" ") !== after.observationIds.join(" ")) changed.push("observationIds");
  return changed;
}

function rounded(score: number | null): number | null {
  return score === null ? null : Math.round(score);
}

function count(counts: Readonly<Record<string, number>>, from: string, to: string): Record<string, number> {
  const key = `${from} → ${to}`;
  return { ...counts, [key]: (counts[key] ?? 0) + 1 };
}
