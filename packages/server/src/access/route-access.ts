import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Principal, Role } from "./principal.ts";

/**
 * Who may use a route. Every route says it (`config: { access }`), and one that does not cannot be registered: a new
 * route is closed until somebody thought about it.
 */
export type RouteAccess =
  /** Anybody who reaches the server: health, login, static files, ingest (which has keys of its own). */
  | { readonly kind: "public" }
  /** Anybody who is known. The route itself shows only what is theirs. */
  | { readonly kind: "signed-in" }
  /** Somebody with the role in the project of the request: `projectIn` says which that is. Null: it does not exist. */
  | { readonly kind: "project"; readonly role: Role; readonly projectIn: ProjectOfRequest }
  /** Somebody who administers the whole server. */
  | { readonly kind: "server-admin" };

export type ProjectOfRequest = (request: FastifyRequest) => string | null | Promise<string | null>;

declare module "fastify" {
  interface FastifyContextConfig {
    access?: RouteAccess;
  }
  interface FastifyRequest {
    /** Set before the handler of every route that is not public. */
    principal: Principal;
  }
}

/** Refuses, at the start of the server, routes that do not say who may use them. Call it before any route is added. */
export function demandRouteAccess(app: FastifyInstance): void {
  app.addHook("onRoute", (route) => {
    if (route.config?.access === undefined)
      throw new Error(`route-access-missing: ${String(route.method)} ${route.url}`);
  });
}
