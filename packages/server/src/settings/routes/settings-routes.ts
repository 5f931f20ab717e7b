import type { FastifyInstance } from "fastify";
import type { AuditWriter } from "../../access/audit.ts";
import type { Settings } from "../settings.ts";
import { addAuditRoutes } from "./audit-routes.ts";
import { addIngestKeyRoutes } from "./ingest-key-routes.ts";
import { addNoteRoutes } from "./note-routes.ts";
import { addProjectRoutes } from "./project-routes.ts";
import { addViewRoutes } from "./view-routes.ts";

export interface SettingsRoutesOptions {
  readonly settings: Settings;
  readonly audit: AuditWriter;
  /** Unix ms. */
  readonly now: () => number;
  /** Null: there is no such session. */
  readonly projectIdOfSession: (sessionId: string) => string | null;
  /** How many sessions a project has, in logs or rows. */
  readonly countSessions: (projectId: string) => Promise<number>;
}

/** The routes of schema/src/api/settings.ts. */
export function addSettingsRoutes(app: FastifyInstance, options: SettingsRoutesOptions): void {
  addProjectRoutes(app, options);
  addIngestKeyRoutes(app, options);
  addViewRoutes(app, options);
  addNoteRoutes(app, options);
  addAuditRoutes(app, options);
}
