import type { FastifyInstance } from "fastify";
import { ExtensionError, parseThresholds } from "@peerscope/observer";
import type { JsonObject } from "@peerscope/schema";
import {
  projectChangeSchema,
  projectCreationSchema,
  projectDeletionSchema,
  type ProjectChange,
  type ProjectList,
  type ProjectView,
} from "@peerscope/schema/api";
import type { Principal, Role } from "../../access/principal.ts";
import { projectOfPath } from "../../access/route-access.ts";
import { parseBody } from "../../access/routes/parse-body.ts";
import { RequestError } from "../../errors.ts";
import { newProject, newPublicKey } from "../new-settings.ts";
import type { ProjectSettings } from "../settings.ts";
import type { SettingsRoutesOptions } from "./settings-routes.ts";

const signedIn = { config: { access: { kind: "signed-in" } } } as const;
const serverAdmin = { config: { access: { kind: "server-admin" } } } as const;
const viewer = { config: { access: { kind: "project", role: "viewer", projectIn: projectOfPath } } } as const;
const admin = { config: { access: { kind: "project", role: "admin", projectIn: projectOfPath } } } as const;
/** Thresholds are the largest thing in a body. */
const bodyLimit = 256 << 10;

interface ProjectParams {
  Params: { projectId: string };
}

/** Projects and what they set. */
export function addProjectRoutes(app: FastifyInstance, options: SettingsRoutesOptions): void {
  const { settings, audit, now, countSessions } = options;

  app.get("/api/projects", signedIn, ({ principal }): ProjectList => ({
    projects: settings.projects.flatMap((project) => toView(project, principal) ?? []),
  }));

  app.post("/api/projects", { ...serverAdmin, bodyLimit }, async ({ principal, body }, reply) => {
    const { projectId, name } = parseBody(projectCreationSchema, body);
    const project = newProject(projectId, name, now());
    await settings.createProject(project, newPublicKey(projectId, "First key", now()));
    await audit(principal, {
      action: "project-created",
      projectId,
      subject: projectId,
      details: { name },
    });
    return reply.code(201).send(viewOf(project, principal));
  });

  app.get<ProjectParams>("/api/projects/:projectId", viewer, ({ principal, params }): ProjectView => {
    const project = settings.project(params.projectId);
    if (project === null) throw new RequestError("project-unknown");
    return viewOf(project, principal);
  });

  app.patch<ProjectParams>(
    "/api/projects/:projectId",
    { ...admin, bodyLimit },
    async ({ principal, params, body }): Promise<ProjectView> => {
      const { projectId } = params;
      const change = parseBody(projectChangeSchema, body);
      if (change.thresholds !== undefined) demandThresholds(change.thresholds);
      const project = await settings.changeProject(projectId, (before) => changed(before, change));
      await audit(principal, {
        action: "project-changed",
        projectId,
        subject: projectId,
        details: flat(change),
      });
      return viewOf(project, principal);
    },
  );

  app.delete<ProjectParams>(
    "/api/projects/:projectId",
    { ...serverAdmin, bodyLimit },
    async ({ principal, params, body }, reply) => {
      const { projectId } = params;
      const { projectId: repeated } = parseBody(projectDeletionSchema, body);
      if (settings.project(projectId) === null) throw new RequestError("project-unknown");
      if (repeated !== projectId)
        throw new RequestError("query-invalid", "projectId: must be the id of the project.");
      // The id can be given out again, and what belongs to it must not come with it.
      const sessions = await countSessions(projectId);
      if (sessions > 0) throw new RequestError("project-not-empty", `It has ${sessions}.`);
      await settings.deleteProject(projectId);
      await audit(principal, { action: "project-deleted", projectId, subject: projectId });
      return reply.code(204).send();
    },
  );
}

function changed(project: ProjectSettings, change: ProjectChange): ProjectSettings {
  return {
    ...project,
    name: change.name ?? project.name,
    retention: { ...project.retention, ...given(change.retention) },
    privacy: { ...project.privacy, ...given(change.privacy) },
    limits: { ...project.limits, ...given(change.limits) },
    thresholds: change.thresholds ?? project.thresholds,
  };
}

type Given<Members> = { [Name in keyof Members]?: Exclude<Members[Name], undefined> };

/** Without members that are there but undefined. */
function given<Members extends object>(members: Members | undefined): Given<Members> {
  const named = Object.entries(members ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(named) as Given<Members>;
}

/** @throws RequestError `thresholds-invalid` with key and nearest. */
function demandThresholds(thresholds: JsonObject): void {
  try {
    parseThresholds(thresholds);
  } catch (error) {
    if (error instanceof ExtensionError) throw new RequestError("thresholds-invalid", error.message);
    throw error;
  }
}

/** What was asked for, for the audit log: `privacy.userIds: "hash"`. */
function flat({ thresholds, ...change }: ProjectChange): Record<string, string | number | null> {
  const details: Record<string, string | number | null> = {};
  for (const [name, value] of Object.entries(change)) {
    if (typeof value === "string") details[name] = value;
    else if (value !== undefined) {
      for (const [member, wanted] of Object.entries(value)) details[`${name}.${member}`] = wanted;
    }
  }
  if (thresholds !== undefined) details["thresholds"] = Object.keys(thresholds).join(" ");
  return details;
}

function toView(project: ProjectSettings, principal: Principal): ProjectView | null {
  const role = principal.roleIn(project.projectId);
  return role === null ? null : shown(project, role);
}

/** For whom the route let in: a server admin without a role is one here too. */
function viewOf(project: ProjectSettings, principal: Principal): ProjectView {
  return toView(project, principal) ?? shown(project, "admin");
}

/** Member by member: what is not named, such as the salt, does not leave. */
function shown(project: ProjectSettings, role: Role): ProjectView {
  const { projectId, name, retention, privacy, limits, thresholds, createdAt } = project;
  return {
    projectId,
    name,
    retention: { ...retention },
    privacy: { ...privacy },
    limits: { ...limits },
    thresholds: structuredClone(thresholds) as ProjectView["thresholds"],
    createdAt,
    role,
  };
}
