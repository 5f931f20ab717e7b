import type { FastifyInstance } from "fastify";
import { auditQuerySchema, type AuditPage } from "@peerscope/schema/api";
import { projectOfPath } from "../../access/route-access.ts";
import { parseBody } from "../../access/routes/parse-body.ts";
import type { SettingsRoutesOptions } from "./settings-routes.ts";

const serverAdmin = { config: { access: { kind: "server-admin" } } } as const;
const admin = { config: { access: { kind: "project", role: "admin", projectIn: projectOfPath } } } as const;

interface ProjectParams {
  Params: { projectId: string };
}

/** What was done, by whom, newest first. */
export function addAuditRoutes(app: FastifyInstance, { settings }: SettingsRoutesOptions): void {
  app.get("/api/audit", serverAdmin, ({ query }) => page(null, query));
  app.get<ProjectParams>("/api/projects/:projectId/audit", admin, ({ params, query }) =>
    page(params.projectId, query),
  );

  async function page(projectId: string | null, query: unknown): Promise<AuditPage> {
    const { limit, cursor = null } = parseBody(auditQuerySchema, query);
    const entries = await settings.auditEntries({ projectId, before: cursor, limit });
    const last = entries.length === limit ? entries.at(-1) : undefined;
    return {
      entries: entries.map((entry) => ({ ...entry, details: { ...entry.details } })),
      nextCursor: last?.entryId ?? null,
    };
  }
}
