import { setTimeout as pause } from "node:timers/promises";
import type { AnalysisDigest } from "@peerscope/schema/api";
import type { Analyser } from "../analyse/analyser.ts";
import type { SessionRows } from "../analyse/messages.ts";
import { RequestError } from "../errors.ts";
import type { SessionEntry } from "../ingest/session-entry.ts";
import type { SessionRegistry } from "../ingest/session-registry.ts";
import type { ReanalysisSource } from "./reanalysis.ts";
import type { RowWriter } from "./row-writer.ts";
import type { Store } from "./store.ts";

export interface ReanalysisSourceOptions {
  readonly registry: SessionRegistry;
  readonly analyser: Analyser;
  readonly rows: RowWriter;
  readonly store: Store;
  /** False when the project keeps rows for less long than the session is old. */
  readonly keepsRows: (entry: SessionEntry) => boolean;
  readonly now: () => number;
}

/** A job waits while the analysis of live sessions is later than this, in milliseconds, but never for ever. Ours. */
const busyLagMs = 5_000;
const busyPauses = 120;
const pauseMs = 250;
/** A store that is away for longer ends the job, in milliseconds. What was done stays done. Ours. */
const storeWaitMs = 60_000;
/** A write is looked for so often, each time after a flush. Ours: a store that ends in the middle needs three. */
const writeAttempts = 5;

const digestColumns =
  "score, scoreClass, faultDomain, statedCause, arraySort(observationIds) AS observationIds, " +
  "catalogVersion || ' ' || scoreVersion AS analysisVersion";

/** The running server as a job sees it: the same worker and the same writer as for sessions that are live. */
export function createReanalysisSource(options: ReanalysisSourceOptions): ReanalysisSource {
  const { registry, analyser, rows, store, now } = options;

  async function select<Row>(
    columns: string,
    projectId: string,
    sessionIds: readonly string[],
    condition = "1",
  ): Promise<Row[]> {
    const client = await store.whenReady(storeWaitMs);
    if (client === null) throw new RequestError("store-unavailable");
    const answer = await client.query({
      query:
        `SELECT sessionId, ${columns} FROM legs FINAL ` +
        `WHERE projectId = {projectId:String} AND sessionId IN {sessionIds:Array(String)} AND ${condition}`,
      query_params: { projectId, sessionIds },
      format: "JSONEachRow",
    });
    return answer.json<Row>();
  }

  return {
    now,
    *sessions(projectId) {
      for (const entry of registry.all()) {
        if (entry.projectId === projectId && entry.finished && entry.bytes > 0 && options.keepsRows(entry))
          yield { sessionId: entry.sessionId, createdAt: entry.createdAt };
      }
    },
    async stored(projectId, sessionIds) {
      const found = await select<AnalysisDigest & { sessionId: string }>(
        digestColumns,
        projectId,
        sessionIds,
      );
      return new Map(found.map(({ sessionId, ...digest }) => [sessionId, digest]));
    },
    async analyse({ sessionId }) {
      const entry = registry.get(sessionId);
      if (entry === undefined) return null;
      const sessions = [{ log: registry.reference(entry), complete: true }];
      const [answer] = await analyser.ask({ kind: "rows", version: 0, sessions }).catch(() => []);
      return answer === undefined ? null : toDigest(answer);
    },
    async write(projectId, sessions) {
      const since = now();
      const left = new Set(sessions.map(({ sessionId }) => sessionId));
      const written = new Set<string>();
      // Those of the past are kept in memory while somebody works with them.
      const kept = [...left].flatMap((sessionId) => {
        const entry = registry.isResident(sessionId) ? undefined : registry.get(sessionId);
        return entry === undefined ? [] : [registry.keep(entry)];
      });
      for (const sessionId of left) rows.mark(sessionId, true);
      for (let attempt = 0; attempt < writeAttempts && left.size > 0; attempt += 1) {
        await rows.flush();
        const found = await select<{ sessionId: string }>(
          "version",
          projectId,
          [...left],
          // Rows have the time of writing as their version, which is how new ones are told from old ones.
          `version >= ${Math.floor(since)}`,
        );
        for (const { sessionId } of found) {
          left.delete(sessionId);
          written.add(sessionId);
        }
        if (left.size > 0) await pause(pauseMs);
      }
      for (const entry of kept) registry.release(entry);
      return written;
    },
    async idle() {
      // Also without lag others get their turn in between.
      await pause(0);
      for (let left = busyPauses; left > 0 && analyser.lag.ageMs > busyLagMs; left -= 1) await pause(pauseMs);
    },
  };
}

function toDigest({ summary, catalogVersion, scoreVersion }: SessionRows): AnalysisDigest {
  const { score, scoreClass, faultDomain, statedCause, observationIds } = summary;
  return {
    score,
    scoreClass,
    faultDomain,
    statedCause,
    observationIds: observationIds.toSorted(),
    analysisVersion: `${catalogVersion} ${scoreVersion}`,
  };
}
