import type { FastifyInstance, FastifyRequest } from "fastify";
import { dataQuerySchema, type DataQuery, type ErasureReceipt } from "@peerscope/schema/api";
import { actorOf } from "../access/audit.ts";
import { parseBody } from "../access/routes/parse-body.ts";
import { projectOfPath, type RouteAccess } from "../access/route-access.ts";
import { RequestError } from "../errors.ts";
import type { Settings } from "../settings/settings.ts";
import type { Erasures, Requester } from "./erasures.ts";
import { exportSessions, type PersonExportOptions } from "./person-export.ts";
import type { Subject, SubjectSearch } from "./subject-search.ts";

export interface PrivacyRoutesOptions extends PersonExportOptions {
  readonly erasures: Erasures;
  readonly search: SubjectSearch;
  readonly settings: Pick<Settings, "notes" | "audit">;
}

interface ProjectParams {
  Params: { projectId: string };
}
interface ErasureParams {
  Params: { projectId: string; id: string };
}

/** An erasure that takes longer is answered with what was done by then, in milliseconds. Ours. */
const erasureWaitMs = 20_000;

/** The routes of schema/src/api/privacy.ts. */
export function addPrivacyRoutes(app: FastifyInstance, options: PrivacyRoutesOptions): void {
  const { erasures, search, settings } = options;
  const access: RouteAccess = { kind: "project", role: "admin", projectIn: projectOfPath };
  const path = "/api/projects/:projectId/data";

  app.delete<ProjectParams>(path, { config: { access } }, async (request, reply): Promise<ErasureReceipt> => {
    const query = parseBody(dataQuerySchema, request.query);
    const { projectId } = request.params;
    const by = requesterOf(request);
    if (query.dryRun === "true") return erasures.preview(projectId, subjectOf(query), by);
    const receipt = await erasures.request(projectId, subjectOf(query), by, erasureWaitMs);
    if (receipt.finishedAt === null) void reply.code(202);
    return receipt;
  });

  app.get<ErasureParams>(
    "/api/projects/:projectId/erasures/:id",
    { config: { access } },
    ({ params }): ErasureReceipt => {
      const receipt = erasures.receipt(params.projectId, params.id);
      if (receipt === null) throw new RequestError("erasure-unknown");
      return receipt;
    },
  );

  app.get<ProjectParams>(path, { config: { access }, exposeHeadRoute: false }, async (request, reply) => {
    const subject = subjectOf(parseBody(dataQuerySchema, request.query));
    const { projectId } = request.params;
    const { sessions, problem } = await search.find(projectId, subject);
    // Half of a person's data is worse than none: nobody would see that it is half.
    if (problem !== null) throw new RequestError("store-unavailable", problem);
    const { actor, actorName } = requesterOf(request);
    await settings.audit({
      at: options.now(),
      actor,
      actorName,
      action: "data-exported",
      projectId,
      subject: subject.kind,
      details: { sessions: sessions.length },
    });
    void reply.header("content-disposition", `attachment; filename="peerscope-${subject.kind}.tar.gz"`);
    void reply.header("cache-control", "no-store");
    void reply.type("application/gzip");
    return reply.send(exportSessions(options, projectId, subject, sessions));
  });
}

function requesterOf({ principal }: FastifyRequest): Requester {
  return { actor: actorOf(principal), actorName: principal.name };
}

/** The schema has seen to it that there is exactly one. */
function subjectOf({ user, session, call }: DataQuery): Subject {
  if (user !== undefined) return { kind: "user", value: user };
  if (session !== undefined) return { kind: "session", value: session };
  return { kind: "call", value: call ?? "" };
}
