import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import type { Role } from "../access/principal.ts";
import type { ProjectOfRequest, RouteAccess } from "../access/route-access.ts";
import { RequestError, type HttpErrorCode } from "../errors.ts";

export function ofProject(role: Role, projectIn: ProjectOfRequest, unknown?: HttpErrorCode): RouteAccess {
  return { kind: "project", role, projectIn, ...(unknown === undefined ? {} : { unknown }) };
}

/** The project that the route was opened for. */
export async function projectOf(projectIn: ProjectOfRequest, request: FastifyRequest): Promise<string> {
  const projectId = await projectIn(request);
  if (projectId === null) throw new RequestError("project-unknown");
  return projectId;
}

/** @throws RequestError `query-invalid` */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RequestError("query-invalid", `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
}
