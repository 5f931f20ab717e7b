import type { FastifyInstance } from "fastify";
import {
  reanalysisPageQuerySchema,
  reanalysisRequestSchema,
  type Reanalysis,
  type ReanalysisPage,
} from "@peerscope/schema/api";
import type { AuditWriter } from "../access/audit.ts";
import { parseBody } from "../access/routes/parse-body.ts";
import { projectOfPath, type RouteAccess } from "../access/route-access.ts";
import type { Reanalyser } from "./reanalysis.ts";

export interface ReanalysisRoutesOptions {
  readonly reanalyser: Reanalyser;
  readonly audit: AuditWriter;
}

interface ProjectParams {
  Params: { projectId: string };
}

/** The routes of schema/src/api/reanalysis.ts. */
export function addReanalysisRoutes(app: FastifyInstance, options: ReanalysisRoutesOptions): void {
  const { reanalyser } = options;
  const path = "/api/projects/:projectId/reanalyze";
  const access: RouteAccess = { kind: "project", role: "admin", projectIn: projectOfPath };

  app.post<ProjectParams>(path, { config: { access } }, async (request, reply): Promise<Reanalysis> => {
    const { projectId } = request.params;
    const wanted = parseBody(reanalysisRequestSchema, request.body ?? {});
    const started = reanalyser.start(projectId, wanted);
    const { dryRun, sessionId, since = null, until = null } = wanted;
    await options.audit(request.principal, {
      action: "reanalysis-started",
      projectId,
      subject: sessionId ?? projectId,
      details: { dryRun, since, until },
    });
    void reply.code(202);
    return started;
  });

  app.get<ProjectParams>(path, { config: { access } }, ({ params, query }): ReanalysisPage => {
    const { from, limit } = parseBody(reanalysisPageQuerySchema, query);
    return reanalyser.page(params.projectId, from, limit);
  });

  app.delete<ProjectParams>(path, { config: { access } }, ({ params }): ReanalysisPage => {
    return { reanalysis: reanalyser.cancel(params.projectId), changes: [] };
  });
}
