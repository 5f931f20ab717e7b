import type { Analyser } from "../analyse/analyser.ts";
import type { AnalysisRequest } from "../analyse/messages.ts";
import { ArchiveError } from "./archive.ts";
import type { HeldLog, LogAccess } from "./log-access.ts";

export interface ArchivedAnalyserOptions {
  readonly analyser: Analyser;
  readonly logs: LogAccess;
  /** Rows were asked for, and the log of this session cannot be had: the answer is without it. */
  readonly onUnreadable: (sessionId: string, error: ArchiveError) => void;
}

/** An analyser to which archived logs are like any others: their files are there while it reads them. */
export function createArchivedAnalyser({ analyser, logs, onUnreadable }: ArchivedAnalyserOptions): Analyser {
  /** The request with the places where the files are now; each log that is held goes into `held` at once. */
  async function located(request: AnalysisRequest, held: HeldLog[]): Promise<AnalysisRequest> {
    const hold = async (log: HeldLog["log"]): Promise<HeldLog["log"]> => {
      const one = await logs.hold(log);
      held.push(one);
      return one.log;
    };
    if (request.kind === "analysis") return { ...request, log: await hold(request.log) };
    if (request.kind === "call") return { ...request, logs: await settled(request.logs.map(hold)) };
    const sessions = await settled(
      request.sessions.map(async (session) => {
        try {
          return [{ ...session, log: await hold(session.log) }];
        } catch (error) {
          if (!(error instanceof ArchiveError)) throw error;
          onUnreadable(session.log.sessionId, error);
          return [];
        }
      }),
    );
    return { ...request, sessions: sessions.flat() };
  }

  return {
    ...analyser,
    async ask(request) {
      const held: HeldLog[] = [];
      try {
        // The kind stays what it was, and with it the kind of the answer.
        return await analyser.ask((await located(request, held)) as typeof request);
      } finally {
        for (const { release } of held) release();
      }
    },
    get lag() {
      return analyser.lag;
    },
  };
}

/** All results; when one fails it rejects, but not before the others are there too. */
async function settled<Result>(work: readonly Promise<Result>[]): Promise<Result[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
