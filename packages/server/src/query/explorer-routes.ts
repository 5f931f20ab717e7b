import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import {
  callQuerySchema,
  exportQuerySchema,
  facetQuerySchema,
  type CallList,
  type FacetList,
} from "@peerscope/schema/api";
import { projectOfQuery } from "../access/route-access.ts";
import type { Settings } from "../settings/settings.ts";
import type { Store } from "../store/store.ts";
import { createCallList } from "./call-list.ts";
import { createFacetCounter } from "./facet-counts.ts";
import { ofProject, parseQuery, projectOf } from "./route-helpers.ts";
import { exportSessions, maxExported } from "./session-export.ts";
import type { SessionReader } from "./session-list.ts";
import type { MemoryOfProject } from "./stored-sessions.ts";

export interface ExplorerRoutesOptions {
  readonly settings: Pick<Settings, "projects">;
  readonly store: Store;
  readonly reader: SessionReader;
  readonly inMemory: MemoryOfProject;
}

/** Routes for looking among many sessions: schema/src/api/explorer.ts. */
export function addExplorerRoutes(app: FastifyInstance, options: ExplorerRoutesOptions): void {
  const projectAsked = projectOfQuery(() => options.settings.projects);
  const projectRoute = { config: { access: ofProject("viewer", projectAsked) } };
  const countFacets = createFacetCounter(options);
  const listCalls = createCallList(options);

  app.get("/api/sessions/facets", projectRoute, async (request): Promise<FacetList> =>
    countFacets(await projectOf(projectAsked, request), parseQuery(facetQuerySchema, request.query)),
  );

  app.get("/api/sessions/export", projectRoute, async (request, reply) => {
    const projectId = await projectOf(projectAsked, request);
    const query = parseQuery(exportQuerySchema, request.query);
    const pieces = exportSessions(options.reader, projectId, query);
    // The first page decides whether this is an answer or an error.
    const first = await pieces.next();
    const { total } = await options.reader.list(projectId, { ...query, sort: "newest", limit: 1 });
    const type = query.format === "csv" ? "text/csv" : "application/x-ndjson";
    reply.headers({
      "content-type": `${type}; charset=utf-8`,
      "content-disposition": `attachment; filename="sessions.${query.format}"`,
      "cache-control": "no-store",
      "x-peerscope-total": total,
      "x-peerscope-rows-at-most": maxExported,
    });
    return reply.send(
      Readable.from(
        (async function* () {
          if (first.done !== true) yield first.value;
          yield* pieces;
        })(),
      ),
    );
  });

  app.get("/api/calls", projectRoute, async (request): Promise<CallList> =>
    listCalls(await projectOf(projectAsked, request), parseQuery(callQuerySchema, request.query)),
  );
}
