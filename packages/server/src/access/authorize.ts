import type { FastifyInstance, FastifyRequest } from "fastify";
import { RequestError } from "../errors.ts";
import { includesRole, type Principal } from "./principal.ts";
import type { RouteAccess } from "./route-access.ts";

export interface AuthorizationOptions {
  /** Who asks; null for somebody unknown. Throws what is wrong with what they showed. */
  readonly principalOf: (request: FastifyRequest) => Promise<Principal | null>;
  readonly hasProject: (projectId: string) => boolean;
}

/** Lets a request reach its handler only when the route's access allows it. The body is not read before. */
export function addAuthorization(app: FastifyInstance, options: AuthorizationOptions): void {
  app.addHook("onRequest", async (request, reply) => {
    // What matches no route has nothing to protect; routes without access cannot be registered.
    const { access } = request.routeOptions.config;
    if (request.is404 || access === undefined || access.kind === "public") return;
    // What one may see, nobody else finds in a cache. A route that knows better says so.
    void reply.header("cache-control", "no-store");
    const principal = await options.principalOf(request);
    if (principal === null) throw new RequestError("login-needed");
    request.principal = principal;
    await demand(access, request);
  });

  async function demand(access: RouteAccess, request: FastifyRequest): Promise<void> {
    const { principal } = request;
    if (access.kind === "server-admin" && !principal.isServerAdmin) throw new RequestError("role-missing");
    if (access.kind !== "project") return;
    const projectId = await access.projectIn(request);
    const role = projectId !== null && options.hasProject(projectId) ? principal.roleIn(projectId) : null;
    if (role === null) throw new RequestError(access.unknown ?? "project-unknown");
    if (!includesRole(role, access.role))
      throw new RequestError("role-missing", `It takes the role ${access.role}.`);
  }
}
