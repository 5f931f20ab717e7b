import type { FastifyInstance, FastifyRequest } from "fastify";
import type { HttpErrorCode } from "../errors.ts";
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
  | {
      readonly kind: "project";
      readonly role: Role;
      readonly projectIn: ProjectOfRequest;
      /**
       * The answer when the project is none of their business: the same as for what does not exist. `project-unknown`
       * when the request names a project; routes of sessions say `session-unknown`.
       */
      readonly unknown?: HttpErrorCode;
    }
  /** Somebody who administers the whole server. */
  | {
      readonly kind: "server-admin";
      /** A program that sends it as its bearer token may too. It is nobody: the handler must not ask for the principal. */
      readonly orToken?: string | null;
    };

/** Called when `request.principal` is known. May throw the RequestError of something that does not exist. */
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

/** A route as it was registered. */
export interface DeclaredRoute {
  readonly method: string;
  readonly url: string;
  readonly access: RouteAccess;
}

/**
 * Refuses, at the start of the server, routes that do not say who may use them. Call it before any route is added.
 * @returns the routes; grows while they are added.
 */
export function demandRouteAccess(app: FastifyInstance): readonly DeclaredRoute[] {
  const routes: DeclaredRoute[] = [];
  app.addHook("onRoute", ({ method, url, config }) => {
    const access = config?.access;
    if (access === undefined) throw new Error(`route-access-missing: ${String(method)} ${url}`);
    routes.push(...[method].flat().map((one) => ({ method: one, url, access })));
  });
  return routes;
}

/** `projectIn` of routes below /api/projects/:projectId. */
export const projectOfPath: ProjectOfRequest = ({ params }) => textIn(params, "projectId");

/** `projectIn` of routes that take `?project=`; without it, the first project that one may see. */
export function projectOfQuery(projects: () => readonly { readonly projectId: string }[]): ProjectOfRequest {
  return ({ query, principal }) => {
    if (typeof query === "object" && query !== null && "project" in query) return textIn(query, "project");
    return projects().find(({ projectId }) => principal.roleIn(projectId) !== null)?.projectId ?? null;
  };
}

function textIn(from: unknown, name: string): string | null {
  if (typeof from !== "object" || from === null) return null;
  const value: unknown = Reflect.get(from, name);
  return typeof value === "string" ? value : null;
}
