import type { FastifyInstance } from "fastify";
import type { FirstSample } from "@peerscope/schema/api";
import { projectOfPath } from "../access/route-access.ts";
import { RequestError } from "../errors.ts";
import type { RecentRefusals } from "../ingest/recent-refusals.ts";
import { refusalWords } from "../ingest/refusal-hints.ts";
import type { SessionRegistry } from "../ingest/session-registry.ts";
import type { Store } from "../store/store.ts";
import { askStore } from "../store/user-query.ts";

export interface FirstSampleOptions {
  readonly registry: Pick<SessionRegistry, "open">;
  readonly store: Store;
  readonly recent: Pick<RecentRefusals, "of">;
  /** Unix ms. */
  readonly now: () => number;
}

interface Newest {
  readonly at: number;
  readonly sessionId: string;
}

/** GET /api/projects/:projectId/first-sample: whether anything arrives, and if not, why. */
export function addFirstSampleRoutes(app: FastifyInstance, options: FirstSampleOptions): void {
  const { registry, store, recent, now } = options;
  const access = { kind: "project", role: "viewer", projectIn: projectOfPath } as const;

  app.get<{ Params: { projectId: string } }>(
    "/api/projects/:projectId/first-sample",
    { config: { access } },
    async ({ params }): Promise<FirstSample> => {
      const { projectId } = params;
      const open = [...registry.open.values()].filter(
        (entry) => entry.projectId === projectId && !entry.sample && entry.lastSequence >= 0,
      );
      const newest = newestOf(open);
      const stored = newest === null ? await newestStored(projectId) : { isKnown: true, newest };
      return {
        hasOwn: stored.isKnown ? stored.newest !== null : null,
        newestAt: stored.newest?.at ?? null,
        newestSessionId: stored.newest?.sessionId ?? null,
        openSessions: open.length,
        openFrames: open.reduce((sum, { lastSequence }) => sum + lastSequence + 1, 0),
        now: now(),
        refusals: recent
          .of(projectId)
          .map(({ code, ...counted }) => ({ code, ...counted, ...refusalWords(code) })),
      };
    },
  );

  /** Of finished sessions. Without the store it is not known, which is not the same as none. */
  async function newestStored(
    projectId: string,
  ): Promise<{ readonly isKnown: boolean; readonly newest: Newest | null }> {
    try {
      const rows = await askStore(store, async (client, clickhouse_settings) => {
        const answer = await client.query({
          query: `SELECT toUnixTimestamp64Milli(max(lastAt)) AS at, argMax(sessionId, lastAt) AS sessionId
            FROM legs WHERE projectId = {projectId: String} AND NOT sample HAVING count() > 0`,
          query_params: { projectId },
          format: "JSONEachRow",
          clickhouse_settings,
        });
        return await answer.json<Newest>();
      });
      return { isKnown: true, newest: rows[0] ?? null };
    } catch (error) {
      if (error instanceof RequestError) return { isKnown: false, newest: null };
      throw error;
    }
  }
}

function newestOf(
  entries: readonly { readonly lastHeardAt: number; readonly sessionId: string }[],
): Newest | null {
  let newest: Newest | null = null;
  for (const { lastHeardAt, sessionId } of entries)
    if (newest === null || lastHeardAt > newest.at) newest = { at: lastHeardAt, sessionId };
  return newest;
}
