import { randomBytes } from "node:crypto";
import type { FastifyInstance } from "fastify";
import {
  savedViewChangeSchema,
  savedViewCreationSchema,
  type SavedView as SavedViewAnswer,
  type SavedViewList,
} from "@peerscope/schema/api";
import { includesRole, type Principal } from "../../access/principal.ts";
import { projectOfPath } from "../../access/route-access.ts";
import { parseBody } from "../../access/routes/parse-body.ts";
import { RequestError } from "../../errors.ts";
import type { SavedView } from "../settings.ts";
import type { SettingsRoutesOptions } from "./settings-routes.ts";

const viewer = { config: { access: { kind: "project", role: "viewer", projectIn: projectOfPath } } } as const;
const bodyLimit = 16 << 10;

interface ProjectParams {
  Params: { projectId: string };
}
interface ViewParams {
  Params: { projectId: string; viewId: string };
}

/** Filters with a name. A private one does not exist for anybody but who made it. */
export function addViewRoutes(app: FastifyInstance, options: SettingsRoutesOptions): void {
  const { settings, audit, now } = options;

  app.get<ProjectParams>(
    "/api/projects/:projectId/views",
    viewer,
    async ({ principal, params }): Promise<SavedViewList> => {
      const views = await settings.savedViews(params.projectId);
      return {
        views: views.flatMap((view) => (mayRead(view, principal) ? [toAnswer(view, principal)] : [])),
      };
    },
  );

  app.post<ProjectParams>(
    "/api/projects/:projectId/views",
    { ...viewer, bodyLimit },
    async ({ principal, params, body }, reply) => {
      const asked = parseBody(savedViewCreationSchema, body);
      const { projectId } = params;
      if (asked.shared) demandAnalyst(principal, projectId);
      const viewId = `v_${randomBytes(12).toString("hex")}`;
      const view: SavedView = { viewId, projectId, ...asked, createdBy: principal.id, createdAt: now() };
      await settings.saveView(view);
      await write(principal, view, "view-created");
      return reply.code(201).send(toAnswer(view, principal));
    },
  );

  app.patch<ViewParams>(
    "/api/projects/:projectId/views/:viewId",
    { ...viewer, bodyLimit },
    async ({ principal, params, body }): Promise<SavedViewAnswer> => {
      const change = parseBody(savedViewChangeSchema, body);
      const before = await ownView(params, principal);
      const view: SavedView = {
        ...before,
        name: change.name ?? before.name,
        url: change.url ?? before.url,
        shared: change.shared ?? before.shared,
      };
      if (view.shared) demandAnalyst(principal, params.projectId);
      await settings.saveView(view);
      await write(principal, view, "view-changed");
      return toAnswer(view, principal);
    },
  );

  app.delete<ViewParams>(
    "/api/projects/:projectId/views/:viewId",
    viewer,
    async ({ principal, params }, reply) => {
      const view = await ownView(params, principal);
      await settings.deleteView(view.viewId);
      await write(principal, view, "view-deleted");
      return reply.code(204).send();
    },
  );

  /** One that the asker may change: their own, and as a project admin every shared one. */
  async function ownView(
    { projectId, viewId }: ViewParams["Params"],
    principal: Principal,
  ): Promise<SavedView> {
    const view = (await settings.savedViews(projectId)).find((saved) => saved.viewId === viewId);
    if (view === undefined || !mayRead(view, principal)) throw new RequestError("view-unknown");
    if (view.createdBy !== principal.id && !includesRole(principal.roleIn(projectId), "admin"))
      throw new RequestError("role-missing", "The view is somebody else's.");
    return view;
  }

  /** What only its owner sees is nobody's business in the audit log either. */
  async function write(principal: Principal, view: SavedView, action: string): Promise<void> {
    if (!view.shared) return;
    const { projectId, viewId, name } = view;
    await audit(principal, { action, projectId, subject: viewId, details: { name } });
  }
}

function mayRead(view: SavedView, principal: Principal): boolean {
  return view.shared || view.createdBy === principal.id;
}

function demandAnalyst(principal: Principal, projectId: string): void {
  if (!includesRole(principal.roleIn(projectId), "analyst"))
    throw new RequestError("role-missing", "Sharing a view takes the role analyst.");
}

function toAnswer(view: SavedView, principal: Principal): SavedViewAnswer {
  const { viewId, name, url, shared, createdAt } = view;
  return { viewId, name, url, shared, createdAt, own: view.createdBy === principal.id };
}
