import { timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { RequestError } from "../errors.ts";
import { includesRole, type Principal } from "./principal.ts";
import type { RouteAccess } from "./route-access.ts";
import { hashOfSecret } from "./secrets.ts";

export interface AuthorizationOptions {
  /** Who asks; null for somebody unknown. Throws what is wrong with what they showed. */
  readonly principalOf: (request: FastifyRequest) => Promise<Principal | null>;
  readonly hasProject: (projectId: string) => boolean;
}

/**
 * Lets a request reach its handler only when the route's access allows it. The body is not read before.
 * @returns asks again whether a request would be let through: for answers that go on for hours. Throws RequestError.
 */
export function addAuthorization(
  app: FastifyInstance,
  options: AuthorizationOptions,
): (request: FastifyRequest) => Promise<void> {
  app.addHook("onRequest", async (request, reply) => {
    // What matches no route has nothing to protect; routes without access cannot be registered.
    const { access } = request.routeOptions.config;
    if (request.is404 || access === undefined || access.kind === "public") return;
    // What one may see, nobody else finds in a cache. A route that knows better says so.
    void reply.header("cache-control", "no-store");
    if (access.kind === "server-admin" && hasToken(request, access.orToken ?? null)) return;
    await authorize(request, access);
  });

  async function authorize(request: FastifyRequest, access: RouteAccess): Promise<void> {
    const principal = await options.principalOf(request);
    if (principal === null) throw new RequestError("login-needed");
    request.principal = principal;
    await demand(access, request);
  }

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

  return async (request) => {
    const { access } = request.routeOptions.config;
    if (access !== undefined && access.kind !== "public") await authorize(request, access);
  };
}

/** Takes as long whatever is sent. */
function hasToken({ headers }: FastifyRequest, token: string | null): boolean {
  const sent = /^bearer +(.*)$/i.exec(headers.authorization ?? "")?.[1];
  if (token === null || sent === undefined) return false;
  return timingSafeEqual(Buffer.from(hashOfSecret(sent)), Buffer.from(hashOfSecret(token)));
}
